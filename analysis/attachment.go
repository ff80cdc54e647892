package analysis

import (
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// attachedToServices lists the policies and routes of a namespace that are for
// one of these Services or ServiceEntries and act only at a waypoint.
func (in *Input) attachedToServices(sh *mesh.Shard, services []mesh.Ref) []mesh.Ref {
	var out []mesh.Ref
	targets := func(list []mesh.TargetRef) bool {
		return slices.ContainsFunc(list, func(t mesh.TargetRef) bool { return slices.Contains(services, t.Ref()) })
	}
	for _, p := range sh.Authorizations {
		if targets(p.TargetRefs) {
			out = append(out, p.Ref())
		}
	}
	for _, p := range sh.RequestAuths {
		if targets(p.TargetRefs) {
			out = append(out, p.Ref())
		}
	}
	for _, r := range sh.Routes {
		if slices.ContainsFunc(services, func(s mesh.Ref) bool { return routeIsFor(r, s) }) {
			out = append(out, r.Ref())
		}
	}
	return out
}

// routeIsFor tells whether a route is for calls inside the mesh to a Service:
// a parentRef, or a VirtualService's host in one of the forms Istio resolves
// (short names are meant in the VirtualService's own namespace).
func routeIsFor(r *mesh.Route, service mesh.Ref) bool {
	for _, p := range r.Parents {
		if p.Ref == service {
			return true
		}
	}
	if r.Kind != "VirtualService" || (len(r.Gateways) > 0 && !slices.Contains(r.Gateways, "mesh")) {
		return false
	}
	return slices.ContainsFunc(r.Hosts, func(host string) bool {
		name, namespace := serviceOfHost(host, r.Namespace)
		return name == service.Name && namespace == service.Namespace
	})
}

// serviceOfHost reads a host in one of the forms Istio resolves to a Service:
// "web" in the namespace of who says it, "web.shop", "web.shop.svc" and
// "web.shop.svc.cluster.local". Both are empty for any other host.
func serviceOfHost(host, own string) (name, namespace string) {
	name, rest, _ := strings.Cut(host, ".")
	if rest == "" {
		return name, own
	}
	namespace, domain, _ := strings.Cut(rest, ".")
	if domain == "" || domain == "svc" || strings.HasPrefix(domain, "svc.") {
		return name, namespace
	}
	return "", ""
}

// attachmentField is where an object says what it is attached to.
func attachmentField(r mesh.Ref) string {
	switch r.Kind {
	case "VirtualService":
		return "spec.hosts"
	case "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute":
		return "spec.parentRefs"
	}
	return "spec.targetRefs"
}
