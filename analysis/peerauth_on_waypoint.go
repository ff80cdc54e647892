package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var peerauthOnWaypoint = Check{
	Code: "PEERAUTH_ON_WAYPOINT", Severity: Info, Class: Risk,
	Subject: "PeerAuthentication",
	Title:   "A PeerAuthentication selects only waypoint pods",
	Explanation: "A waypoint takes calls on port 15008 with mTLS and in no other way, so a PeerAuthentication for its pods changes nothing. " +
		"What callers of the pods behind must do is set by one that selects those pods, or for their namespace.",
	Fires:  "The selector of a PeerAuthentication matches pods, and all of them are a waypoint's.",
	Silent: "It matches other pods too, or none; it has no selector.",
	Doubt:  "Pods it is meant for may not be running.",
	Needs:  []string{mesh.ResourcePeerAuthentications, mesh.ResourcePods},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.PeerAuths {
			if !p.Selects() || sh.Namespace == in.Snap.RootNamespace() {
				continue
			}
			waypoints, others := 0, 0
			var first *mesh.Workload
			for _, w := range sh.Workloads {
				switch {
				case w.Finished() || !p.Selector.Matches(w.Labels):
				case w.IsWaypoint():
					waypoints++
					first = w
				default:
					others++
				}
			}
			if waypoints == 0 || others > 0 {
				continue
			}
			f := Finding{Subject: p.Ref(), Affects: []mesh.Ref{{Kind: "Gateway", Namespace: first.Namespace, Name: first.GatewayName()}}}
			f.Summary = fmt.Sprintf("%s selects only pods of waypoint %s, where it changes nothing.", p.Ref(), first.GatewayName())
			f.Detail = "A waypoint takes only mTLS on port 15008, whatever it says."
			f.Evidence = []Evidence{fieldEvidence(p.Ref(), "spec.selector", selectorWords(p.Selector)), fieldEvidence(first.Ref(), "metadata.labels["+mesh.LabelGatewayName+"]", first.GatewayName())}
			f.Fix = advise("Select the pods behind the waypoint if they are meant: ztunnel refuses plaintext to them under STRICT.").get(p.Ref())
			out = append(out, f)
		}
		return out
	},
}
