package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var authzTargetNotFound = Check{
	Code: "AUTHZ_TARGET_NOT_FOUND", Severity: Error, Class: Unprotected, Manifests: OnAllManifests,
	Subject: "AuthorizationPolicy",
	Title:   "A policy targets something that does not exist",
	Explanation: "targetRefs name objects of the policy's own namespace (a GatewayClass has none). Where there is no such object the policy is enforced nowhere for it: what it forbids passes. " +
		"The policy's condition says so only where none of several targets was found.",
	Fires:  "A targetRef names a Service, ServiceEntry, Gateway or GatewayClass that does not exist.",
	Silent: "That kind of object is not readable there; the policy is younger than a minute.",
	Doubt:  "The target may be about to be created.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies}, Uses: []string{mesh.ResourceServices, mesh.ResourceServiceEntries, mesh.ResourceGateways, mesh.ResourceGatewayClasses},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.Authorizations {
			if in.Now.Sub(p.ChangedAt()) < settlingTime {
				continue
			}
			var missing []mesh.Ref
			for _, t := range p.TargetRefs {
				if in.missingTarget(t) {
					missing = append(missing, t.Ref())
				}
			}
			if len(missing) > 0 {
				f := targetNotFound(p, missing)
				f.CausedBy = in.missedByLabel(sh, missing)
				out = append(out, f)
			}
		}
		return out
	},
}

// missedByLabel is the finding about a use-waypoint label that names the same
// Gateway, where that is all that is missing.
func (in *Input) missedByLabel(sh *mesh.Shard, missing []mesh.Ref) *Cause {
	if len(missing) != 1 || missing[0].Kind != "Gateway" {
		return nil
	}
	for _, a := range in.askers(sh, mesh.BindingNotFound) {
		if a.Binding.Waypoint == missing[0] {
			return &Cause{Code: waypointNotFound.Code, Subject: a.Subject}
		}
	}
	return nil
}

// targetResources are the kinds a policy can target.
var targetResources = map[string]string{
	"Service": mesh.ResourceServices, "ServiceEntry": mesh.ResourceServiceEntries, "Gateway": mesh.ResourceGateways, "GatewayClass": mesh.ResourceGatewayClasses,
}

// missingTarget tells that a target is known not to exist.
func (in *Input) missingTarget(t mesh.TargetRef) bool {
	resource, ok := targetResources[t.Kind]
	if !ok {
		return false
	}
	r := t.Ref()
	if !in.Snap.Readable(resource, r.Namespace) {
		in.miss(resource, r.Namespace)
		return false
	}
	return in.Snap.Lookup(r) == nil
}

func targetNotFound(p *mesh.AuthorizationPolicy, missing []mesh.Ref) Finding {
	f := Finding{Subject: p.Ref()}
	f.Summary = fmt.Sprintf("%s targets %s, which does not exist.", p.Ref(), missing[0])
	f.Detail = "It is enforced nowhere for that target: what it forbids passes, and what it admits is not limited to it."
	if len(missing) < len(p.TargetRefs) {
		f.Detail = fmt.Sprintf("%d of its %d targets do not exist. For the others it is enforced.", len(missing), len(p.TargetRefs))
	}
	for _, r := range missing {
		f.Evidence = append(f.Evidence, fieldEvidence(p.Ref(), "spec.targetRefs", r.String()))
	}
	f.Evidence = append(f.Evidence, acceptedEvidence(p)...)
	resource := targetResources[missing[0].Kind]
	f.Fix = advise("Correct the name, or make what it names. The policy is enforced from then on, and may refuse what passes now.").get(p.Ref())
	if missing[0].Namespace == "" {
		f.Fix = f.Fix.read("get", resource)
		return f
	}
	f.Fix = f.Fix.read("-n", p.Namespace, "get", resource)
	return f
}

// acceptedEvidence is what istiod wrote about the waypoint side of a policy.
func acceptedEvidence(p *mesh.AuthorizationPolicy) []Evidence {
	if c := p.Conditions.Find(mesh.ConditionWaypointAccepted); c != nil {
		return []Evidence{conditionEvidence(p.Ref(), c)}
	}
	return nil
}
