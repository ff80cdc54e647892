package analysis

import (
	"cmp"
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var authzTargetNotBound = Check{
	Code: "AUTHZ_TARGET_NOT_BOUND", Severity: Critical, Class: Unprotected, Manifests: OnAllManifests,
	Subject: "AuthorizationPolicy",
	Title:   "A policy is enforced nowhere",
	Explanation: "A policy with targetRefs is enforced by the waypoint of its target and by nobody else. Where no waypoint serves the Service, or calls to it pass none because it has no virtual address, or the Gateway has no address, nothing enforces the policy: calls pass (fail-open). " +
		"istiod's condition may say bound all the same.",
	Fires:  "A targetRef's Service or ServiceEntry exists and no usable waypoint serves it, or it is headless or an ExternalName; or the Gateway it names has no address.",
	Silent: "A waypoint is bound; whether one is could not be read; the target does not exist, which is another finding; dry runs.",
	Doubt:  "A Gateway of another maker may enforce it in its own way.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies, mesh.ResourceGateways},
	Uses:   []string{mesh.ResourceServices, mesh.ResourceServiceEntries, mesh.ResourceNamespaces},
	ConsequenceOf: []string{
		"GATEWAY_API_CRDS_MISSING", "WAYPOINT_NOT_FOUND", "WAYPOINT_NO_CONTROLLER", "WAYPOINT_NOT_PROGRAMMED", "WAYPOINT_ATTACHMENT_DENIED", "WAYPOINT_TRAFFIC_TYPE_MISMATCH", "WAYPOINT_BYPASSED_POD_ADDRESSED",
	},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.Authorizations {
			if f, ok := in.enforcedNowhere(p); ok && !p.DryRun() {
				out = append(out, f)
			}
		}
		return out
	},
}

func (in *Input) enforcedNowhere(p *mesh.AuthorizationPolicy) (Finding, bool) {
	f := Finding{Subject: p.Ref()}
	bound := 0
	for _, t := range p.TargetRefs {
		why, known := in.unenforced(t)
		switch {
		case !known:
		case why == "":
			bound++
		default:
			f.Affects = append(f.Affects, t.Ref())
			f.Evidence = append(f.Evidence, fieldEvidence(t.Ref(), "waypoint", why))
		}
	}
	if len(f.Affects) == 0 {
		return f, false
	}
	f.Summary = fmt.Sprintf("%s is enforced nowhere for %s: %s", p.Ref(), f.Affects[0], f.Evidence[0].Text)
	f.Detail = "Calls pass as if the policy were not there (fail-open), unless policies at ztunnel refuse them."
	if bound > 0 {
		f.Detail += fmt.Sprintf(" For %d of its %d targets it is enforced.", bound, len(p.TargetRefs))
	}
	f.Evidence = append(f.Evidence, fieldEvidence(p.Ref(), "spec.targetRefs", names(f.Affects)))
	f.Evidence = append(f.Evidence, acceptedEvidence(p)...)
	f.Fix = advise("Bind the target to a waypoint: the policy is enforced from then on, and may refuse what passes now. Or write the part of it that needs no HTTP without targetRefs, which ztunnel enforces.").
		get(p.Ref()).
		read("-n", in.waypointNamespace(f.Affects[0]), "get", mesh.ResourceGateways)
	return f, true
}

// waypointNamespace is where the Gateway that a target asks for would be: that
// of the target itself where it asks for none.
func (in *Input) waypointNamespace(target mesh.Ref) string {
	if target.Kind == "Gateway" {
		return target.Namespace
	}
	return cmp.Or(in.bindingOf(target).Waypoint.Namespace, target.Namespace)
}

// unenforced says why no waypoint enforces a policy for a target; empty where
// one does. Not known: something was not readable, or the target is not there.
func (in *Input) unenforced(t mesh.TargetRef) (why string, known bool) {
	switch o := in.Snap.Lookup(t.Ref()).(type) {
	case *mesh.Service:
		switch b := in.Snap.ServiceBinding(o); {
		case o.Type == "ExternalName":
			return "an ExternalName is no Service the mesh knows.", true
		case o.Headless():
			return "it is headless, so calls go to its pods and pass no waypoint.", true
		default:
			return unboundReason(b)
		}
	case *mesh.ServiceEntry:
		return unboundReason(in.Snap.ServiceEntryBinding(o))
	case *mesh.Gateway:
		if len(o.Addresses) == 0 {
			return "the Gateway has no address, so nothing is sent through it.", true
		}
		return "", true
	}
	return "", false
}

func unboundReason(b mesh.Binding) (why string, known bool) {
	if b.Bound() {
		return "", true
	}
	return b.Reason, b.State != mesh.BindingUnknown
}
