package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

var waypointBypassedIngress = Check{
	Code: "WAYPOINT_BYPASSED_INGRESS", Severity: Warning, Class: Unprotected, Manifests: OnAllManifests,
	Subject: "Service",
	Title:   "Calls from an ingress gateway go past a Service's waypoint",
	Explanation: "A gateway sends straight to the pods unless the Service or its namespace has the label istio.io/ingress-use-waypoint: true. So what comes from outside is not subject to the policies and routes at the waypoint, although calls from inside the mesh are. " +
		"Set the label, or say by it that this is meant; the pods' ztunnel sees the gateway's identity.",
	Fires:  "A route of a gateway (HTTPRoute and its like with a Gateway as parent, VirtualService with gateways) sends to a Service that is bound to a waypoint, and the label is not true. News (info) where no L7 policy and no mesh route is for the Service.",
	Silent: "The label is true on the Service, or on its namespace where the Service has none; the Service is headless, which is another finding; the Gateway is a waypoint.",
	Doubt:  "The gateway may enforce the same by itself.",
	Needs:  []string{mesh.ResourceServices, mesh.ResourceGateways},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceHTTPRoutes, mesh.ResourceGRPCRoutes, mesh.ResourceTCPRoutes, mesh.ResourceTLSRoutes, mesh.ResourceVirtualServices, mesh.ResourceAuthorizationPolicies, mesh.ResourceRequestAuthentications},
	Mesh:   judgeBypassedIngress,
}

// ingressRoute is a gateway's route with the gateways it is for.
type ingressRoute struct {
	route    *mesh.Route
	gateways []string
}

func judgeBypassedIngress(in *Input) []Finding {
	by := make(map[mesh.Ref][]ingressRoute)
	for _, sh := range in.Snap.Shards {
		for _, r := range sh.Routes {
			if gateways := in.ingressesOf(r); len(gateways) > 0 {
				for _, service := range in.destinations(r) {
					by[service] = append(by[service], ingressRoute{r, gateways})
				}
			}
		}
	}
	var out []Finding
	for service, routes := range by {
		svc := in.Snap.Service(service.Namespace, service.Name)
		if svc == nil || service.Kind != "Service" || svc.Headless() {
			continue
		}
		// What is not known is no ground for an alarm.
		if b := in.Snap.ServiceBinding(svc); b.Bound() && in.Snap.IngressUsesWaypoint(svc) == mesh.FactNo {
			out = append(out, bypassedByIngress(in, svc, b, routes))
		}
	}
	slices.SortFunc(out, compareFindings)
	return out
}

func compareFindings(a, b Finding) int { return a.Subject.Compare(b.Subject) }

// ingressesOf names the gateways, other than waypoints, that a route is for.
func (in *Input) ingressesOf(r *mesh.Route) []string {
	var out []string
	for _, p := range r.Parents {
		if p.Ref.Kind != "Gateway" {
			continue
		}
		if g := in.Snap.Gateway(p.Ref.Namespace, p.Ref.Name); g == nil || g.Role() != mesh.RoleWaypoint {
			out = append(out, p.Ref.NamespacedName())
		}
	}
	for _, name := range r.Gateways {
		if name != "mesh" {
			if !strings.Contains(name, "/") {
				name = r.Namespace + "/" + name
			}
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// destinations are the Services and ServiceEntries a route sends to, each once.
func (in *Input) destinations(r *mesh.Route) []mesh.Ref {
	var out []mesh.Ref
	for i := range r.Rules {
		for _, b := range r.Rules[i].Backends {
			if ref, ok := path.Destination(in.Snap, r, b); ok && !slices.Contains(out, ref) {
				out = append(out, ref)
			}
		}
	}
	return out
}

func bypassedByIngress(in *Input, svc *mesh.Service, b mesh.Binding, routes []ingressRoute) Finding {
	f := Finding{Subject: svc.Ref()}
	f.Summary = fmt.Sprintf("Calls from gateway %s to %s go past waypoint %s.", routes[0].gateways[0], svc.Ref(), b.Waypoint.NamespacedName())
	f.Detail = "They go straight to the pods, whose ztunnel sees the gateway as the caller. Nothing at the waypoint is for this Service now."
	f.Evidence = []Evidence{
		fieldEvidence(svc.Ref(), "metadata.labels["+mesh.LabelIngressUseWaypoint+"]", labelOrAbsent(&svc.Meta, mesh.LabelIngressUseWaypoint)),
		fieldEvidence(b.LabelOn, "metadata.labels["+mesh.LabelUseWaypoint+"]", b.Label),
	}
	for _, r := range routes[:min(len(routes), namedAtMost)] {
		f.Evidence = append(f.Evidence, fieldEvidence(r.route.Ref(), "spec.rules", "from "+strings.Join(r.gateways, ", ")+" to "+svc.Ref().String()))
	}
	missed := in.enforcedAt(b, svc.Ref())
	if len(missed) == 0 {
		f.Severity, f.Class = Info, Risk
	} else {
		f.Detail = fmt.Sprintf("They go straight to the pods: %s not applied to what comes from outside (fail-open), unless policies at ztunnel refuse the gateway.", isAre(names(missed), len(missed)))
		f.Affects = missed
	}
	f.Fix = advise("Let gateways use the waypoint: its policies and routes then apply to calls from outside as well, and may refuse what passes now.").
		get(svc.Ref()).
		change("-n", svc.Namespace, "label", kubectlName(svc.Ref()), mesh.LabelIngressUseWaypoint+"=true", "--overwrite")
	return f
}

// enforcedAt lists the L7 policies and mesh routes that act on a service at its
// waypoint: those for the service, and the policies for the Gateway and its
// class.
func (in *Input) enforcedAt(b mesh.Binding, service mesh.Ref) []mesh.Ref {
	out := in.attachedToServices(in.Snap.Shard(service.Namespace), []mesh.Ref{service})
	g := in.Snap.Gateway(b.Waypoint.Namespace, b.Waypoint.Name)
	if g == nil {
		return out
	}
	for _, r := range in.policiesAt(g, service) {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}
