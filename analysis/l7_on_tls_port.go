package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/mesh"
)

var l7OnTLSPort = Check{
	Code: "L7_ON_TLS_PORT", Severity: Warning, Class: Unprotected, Manifests: OnSomeManifests,
	Subject: "HTTPRoute, GRPCRoute or VirtualService",
	Title:   "An HTTP route is for a port that is declared not to be HTTP",
	Explanation: "A waypoint treats a port by its declared protocol: appProtocol, else the beginning of the port's name. On one that is tls, https, tcp, mysql, redis or mongo it forwards bytes and looks at no request, so HTTP routes for that port do nothing. " +
		"If the application speaks plain HTTP there, correct the declaration. If it ends TLS itself, the waypoint cannot read the requests at all.",
	Fires:  "An HTTPRoute or GRPCRoute with the Service as parent, or http rules of a VirtualService for its host, and a waypoint is bound, and no port they are for is HTTP or undeclared while one is declared otherwise.",
	Silent: "The protocol of the port is not declared, so that the waypoint detects it; another port the route is for carries HTTP; no waypoint is bound.",
	Doubt:  "Computed from the port's name, appProtocol and number, as Istio reads them.",
	Needs:  []string{mesh.ResourceServices, mesh.ResourceGateways},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceServiceEntries, mesh.ResourceHTTPRoutes, mesh.ResourceGRPCRoutes, mesh.ResourceVirtualServices},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, r := range sh.Routes {
			if !slices.ContainsFunc(r.Rules, func(rule mesh.RouteRule) bool { return rule.Protocol == "http" }) {
				continue
			}
			if ports := in.unreadPorts(r); len(ports) > 0 {
				out = append(out, onUnreadPorts(r, ports))
			}
		}
		return out
	},
}

// servicePort is a port of a Service or ServiceEntry.
type servicePort struct {
	service mesh.Ref
	port    mesh.ServicePort
}

// unreadPorts lists the ports a route is for whose requests no waypoint reads;
// nothing where it also is for one whose requests are read.
func (in *Input) unreadPorts(r *mesh.Route) []servicePort {
	var out []servicePort
	for _, service := range in.parentsOf(r) {
		ports, bound := in.boundPorts(service)
		if !bound {
			continue
		}
		for _, p := range ports {
			if !routeIsForPort(r, service, p.Port) {
				continue
			}
			switch p.Declared() {
			case mesh.ProtocolHTTP, mesh.ProtocolUndeclared:
				return nil
			case mesh.ProtocolTCP:
				out = append(out, servicePort{service, p})
			}
		}
	}
	return out
}

// parentsOf are the Services and ServiceEntries a route is for inside the mesh.
func (in *Input) parentsOf(r *mesh.Route) []mesh.Ref {
	var out []mesh.Ref
	for _, p := range r.Parents {
		if p.Ref.Kind == "Service" || p.Ref.Kind == "ServiceEntry" {
			out = append(out, p.Ref)
		}
	}
	if r.Kind != "VirtualService" {
		return out
	}
	for _, host := range r.Hosts {
		name, namespace := serviceOfHost(host, r.Namespace)
		ref := mesh.Ref{Kind: "Service", Namespace: namespace, Name: name}
		if in.Snap.Lookup(ref) != nil && routeIsFor(r, ref) {
			out = append(out, ref)
		}
	}
	return out
}

// boundPorts are the ports of something bound to a waypoint.
func (in *Input) boundPorts(service mesh.Ref) ([]mesh.ServicePort, bool) {
	switch o := in.Snap.Lookup(service).(type) {
	case *mesh.Service:
		return o.Ports, in.Snap.ServiceBinding(o).Bound() && !o.Headless()
	case *mesh.ServiceEntry:
		return o.Ports, in.Snap.ServiceEntryBinding(o).Bound()
	}
	return nil, false
}

// routeIsForPort tells whether a route for a service is for this port of it: a
// parentRef may name one, and so may the matches of a VirtualService.
func routeIsForPort(r *mesh.Route, service mesh.Ref, port uint16) bool {
	if r.Kind != "VirtualService" {
		return slices.ContainsFunc(r.Parents, func(p mesh.RouteParent) bool { return p.Ref == service && (p.Port == 0 || p.Port == port) })
	}
	return slices.ContainsFunc(r.Rules, func(rule mesh.RouteRule) bool {
		return rule.Protocol == "http" && (len(rule.Matches) == 0 ||
			slices.ContainsFunc(rule.Matches, func(m mesh.RouteMatch) bool { return m.Port == 0 || m.Port == port }))
	})
}

func onUnreadPorts(r *mesh.Route, ports []servicePort) Finding {
	f := Finding{Subject: r.Ref()}
	first := ports[0]
	f.Summary = fmt.Sprintf("%s is for port %d of %s, which is declared %s: the waypoint looks at no request there.", r.Ref(), first.port.Port, first.service, declaredBy(first.port))
	f.Detail = "Calls pass as TCP: matches, retries, timeouts and splits of this route do not act."
	for _, p := range ports {
		if !slices.Contains(f.Affects, p.service) {
			f.Affects = append(f.Affects, p.service)
		}
		if len(f.Evidence) < namedAtMost {
			f.Evidence = append(f.Evidence, fieldEvidence(p.service, fmt.Sprintf("spec.ports[%d]", p.port.Port), declaredBy(p.port)))
		}
	}
	f.Evidence = append(f.Evidence, fieldEvidence(r.Ref(), attachmentField(r.Ref()), first.service.String()))
	f.Fix = advise("If the application speaks plain HTTP on the port, set appProtocol: http: the route acts from then on, and so do L7 policies of the waypoint. If it ends TLS itself, route by SNI (TLSRoute) or let the application speak plain HTTP: the mesh encrypts anyway.").
		get(first.service).
		get(r.Ref())
	return f
}

// declaredBy says what declares a port's protocol: "appProtocol https".
func declaredBy(p mesh.ServicePort) string {
	switch {
	case p.AppProtocol != "":
		return "appProtocol " + p.AppProtocol
	case mesh.ServicePort{Name: p.Name}.Declared() == mesh.ProtocolTCP:
		return "by its name " + p.Name
	}
	return fmt.Sprintf("TCP by its number %d", p.Port)
}
