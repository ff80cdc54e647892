package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var routeWrongNamespace = Check{
	Code: "ROUTE_WRONG_NAMESPACE", Severity: Error, Class: Unprotected,
	Subject: "VirtualService, HTTPRoute or GRPCRoute",
	Title:   "A route lies where the waypoint does not look",
	Explanation: "A waypoint takes routes for a Service only from its own namespace and from the Service's, and only those exported to its namespace. A route anywhere else is ignored there without a condition that says so, although sidecars in its namespace may heed it. " +
		"Move it beside the Service.",
	Fires:  "A route for calls inside the mesh to a Service that is bound to a waypoint, by its name or a wildcard, is in neither namespace, or its exportTo leaves out the waypoint's.",
	Silent: "It is meant for gateways alone; the clients in its own namespace have sidecars and none is captured; no waypoint is bound.",
	Doubt:  "A VirtualService can be meant for sidecars of its own namespace only.",
	Needs:  []string{mesh.ResourceServices, mesh.ResourceGateways, mesh.ResourcePods},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceVirtualServices, mesh.ResourceHTTPRoutes, mesh.ResourceGRPCRoutes, mesh.ResourceServiceEntries},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, r := range sh.Routes {
			if len(in.ingressesOf(r)) > 0 || in.shared.routing().reached[r] || in.onlySidecars(sh) {
				continue
			}
			if f, ok := in.misplaced(r); ok {
				out = append(out, f)
			}
		}
		return out
	},
}

// onlySidecars tells that all clients of a namespace have a sidecar.
func (in *Input) onlySidecars(sh *mesh.Shard) bool {
	return len(sidecarsOf(sh)) > 0 && !in.hasCaptured(sh.Namespace)
}

// misplaced judges a route by the first of what it is for that is bound to a
// waypoint which does not see it, and names all of them.
func (in *Input) misplaced(r *mesh.Route) (Finding, bool) {
	var unseen []mesh.Ref
	var first mesh.Binding
	for _, service := range in.meshParents(r) {
		if b := in.bindingOf(service); b.Bound() && !seenBy(r, service, b.Waypoint.Namespace) {
			if unseen = append(unseen, service); len(unseen) == 1 {
				first = b
			}
		}
	}
	if len(unseen) == 0 {
		return Finding{}, false
	}
	service, wp := unseen[0], first.Waypoint
	f := Finding{Subject: r.Ref(), Affects: unseen}
	f.Summary = fmt.Sprintf("%s has no effect at waypoint %s: the waypoint does not look into namespace %s.", r.Ref(), wp.NamespacedName(), r.Namespace)
	field, text, fix := "metadata.namespace", r.Namespace, fmt.Sprintf("Put it into namespace %s.", service.Namespace)
	if r.Namespace == wp.Namespace || r.Namespace == service.Namespace {
		f.Summary = fmt.Sprintf("%s has no effect at waypoint %s: its exportTo leaves out namespace %s.", r.Ref(), wp.NamespacedName(), wp.Namespace)
		field, text, fix = "spec.exportTo", listWords(r.ExportTo), fmt.Sprintf("Let it be exported to namespace %s.", wp.Namespace)
	}
	f.Detail = fmt.Sprintf("Captured callers of %s are not subject to it.", names(unseen))
	f.Evidence = []Evidence{fieldEvidence(r.Ref(), field, text), fieldEvidence(service, "metadata.labels["+mesh.LabelUseWaypoint+"]", "bound to "+wp.NamespacedName())}
	f.Fix = advise(fix + " It acts on all callers from then on.").get(r.Ref())
	return f, true
}

// seenBy tells that waypoints of a namespace take a route for a service.
func seenBy(r *mesh.Route, service mesh.Ref, waypoints string) bool {
	return (r.Namespace == waypoints || r.Namespace == service.Namespace) && mesh.Exported(r.ExportTo, r.Namespace, waypoints)
}
