package analysis

import (
	"fmt"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var authzActionUnsupported = Check{
	Code: "AUTHZ_ACTION_UNSUPPORTED", Severity: Error, Class: Unprotected, Manifests: OnSomeManifests,
	Subject: "AuthorizationPolicy",
	Title:   "A CUSTOM or AUDIT policy is not sent to ztunnel",
	Explanation: "ztunnel knows ALLOW and DENY. A policy with action CUSTOM or AUDIT and without targetRefs is not sent to it at all: no external authorizer is asked, nothing is marked for audit, and calls pass. " +
		"Attach it by targetRefs to a Service or Gateway, whose waypoint knows these actions.",
	Fires:  "A policy with action CUSTOM or AUDIT and without targetRefs has a captured pod in its reach.",
	Silent: "Only pods with a sidecar, or gateways, are in its reach; it has targetRefs.",
	Doubt:  "None: these actions do not exist in ztunnel.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies, mesh.ResourcePods}, Uses: []string{mesh.ResourceServices, mesh.ResourceNamespaces},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.Authorizations {
			if (p.Action != authz.ActionCustom && p.Action != authz.ActionAudit) || len(p.TargetRefs) > 0 {
				continue
			}
			pods := in.reachOf(p.Namespace, p.Selector).captured
			if len(pods) == 0 {
				continue
			}
			f := Finding{Subject: p.Ref(), Affects: in.ownersAndServices(pods)}
			f.Summary = fmt.Sprintf("%s (%s) does nothing for %s: ztunnel does not know the action.", p.Ref(), p.Action, countPods(len(pods)))
			f.Detail = "The policy is not sent to ztunnel, and calls pass as if it were not there (fail-open)."
			if p.Action == authz.ActionAudit {
				f.Class = Risk
				f.Detail = "The policy is not sent to ztunnel, and nothing is marked for audit."
			}
			f.Evidence = append([]Evidence{fieldEvidence(p.Ref(), "spec.action", p.Action)}, cutEvidence(p, nil)...)
			f.Fix = byTarget(p, "the authorizer is asked from then on, and refuses what it does not admit.")
			out = append(out, f)
		}
		return out
	},
}
