package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var waypointWrongGateway = Check{
	Code: "WAYPOINT_WRONG_GATEWAY", Severity: Critical, Class: Breaks, Manifests: OnSomeManifests,
	Subject: "the labelled object: Namespace, Service, ServiceEntry, WorkloadEntry or Pod (the owner whose pod template has the label)",
	Title:   "A use-waypoint label names a Gateway that is no waypoint",
	Explanation: "istiod takes any Gateway with an address for a waypoint, also an ingress, and reports the binding as accepted. ztunnel then drops the endpoints it does not take for a waypoint's and refuses every call with \"unknown waypoint\" (fail-closed). " +
		"Name a Gateway of class istio-waypoint, which listens for HBONE on port 15008.",
	Fires:  "The label names a Gateway that istiod binds, whose class is no waypoint's and which has no listener with protocol HBONE on port 15008.",
	Silent: "The Gateway does not admit the namespace or has no address: then istiod does not bind it. Gateways of other makers that say by annotation how they are reached.",
	Doubt:  "Computed from the Gateway's class and listeners.",
	Needs:  []string{mesh.ResourceGateways},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceServices, mesh.ResourceServiceEntries, mesh.ResourceWorkloadEntries, mesh.ResourcePods},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, a := range in.askers(sh, mesh.BindingBound) {
			g := in.Snap.Gateway(a.Binding.Waypoint.Namespace, a.Binding.Waypoint.Name)
			if g != nil && g.Role() != mesh.RoleWaypoint && len(a.Affects) > 0 {
				out = append(out, wrongGateway(in, a, g))
			}
		}
		return out
	},
}

func wrongGateway(in *Input, a asker, g *mesh.Gateway) Finding {
	f := Finding{Subject: a.Subject, Affects: a.Affects}
	f.Summary = fmt.Sprintf("%s names Gateway %s, which is no waypoint.", capital(a.labelled()), g.Ref().NamespacedName())
	f.Detail = fmt.Sprintf("istiod binds it all the same, and ztunnel refuses every call to %s because it knows no such waypoint (fail-closed).", names(a.Affects))
	f.Evidence = append(in.askerEvidence(a), fieldEvidence(g.Ref(), "spec.gatewayClassName", g.Class), fieldEvidence(g.Ref(), "spec.listeners", "none with protocol HBONE on port 15008"))
	text := "Name a waypoint: calls then pass through it, and its policies and routes apply. Taking the label away lets calls go direct, without any L7 policy (fail-open)."
	f.Fix = advise(text).read("-n", g.Namespace, "get", "gateways.gateway.networking.k8s.io").get(g.Ref())
	if w := onlyWaypointOf(in, a.Binding.Waypoint.Namespace); w != nil {
		f.Fix = f.Fix.relabel(a.Subject, a.Labelled, mesh.LabelUseWaypoint, w.Name)
	}
	return f
}

// onlyWaypointOf is the waypoint of a namespace where it has exactly one.
func onlyWaypointOf(in *Input, namespace string) *mesh.Waypoint {
	var only *mesh.Waypoint
	for _, w := range in.Snap.Waypoints() {
		if w.Namespace != namespace {
			continue
		}
		if only != nil {
			return nil
		}
		only = w
	}
	return only
}
