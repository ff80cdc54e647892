package analysis

import (
	"fmt"

	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
)

// countedTraffic as the need of a check is what proxies counted over a window,
// by Prometheus or by two readings of their counters. A check that needs it
// judges what was counted; the report says of which proxies nothing is known.
const countedTraffic = "counters/*"

// countersSource stands for counted traffic in a HeldBack where nobody counts.
const countersSource = "counters"

// unreadTraffic says whether traffic was counted, like unreadProxies. A mesh
// without proxies has none to count.
func (in *Input) unreadTraffic() (h HeldBack, none, some bool) {
	t := in.Snap.Traffic()
	p := in.shared.proxies()
	switch {
	case t == nil && p.asked[readZtunnels]+p.asked[readWaypoints] == 0:
		return HeldBack{}, false, false
	case t == nil:
		return HeldBack{Source: countersSource, State: mesh.SourceDown, Detail: "No traffic was counted: no Prometheus told, and the proxies' counters were not read twice, which a single look (waylight check) does with --watch-traffic only."}, true, true
	case len(t.Unread) > 0:
		first := t.Unread[0]
		detail := fmt.Sprintf("%s was not counted: %s", first.Proxy.NamespacedName(), first.Reason)
		if n := len(t.Unread); n > 1 {
			detail = fmt.Sprintf("%d proxies were not counted. Of %s: %s", n, first.Proxy.NamespacedName(), first.Reason)
		}
		return HeldBack{Source: countersSource, State: mesh.SourcePartial, Detail: detail}, false, true
	case t.Dropped > 0:
		return HeldBack{Source: countersSource, State: mesh.SourcePartial, Detail: fmt.Sprintf("%d series were too many to keep.", t.Dropped)}, false, true
	}
	return HeldBack{}, false, false
}

// counts is counted traffic in order, nil where there is none.
func (in *Input) counts() *traffic.Counts { return in.memory.counts }

// countedBy names who counted, as the source of evidence.
func countedBy(t *mesh.Traffic) string {
	if t.Source == mesh.TrafficFromPrometheus {
		return "prometheus"
	}
	return countersSource
}

// countedEvidence is a number with the window it is of.
func (in *Input) countedEvidence(object mesh.Ref, series, text string) Evidence {
	t := in.Snap.Traffic()
	return saidEvidence(countedBy(t), object, series, text+" in "+in.windowText(), t.At)
}

// windowText is the length of the window in words: "5m0s".
func (in *Input) windowText() string { return in.Snap.Traffic().Window.String() }
