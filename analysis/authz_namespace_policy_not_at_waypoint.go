package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var authzNamespacePolicyNotAtWaypoint = Check{
	Code: "AUTHZ_NAMESPACE_POLICY_NOT_AT_WAYPOINT", Severity: Warning, Class: Risk,
	Subject: "AuthorizationPolicy",
	Title:   "A policy with HTTP rules was meant for the waypoint and never applies there",
	Explanation: "A waypoint enforces only policies with targetRefs. One without them, for a namespace or by selector, is ztunnel's matter, whatever it asks for. " +
		"Name the Service or the waypoint's Gateway in targetRefs.",
	Fires:  "A policy without targetRefs has HTTP fields, and a Service of its namespace is bound to a waypoint.",
	Silent: "AUTHZ_L7_DENIES_ALL or AUTHZ_L7_RULES_DROPPED reports it; only pods with a sidecar are in its reach; no waypoint is bound there.",
	Doubt:  "It may be meant for sidecars of the namespace.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies, mesh.ResourceServices, mesh.ResourceGateways, mesh.ResourcePods}, Uses: []string{mesh.ResourceNamespaces},
	ConsequenceOf: []string{"AUTHZ_DENY_NO_EFFECT", "AUTHZ_DENY_BROADER", "AUTHZ_ACTION_UNSUPPORTED"},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.Authorizations {
			if len(p.TargetRefs) > 0 || !hasHTTPFields(p) {
				continue
			}
			if dropped, _ := in.droppedRules(p); len(dropped) > 0 {
				continue
			}
			waypoint := in.waypointUsedIn(sh)
			if pods := in.reachOf(p.Namespace, p.Selector); !waypoint.IsZero() && len(pods.others) == 0 {
				out = append(out, meantForWaypoint(p, waypoint))
			}
		}
		return out
	},
}

// waypointUsedIn is the waypoint of the last Service of a namespace that has
// one; zero where none has.
func (in *Input) waypointUsedIn(sh *mesh.Shard) mesh.Ref {
	for _, svc := range slices.Backward(sh.Services) {
		if b := in.Snap.ServiceBinding(svc); b.Bound() {
			return b.Waypoint
		}
	}
	return mesh.Ref{}
}

func hasHTTPFields(p *mesh.AuthorizationPolicy) bool {
	for i := range p.Rules {
		if len(authz.HTTPFields(&p.Rules[i])) > 0 {
			return true
		}
	}
	return false
}

func meantForWaypoint(p *mesh.AuthorizationPolicy, waypoint mesh.Ref) Finding {
	f := Finding{Subject: p.Ref(), Affects: []mesh.Ref{waypoint}}
	f.Summary = fmt.Sprintf("%s asks for HTTP and never applies at waypoint %s: it has no targetRefs.", p.Ref(), waypoint.NamespacedName())
	f.Detail = "Only ztunnel may be sent it, which sees no HTTP."
	f.Evidence = []Evidence{fieldEvidence(p.Ref(), "spec.targetRefs", "absent")}
	for i := range p.Rules {
		if fields := authz.HTTPFields(&p.Rules[i]); len(fields) > 0 {
			f.Evidence = append(f.Evidence, fieldEvidence(p.Ref(), indexed("spec.rules", i+1), listWords(fields)))
		}
	}
	f.Evidence = shorten(f.Evidence)
	f.Fix = byTarget(p, "it refuses and admits from then on what it says.")
	return f
}
