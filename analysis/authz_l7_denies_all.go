package analysis

import (
	"fmt"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var authzL7DeniesAll = Check{
	Code: "AUTHZ_L7_DENIES_ALL", Severity: Critical, Class: Breaks, Manifests: OnSomeManifests,
	Subject: "AuthorizationPolicy",
	Title:   "An ALLOW policy with HTTP rules denies everything",
	Explanation: "A policy without targetRefs is enforced by ztunnel, which cannot see HTTP. istiod drops every rule of an ALLOW that asks for HTTP; where none is left the policy still counts as an ALLOW that admits nobody, so every call to the pods it selects is refused. " +
		"Attach it to the Service by targetRefs, and let the pods admit the waypoint.",
	Fires:  "An ALLOW without targetRefs whose rules all use HTTP fields applies to a captured pod. A warning where another ALLOW policy there admits callers.",
	Silent: "One rule has no HTTP field; the policy has no rules, which means to deny; no captured pod is in its reach (sidecars and gateways enforce it whole).",
	Doubt:  "Computed from the policy's spec as istiod converts it.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies, mesh.ResourcePods}, Uses: []string{mesh.ResourceServices, mesh.ResourceNamespaces},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.Authorizations {
			cuts, pods := in.droppedRules(p)
			if len(cuts) == 0 || len(cuts) < len(p.Rules) {
				continue
			}
			out = append(out, deniesAll(in, p, cuts, pods))
		}
		return out
	},
}

// droppedRules are the rules of an ALLOW that ztunnel is not sent, and the
// captured pods that are concerned; nothing where there are none of either.
func (in *Input) droppedRules(p *mesh.AuthorizationPolicy) ([]authz.Cut, []*mesh.Workload) {
	if p.Action == authz.ActionDeny || len(p.TargetRefs) > 0 {
		return nil, nil
	}
	var dropped []authz.Cut
	for _, c := range authz.Cuts(p) {
		if c.Dropped {
			dropped = append(dropped, c)
		}
	}
	if len(dropped) == 0 {
		return nil, nil
	}
	pods := in.reachOf(p.Namespace, p.Selector).captured
	if len(pods) == 0 {
		return nil, nil
	}
	return dropped, pods
}

func deniesAll(in *Input, p *mesh.AuthorizationPolicy, cuts []authz.Cut, pods []*mesh.Workload) Finding {
	f := Finding{Subject: p.Ref(), Affects: in.ownersAndServices(pods), Evidence: cutEvidence(p, cuts)}
	f.Summary = fmt.Sprintf("%s admits nobody at ztunnel: all its rules ask for HTTP.", p.Ref())
	f.Detail = fmt.Sprintf("Its rules are dropped and it still counts as an ALLOW: every call to %s is cut by the ztunnel before the pods.", countPods(len(pods)))
	if !in.alone(p, pods) {
		f.Severity, f.Class = Warning, Risk
		f.Detail = "Its rules are dropped. Other ALLOW policies admit callers there, whom this one was to admit by HTTP as well."
	}
	f.Fix = byTarget(p, "calls are judged by HTTP again. Let the pods admit the waypoint's identity by another policy, or calls through it are still refused.")
	return f
}
