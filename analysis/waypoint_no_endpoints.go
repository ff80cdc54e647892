package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var waypointNoEndpoints = Check{
	Code: "WAYPOINT_NO_ENDPOINTS", Severity: Critical, Class: Breaks,
	Subject: "Gateway",
	Title:   "A waypoint has an address and no ready pod",
	Explanation: "A Gateway keeps its address when its pods go away, so ztunnel keeps sending to it: every call to what is bound to the waypoint fails (fail-closed). " +
		"Get a pod of it ready again. Taking the use-waypoint label away instead lets calls through at once, without the waypoint's policies and routes (fail-open). Where nothing is bound to it this is a warning.",
	Fires:  "A waypoint Gateway has addresses, and the EndpointSlices of its Service have no ready address. Its pods only explain why.",
	Silent: "EndpointSlices are not readable, or the address is no Service's; Service and Gateway are being deleted.",
	Doubt:  "EndpointSlices follow pods by some seconds; a rolling restart of a single replica passes through this state.",
	Needs:  []string{mesh.ResourceGateways, mesh.ResourceEndpointSlices, mesh.ResourceServices},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceServiceEntries, mesh.ResourceWorkloadEntries, mesh.ResourcePods, mesh.ResourceDeployments},
	Mesh:   judgeNoEndpoints,
}

func judgeNoEndpoints(in *Input) []Finding {
	var out []Finding
	for _, w := range in.Snap.Waypoints() {
		if w.HasAddress() && w.EndpointsKnown && w.ReadyEndpoints == 0 && w.Deleting.IsZero() {
			out = append(out, noEndpoints(w, in.passing(w)))
		}
	}
	return out
}

// passing is whose calls pass a waypoint: what is bound to it, but for what a
// canary takes over whole, and what sends it a share as a canary.
func (in *Input) passing(w *mesh.Waypoint) []mesh.Ref {
	var out []mesh.Ref
	for _, r := range w.Dependents {
		if c := in.bindingOf(r).Canary; c == nil || c.State != mesh.BindingBound || c.Weight < 100 {
			out = append(out, r)
		}
	}
	share := func(r mesh.Ref, b mesh.Binding) {
		if c := b.Canary; b.Bound() && c != nil && c.State == mesh.BindingBound && c.Weight > 0 && c.Waypoint == w.Ref() {
			out = append(out, r)
		}
	}
	for _, sh := range in.Snap.Shards {
		for _, svc := range sh.Services {
			share(svc.Ref(), in.Snap.ServiceBinding(svc))
		}
		for _, se := range sh.ServiceEntries {
			share(se.Ref(), in.Snap.ServiceEntryBinding(se))
		}
	}
	return out
}

func noEndpoints(w *mesh.Waypoint, passing []mesh.Ref) Finding {
	f := Finding{Subject: w.Ref(), Affects: passing}
	f.Summary = fmt.Sprintf("Waypoint %s has no ready endpoint.", w.Ref().NamespacedName())
	f.Detail = fmt.Sprintf("It is still handed out, so every call through it to %s fails (fail-closed).", names(passing))
	f.Evidence = append([]Evidence{endpointEvidence(w)}, waypointPodEvidence(w)...)
	if len(passing) == 0 {
		f.Severity, f.Class = Warning, Risk
		f.Detail = "Nothing is bound to it now. What is bound to it later cannot be called (fail-closed)."
	}
	f.Fix = advise("Get a pod of the waypoint ready again: calls pass from then on. Do not take the use-waypoint label away to get calls through: they would go direct, without the waypoint's policies and routes (fail-open).").
		read("-n", w.Namespace, "get", "deployments,pods", "-l", mesh.LabelGatewayName+"="+w.Name, "-o", "wide").
		read("-n", w.Namespace, "describe", "pods", "-l", mesh.LabelGatewayName+"="+w.Name).
		read("-n", w.Namespace, "logs", "-l", mesh.LabelGatewayName+"="+w.Name, "--tail=50", "--prefix")
	if w.Deployment != nil && w.Deployment.Wanted == 0 {
		f.Fix = f.Fix.change("-n", w.Namespace, "scale", kubectlName(w.Deployment.Ref()), "--replicas=2")
	}
	return f
}

func endpointEvidence(w *mesh.Waypoint) Evidence {
	object := mesh.Ref{Kind: "Service", Namespace: w.Namespace, Name: w.Name}
	if w.Service != nil {
		object = w.Service.Ref()
	}
	return fieldEvidence(object, "EndpointSlices", fmt.Sprintf("addresses: %d, ready: %d", w.AllEndpoints, w.ReadyEndpoints))
}
