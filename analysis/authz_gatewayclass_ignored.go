package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var authzGatewayclassIgnored = Check{
	Code: "AUTHZ_GATEWAYCLASS_IGNORED", Severity: Error, Class: Unprotected, Manifests: OnAllManifests,
	Subject: "AuthorizationPolicy",
	Title:   "A policy for a GatewayClass is not attached",
	Explanation: "Only a policy in the root namespace can target a GatewayClass, and only the class by the name istio-waypoint. For a class of another name istiod writes that it is accepted, and attaches it to nothing: calls pass. " +
		"Name istio-waypoint, or each Gateway in its own namespace.",
	Fires:  "A targetRef of kind GatewayClass names another class than istio-waypoint, or the policy is not in the root namespace.",
	Silent: "GatewayClass istio-waypoint, in the root namespace.",
	Doubt:  "Classes of other makers may be served by their own controllers.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies}, Uses: []string{mesh.ResourceConfigMaps},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.Authorizations {
			for _, t := range p.TargetRefs {
				if why := in.ignoredClass(p, t); why != "" {
					out = append(out, classIgnored(p, t, why))
					break
				}
			}
		}
		return out
	},
}

func (in *Input) ignoredClass(p *mesh.AuthorizationPolicy, t mesh.TargetRef) string {
	root := in.Snap.RootNamespace()
	switch {
	case t.Kind != "GatewayClass":
		return ""
	case p.Namespace != root:
		return "only a policy in the root namespace " + root + " can target a GatewayClass"
	case t.Name != mesh.ClassWaypoint:
		return "only the class " + mesh.ClassWaypoint + " is attached, whatever the condition says"
	}
	return ""
}

func classIgnored(p *mesh.AuthorizationPolicy, t mesh.TargetRef, why string) Finding {
	f := Finding{Subject: p.Ref()}
	f.Summary = fmt.Sprintf("%s targets GatewayClass %s and is attached to nothing: %s.", p.Ref(), t.Name, why)
	f.Detail = "Calls pass as if the policy were not there (fail-open)."
	f.Evidence = append([]Evidence{fieldEvidence(p.Ref(), "spec.targetRefs", "GatewayClass "+t.Name), fieldEvidence(p.Ref(), "metadata.namespace", p.Namespace)}, acceptedEvidence(p)...)
	f.Fix = advise("Put it into the root namespace and target istio-waypoint, which reaches every waypoint of that class, or target each Gateway in its own namespace. It is enforced from then on, and may refuse what passes now.").get(p.Ref())
	return f
}
