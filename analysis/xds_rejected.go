package analysis

import (
	"github.com/waylight/waylight/mesh"
)

var xdsRejected = Check{
	Code: "XDS_REJECTED", Severity: Error, Class: Unprotected,
	Subject:     "Pod of the proxy",
	Title:       "A proxy refused the configuration it was sent",
	Explanation: "The proxy could not use what istiod sent and keeps what it had before. What was declared since is not in effect there. The text says what it did not accept: often an EnvoyFilter, or a field that this release of the proxy does not know.",
	Fires:       "debug/syncz of istiod has a lastError for one of the proxy's types.",
	Silent:      "The proxy's pod is gone, or of another cluster.",
	Doubt:       "The error may be of a configuration that was mended since.",
	Needs:       []string{mesh.ResourcePods, readIstiods},
	Mesh:        judgeRejected,
}

func judgeRejected(in *Input) []Finding {
	var out []Finding
	for _, c := range in.connectedPods() {
		f := Finding{Subject: c.Proxy}
		for _, t := range c.Types {
			if t.LastError != "" {
				f.Evidence = append(f.Evidence, c.typeEvidence(t, "lastError", t.LastError))
			}
		}
		if len(f.Evidence) == 0 {
			continue
		}
		f.Affects = in.dependsOn(c.pod)
		f.Summary = whichProxy(c.pod) + " refused the configuration istiod sent it."
		f.Detail = "It goes on with what it had before: routes, policies and endpoints that changed since are not in effect there."
		f.Fix = advise("Find the object the error speaks of and mend it; a proxy older than istiod may have to be upgraded instead. The next push is tried by itself.").logsOf(in, c.Proxy)
		out = append(out, f)
	}
	return out
}
