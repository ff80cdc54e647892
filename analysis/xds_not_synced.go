package analysis

import (
	"fmt"
	"time"

	"github.com/waylight/waylight/mesh"
)

// ackTime is how long a proxy may take to acknowledge.
const ackTime = 30 * time.Second

var xdsNotSynced = Check{
	Code: "XDS_NOT_SYNCED", Severity: Warning, Class: Risk,
	Subject:     "Pod of the proxy",
	Title:       "A proxy has not taken what it was sent",
	Explanation: "istiod sent the proxy something new, and the proxy has not acknowledged it. Either it is too busy, or the connection is stuck. Until then it works by what it had before.",
	Fires:       "In debug/syncz of istiod what was sent and what was acknowledged of a type differ, and the sending was more than 30 s before istiod was asked.",
	Silent:      "The proxy refused it (XDS_REJECTED); nothing was sent; istiod does not tell when; the pod is gone, or of another cluster.",
	Doubt:       "A very large mesh can take longer.",
	Needs:       []string{mesh.ResourcePods, readIstiods},
	Mesh:        judgeNotSynced,
}

func judgeNotSynced(in *Input) []Finding {
	var out []Finding
	for _, c := range in.connectedPods() {
		f := Finding{Subject: c.Proxy}
		for _, t := range c.Types {
			if late(t, c.At) {
				f.Evidence = append(f.Evidence, c.typeEvidence(t, "sentTime", fmt.Sprintf("%s, not acknowledged after %s", timeText(t.SentAt), c.At.Sub(t.SentAt).Round(time.Second))))
			}
		}
		if len(f.Evidence) == 0 {
			continue
		}
		f.Affects = in.dependsOn(c.pod)
		f.Summary = whichProxy(c.pod) + " has not taken what istiod sent it."
		f.Detail = "It works by what it had before: what changed since is not in effect there."
		f.Fix = advise("Look at the proxy's use of CPU and its log. A restart makes it read everything anew; it cuts the connections that go through it.").logsOf(in, c.Proxy)
		out = append(out, f)
	}
	return out
}

func late(t mesh.TypeSync, at time.Time) bool {
	return t.Sent != "" && t.Sent != t.Acked && t.LastError == "" && !t.SentAt.IsZero() && at.Sub(t.SentAt) > ackTime
}
