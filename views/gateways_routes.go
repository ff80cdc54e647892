package views

import (
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// RouteLine is one place a gateway's route sends to.
type RouteLine struct {
	Route   ObjectLink
	Hosts   string
	Match   []string
	Backend BackendLine
	// Instead says what happens to requests that go to no backend.
	Instead  string
	Waypoint WordCell
	skips    bool
}

// gatewayRoutes finds the routes of gateways; it looks at each route once.
type gatewayRoutes struct {
	snap  *mesh.Snapshot
	query Query
	by    map[mesh.Ref][]*mesh.Route
}

func newGatewayRoutes(s *mesh.Snapshot, q Query) *gatewayRoutes {
	g := &gatewayRoutes{snap: s, query: q, by: make(map[mesh.Ref][]*mesh.Route)}
	for _, sh := range s.Shards {
		for _, r := range sh.Routes {
			for _, parent := range routeGateways(r) {
				g.by[parent] = append(g.by[parent], r)
			}
		}
	}
	return g
}

// routeGateways are the gateways a route is bound to, each once: parentRefs of
// kind Gateway, or what a VirtualService names in gateways but the mesh.
func routeGateways(r *mesh.Route) []mesh.Ref {
	var out []mesh.Ref
	for _, p := range r.Parents {
		if p.Ref.Kind == "Gateway" && !slices.Contains(out, p.Ref) {
			out = append(out, p.Ref)
		}
	}
	for _, name := range r.Gateways {
		if name == "mesh" {
			continue
		}
		ref := mesh.Ref{Kind: "IstioGateway", Namespace: r.Namespace, Name: name}
		if ns, n, ok := strings.Cut(name, "/"); ok {
			ref.Namespace, ref.Name = ns, n
		}
		if !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	return out
}

// count is how many routes a gateway has, and how many of their backends have a
// waypoint that is passed by.
func (g *gatewayRoutes) count(gateway mesh.Ref) (routes, skips int) {
	for _, l := range g.lines(gateway) {
		if l.skips {
			skips++
		}
	}
	return len(g.by[gateway]), skips
}

func (g *gatewayRoutes) lines(gateway mesh.Ref) []RouteLine {
	var out []RouteLine
	for _, r := range g.by[gateway] {
		for i := range r.Rules {
			out = append(out, g.ruleLines(r, &r.Rules[i])...)
		}
	}
	return out
}

func (g *gatewayRoutes) ruleLines(r *mesh.Route, rule *mesh.RouteRule) []RouteLine {
	base := RouteLine{Route: NewObjectLink(g.snap, g.query, r.Ref()), Hosts: orWord(some(r.Hosts, 3), "any host"), Match: anyMatch(rule)}
	if len(rule.Backends) == 0 {
		base.Instead = "no backend"
		if rule.Redirect != nil {
			base.Instead = "redirect: " + redirectWords(rule.Redirect)
		}
		return []RouteLine{base}
	}
	var total int32
	for _, b := range rule.Backends {
		total += b.Weight
	}
	out := make([]RouteLine, 0, len(rule.Backends))
	for _, b := range rule.Backends {
		line := base
		line.Backend = newBackendLine(g.snap, g.query, r, b, weightShare(b.Weight, total, len(rule.Backends)))
		line.Waypoint, line.skips = g.waypointUse(backendRef(r.Namespace, b))
		out = append(out, line)
	}
	return out
}

// anyMatch prints the matches of a rule, of which one must hold; empty for
// every request.
func anyMatch(rule *mesh.RouteRule) []string {
	var out []string
	for i := range rule.Matches {
		if words := matchWords(&rule.Matches[i]); len(words) > 0 {
			out = append(out, strings.Join(words, " and "))
		}
	}
	return out
}

// waypointUse says whether a gateway's calls to a service go through the
// service's waypoint: only where istio.io/ingress-use-waypoint is true on it or
// its namespace, and it has a virtual address (istio.md C.1).
func (g *gatewayRoutes) waypointUse(ref mesh.Ref) (cell WordCell, skips bool) {
	svc := g.snap.Service(ref.Namespace, ref.Name)
	if svc == nil || ref.Kind != "Service" {
		return WordCell{Text: "not known", Title: "The backend is no Service that Waylight knows.", Tone: ui.ToneUnknown}, false
	}
	b := g.snap.ServiceBinding(svc)
	name := b.Waypoint.NamespacedName()
	switch {
	case b.State == mesh.BindingUnknown:
		return WordCell{Text: "unknown", Title: b.Reason, Tone: ui.ToneUnknown}, false
	case !b.Bound():
		return WordCell{Text: "no waypoint", Title: b.Reason}, false
	case svc.Headless():
		return WordCell{Text: "past " + name, Title: "The Service has no virtual address, so a gateway cannot send through its waypoint.", Tone: ui.ToneWarn}, true
	}
	asked, where := ingressUse(g.snap, svc)
	if asked {
		return WordCell{Text: "through " + name, Title: where, Tone: ui.ToneGood}, false
	}
	return WordCell{Text: "past " + name, Title: where, Tone: ui.ToneWarn}, true
}

// ingressUse reads the label from the Service, else from its namespace, as
// strconv.ParseBool does.
func ingressUse(s *mesh.Snapshot, svc *mesh.Service) (asked bool, where string) {
	v, ok := svc.Labels[mesh.LabelIngressUseWaypoint]
	on := "the Service"
	if !ok {
		on = "namespace " + svc.Namespace
		labels, known := s.NamespaceLabels(svc.Namespace)
		if !known {
			return false, "The Service has no label " + mesh.LabelIngressUseWaypoint + ", and the labels of its namespace are not known."
		}
		v, ok = labels[mesh.LabelIngressUseWaypoint]
	}
	if !ok {
		return false, "Neither the Service nor its namespace has the label " + mesh.LabelIngressUseWaypoint + ", so a gateway sends past the waypoint and its L7 policies are not applied."
	}
	return mesh.IsTrue(v), mesh.LabelIngressUseWaypoint + ": " + v + " on " + on
}
