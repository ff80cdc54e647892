package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

var routeNoWaypoint = Check{
	Code: "ROUTE_NO_WAYPOINT", Severity: Error, Class: Unprotected,
	Subject: "HTTPRoute, GRPCRoute, TCPRoute, TLSRoute, VirtualService or DestinationRule",
	Title:   "A route is for a Service that no waypoint serves",
	Explanation: "In ambient mode ztunnel knows no routes: what a route says happens at a waypoint or not at all. Without one bound to the Service its splits, matches, timeouts, retries and faults do not act on captured callers; only sidecars and gateways heed it. " +
		"The same is true of subsets, outlier detection, HTTP pools, TLS settings and load balancing of a DestinationRule. Give the Service a waypoint, or take the object away.",
	Fires:         "A route for calls inside the mesh to Services or ServiceEntries, by a wildcard too, none of which has a waypoint in effect, and captured pods are in its namespace or the route's. A warning for a DestinationRule with such settings.",
	Silent:        "A waypoint is bound to one of the Services; every client there has a sidecar; a gateway of Istio uses the object; whether a waypoint is bound could not be read.",
	Doubt:         "Callers with a sidecar in other namespaces heed the object.",
	Needs:         []string{mesh.ResourceGateways, mesh.ResourceServices, mesh.ResourcePods},
	Uses:          []string{mesh.ResourceNamespaces, mesh.ResourceServiceEntries, mesh.ResourceHTTPRoutes, mesh.ResourceGRPCRoutes, mesh.ResourceTCPRoutes, mesh.ResourceTLSRoutes, mesh.ResourceVirtualServices, mesh.ResourceDestinationRules},
	ConsequenceOf: []string{"GATEWAY_API_CRDS_MISSING", "WAYPOINT_NOT_FOUND", "WAYPOINT_NO_CONTROLLER", "WAYPOINT_NOT_PROGRAMMED", "WAYPOINT_ATTACHMENT_DENIED", "WAYPOINT_TRAFFIC_TYPE_MISMATCH"},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, r := range sh.Routes {
			if len(in.ingressesOf(r)) > 0 {
				continue
			}
			if services := in.unserved(r.Namespace, in.meshParents(r)); len(services) > 0 {
				out = append(out, routeUnserved(in, r, services))
			}
		}
		for _, d := range sh.DestinationRules {
			if f, ok := in.ruleUnserved(d); ok {
				out = append(out, f)
			}
		}
		return out
	},
}

// meshParents are the Services and ServiceEntries a route is for inside the
// mesh, those of a VirtualService by its hosts.
func (in *Input) meshParents(r *mesh.Route) []mesh.Ref {
	out := in.parentsOf(r)
	if r.Kind != "VirtualService" || (len(r.Gateways) > 0 && !slices.Contains(r.Gateways, "mesh")) {
		return out
	}
	for _, h := range r.Hosts {
		for _, ref := range in.covered(h, r.Namespace) {
			if !slices.Contains(out, ref) {
				out = append(out, ref)
			}
		}
	}
	return out
}

// covered are the Services and ServiceEntries a host is written for. A wildcard
// that covers some in a namespace of the mesh it is written in means those
// first; gateways' own Services are meant by none.
func (in *Input) covered(host, namespace string) []mesh.Ref {
	all := path.Named(in.Snap, host, namespace)
	if !strings.HasPrefix(host, "*") {
		return all
	}
	all = slices.DeleteFunc(all, func(r mesh.Ref) bool {
		svc := in.Snap.Service(r.Namespace, r.Name)
		return r.Kind == "Service" && svc != nil && in.isGatewayService(svc)
	})
	own := slices.Clone(all)
	own = slices.DeleteFunc(own, func(r mesh.Ref) bool { return r.Namespace != namespace })
	if len(own) > 0 && in.hasCaptured(namespace) {
		return own
	}
	return all
}

// unserved returns the services if none of them has a waypoint in effect and
// captured pods may call them; nil too where that is not known.
func (in *Input) unserved(namespace string, services []mesh.Ref) []mesh.Ref {
	captured := false
	for _, s := range services {
		switch b := in.bindingOf(s); {
		case b.Bound(), b.State == mesh.BindingUnknown:
			return nil
		}
		captured = captured || in.hasCaptured(s.Namespace)
	}
	if !captured && !in.hasCaptured(namespace) {
		return nil
	}
	return services
}

func (in *Input) hasCaptured(namespace string) bool {
	return slices.ContainsFunc(in.Snap.Shard(namespace).Workloads, func(w *mesh.Workload) bool { return w.Captured() && w.Running() })
}

func routeUnserved(in *Input, r *mesh.Route, services []mesh.Ref) Finding {
	f := Finding{Subject: r.Ref(), Affects: services}
	f.Summary = fmt.Sprintf("%s does nothing for captured callers: no waypoint serves %s.", r.Ref(), names(services))
	f.Detail = "Calls go by ztunnel, which knows no routes: its matches, splits, timeouts, retries and faults do not act."
	f.Evidence = in.unboundEvidence(services)
	f.Evidence = append(f.Evidence, fieldEvidence(r.Ref(), attachmentField(r.Ref()), orWord(listWords(r.Hosts), names(services))))
	for _, p := range r.Parents {
		for _, st := range p.Status {
			if c := st.Conditions.Find(mesh.ConditionResolvedWaypoints); c != nil && missingWaypoint(c) {
				f.Evidence = append(f.Evidence, conditionEvidence(r.Ref(), c))
			}
		}
	}
	f.Fix = giveWaypoint(services[0])
	return f
}

// unboundEvidence shows why no waypoint is in effect, at the object whose label
// decides: a Service has often none and its Namespace has.
func (in *Input) unboundEvidence(services []mesh.Ref) []Evidence {
	var out []Evidence
	for _, s := range services[:min(len(services), namedAtMost)] {
		b, on := in.bindingOf(s), s
		if !b.LabelOn.IsZero() {
			on = b.LabelOn
		}
		out = append(out, fieldEvidence(on, "metadata.labels["+mesh.LabelUseWaypoint+"]", b.Reason))
	}
	return out
}

func giveWaypoint(service mesh.Ref) Fix {
	return advise("Bind the Service to a waypoint: the route acts from then on, and so do L7 policies that name the Service, which may refuse what passes now.").
		read("-n", service.Namespace, "get", kubectlName(service), "--show-labels").
		read("-n", service.Namespace, "get", mesh.ResourceGateways)
}

// ruleUnserved judges a DestinationRule whose settings only an Envoy can apply.
func (in *Input) ruleUnserved(d *mesh.DestinationRule) (Finding, bool) {
	what := envoyOnly(d)
	if len(what) == 0 {
		return Finding{}, false
	}
	named := path.Named(in.Snap, d.Host, d.Namespace)
	if slices.ContainsFunc(named, func(r mesh.Ref) bool { return in.shared.routing().byGateways[r] }) {
		return Finding{}, false
	}
	services := in.unserved(d.Namespace, named)
	if len(services) == 0 {
		return Finding{}, false
	}
	f := Finding{Subject: d.Ref(), Severity: Warning, Class: Risk, Affects: services}
	f.Summary = fmt.Sprintf("%s does nothing for captured callers: no waypoint serves %s.", d.Ref(), names(services))
	f.Detail = fmt.Sprintf("Calls go by ztunnel, which does not know %s.", listWords(what))
	f.Evidence = append(in.unboundEvidence(services), fieldEvidence(d.Ref(), "spec", listWords(what)))
	f.Fix = giveWaypoint(services[0])
	return f, true
}

// envoyOnly names the settings of a DestinationRule that ztunnel does not
// know.
func envoyOnly(d *mesh.DestinationRule) []string {
	var out []string
	if len(d.Subsets) > 0 {
		out = append(out, "subsets")
	}
	p := d.Policy
	if p == nil {
		return out
	}
	for _, setting := range []struct {
		set  bool
		name string
	}{
		{p.Outlier != nil, "outlier detection"},
		{p.MaxRequests+p.MaxPending+p.RequestsPerConn+p.MaxRetries > 0, "an HTTP connection pool"},
		{p.TLSMode != "" && p.TLSMode != "ISTIO_MUTUAL", "TLS settings"},
		{p.LoadBalancer != "", "load balancing"},
	} {
		if setting.set {
			out = append(out, setting.name)
		}
	}
	return out
}
