package analysis

import (
	"fmt"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var authzDenyBroader = Check{
	Code: "AUTHZ_DENY_BROADER", Severity: Error, Class: Breaks, Manifests: OnSomeManifests,
	Subject: "AuthorizationPolicy",
	Title:   "A DENY policy denies more than is written",
	Explanation: "ztunnel cannot see HTTP, so istiod cuts the HTTP fields out of a DENY. Where something is left of the source, operation or condition, the rest denies without them: ports with methods becomes all methods on those ports. " +
		"Attach the policy by targetRefs, so that a waypoint enforces it as it is written.",
	Fires:  "A DENY without targetRefs applies to a captured pod, and one of its rules lost HTTP fields and still matches.",
	Silent: "No field was cut; what is left never matches, which is AUTHZ_DENY_NO_EFFECT; no captured pod is in its reach.",
	Doubt:  "Computed from the policy's spec as istiod converts it.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies, mesh.ResourcePods}, Uses: []string{mesh.ResourceServices, mesh.ResourceNamespaces},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.Authorizations {
			if p.Action != authz.ActionDeny || len(p.TargetRefs) > 0 {
				continue
			}
			var wider []authz.Cut
			for _, c := range authz.Cuts(p) {
				if c.Wider {
					wider = append(wider, c)
				}
			}
			if len(wider) == 0 {
				continue
			}
			if pods := in.reachOf(p.Namespace, p.Selector).captured; len(pods) > 0 {
				out = append(out, deniesMore(in, p, wider, pods))
			}
		}
		return out
	},
}

func deniesMore(in *Input, p *mesh.AuthorizationPolicy, wider []authz.Cut, pods []*mesh.Workload) Finding {
	f := Finding{Subject: p.Ref(), Affects: in.ownersAndServices(pods), Evidence: cutEvidence(p, wider)}
	f.Summary = fmt.Sprintf("%s denies more at ztunnel than is written: %s of rule %d is cut.", p.Ref(), listWords(wider[0].Fields), wider[0].Rule)
	f.Detail = fmt.Sprintf("What is left of the rule refuses calls to %s whatever their HTTP request is.", countPods(len(pods)))
	for _, a := range in.shared.ztunnels().Before(pods[0]).Attached {
		if a.Policy == p {
			f.Evidence = append(f.Evidence, fieldEvidence(p.Ref(), "effect at ztunnel", in.shared.ztunnels().Before(pods[0]).Effect(a)))
		}
	}
	f.Fix = byTarget(p, "only what is written is refused there. Calls that pass no waypoint are then not refused at all.")
	return f
}
