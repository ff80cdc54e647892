package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var authzL7RulesDropped = Check{
	Code: "AUTHZ_L7_RULES_DROPPED", Severity: Error, Class: Breaks, Manifests: OnSomeManifests,
	Subject: "AuthorizationPolicy",
	Title:   "Some rules of an ALLOW policy are dropped",
	Explanation: "ztunnel cannot see HTTP, so istiod leaves out the rules of an ALLOW that ask for it. The others stay: what only the dropped rules would admit is refused. " +
		"Put the rules with HTTP into a policy with targetRefs, which a waypoint enforces.",
	Fires:  "An ALLOW without targetRefs applies to a captured pod, and some of its rules use HTTP fields while others do not.",
	Silent: "No rule uses HTTP fields; all do, which is AUTHZ_L7_DENIES_ALL; no captured pod is in its reach.",
	Doubt:  "Computed from the policy's spec as istiod converts it.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies, mesh.ResourcePods}, Uses: []string{mesh.ResourceServices, mesh.ResourceNamespaces},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.Authorizations {
			cuts, pods := in.droppedRules(p)
			if len(cuts) == 0 || len(cuts) == len(p.Rules) {
				continue
			}
			f := Finding{Subject: p.Ref(), Affects: in.ownersAndServices(pods), Evidence: cutEvidence(p, cuts)}
			f.Summary = fmt.Sprintf("%d of %d rules of %s are dropped at ztunnel, because they ask for HTTP.", len(cuts), len(p.Rules), p.Ref())
			f.Detail = "What only those rules would admit is refused by the ztunnel before the pods."
			f.Fix = byTarget(p, "calls are judged by HTTP there. Keep the other rules in a policy without targetRefs, or ztunnel admits everybody again.")
			out = append(out, f)
		}
		return out
	},
}
