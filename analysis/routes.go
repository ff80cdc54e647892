package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// portRouting is what a waypoint makes of the routes for one port of something
// bound to it.
type portRouting struct {
	service  mesh.Ref
	port     mesh.ServicePort
	waypoint mesh.Ref
	path.Routing
}

// actingRule is a rule that decides about calls: at a waypoint for a port of a
// Service, or at a gateway.
type actingRule struct {
	spec   *mesh.RouteRule
	number int
	// waypoint and service are zero for a rule that acts only at gateways.
	waypoint, service mesh.Ref
	port              uint16
}

// routingTable is how all routes of the mesh act.
type routingTable struct {
	ports []portRouting
	// acting are the rules that are not dead, by object.
	acting map[*mesh.Route][]actingRule
	// reached are the objects a waypoint considers at all, dead or not.
	reached map[*mesh.Route]bool
	// byGateways are the services that ingress or egress gateways send to.
	byGateways map[mesh.Ref]bool
}

// findRouting follows every port of what is bound to a waypoint.
func (in *Input) findRouting() *routingTable {
	t := &routingTable{acting: make(map[*mesh.Route][]actingRule), reached: make(map[*mesh.Route]bool), byGateways: make(map[mesh.Ref]bool)}
	for _, sh := range in.Snap.Shards {
		for _, b := range remember(in, sh, SightNamespace, "bound", func() []boundPorts { return in.findBound(sh) }) {
			t.add(in, b)
		}
		for _, r := range sh.Routes {
			t.addGateways(in, r)
		}
	}
	return t
}

// boundPorts are the ports of something bound to a waypoint.
type boundPorts struct {
	service, waypoint mesh.Ref
	ports             []mesh.ServicePort
}

// findBound lists what is bound to a waypoint in a namespace, and could have a
// route: without one where the waypoint or it is there is nothing to follow.
func (in *Input) findBound(sh *mesh.Shard) []boundPorts {
	var out []boundPorts
	note := func(service mesh.Ref, b mesh.Binding, ports []mesh.ServicePort) {
		if b.Bound() && in.hasRoutes(b.Waypoint.Namespace, service.Namespace) {
			out = append(out, boundPorts{service, b.Waypoint, ports})
		}
	}
	for _, svc := range sh.Services {
		if !svc.Headless() {
			note(svc.Ref(), in.Snap.ServiceBinding(svc), svc.Ports)
		}
	}
	for _, se := range sh.ServiceEntries {
		note(se.Ref(), in.Snap.ServiceEntryBinding(se), se.Ports)
	}
	return out
}

func (t *routingTable) add(in *Input, b boundPorts) {
	for _, p := range b.ports {
		if p.Protocol == "UDP" {
			continue
		}
		routing := path.RoutesAt(in.Snap, b.waypoint.Namespace, b.service, p.Port)
		if len(routing.Rules) == 0 && len(routing.Ignored) == 0 {
			continue
		}
		t.ports = append(t.ports, portRouting{b.service, p, b.waypoint, routing})
		for _, r := range routing.Rules {
			t.reached[r.Route] = true
			if !r.Dead {
				t.acting[r.Route] = append(t.acting[r.Route], actingRule{r.Spec, r.Number, b.waypoint, b.service, p.Port})
			}
		}
	}
}

// addGateways adds the rules of routes that act at an ingress or egress
// gateway.
func (t *routingTable) addGateways(in *Input, r *mesh.Route) {
	if len(in.ingressesOf(r)) == 0 {
		return
	}
	for i := range r.Rules {
		t.acting[r] = append(t.acting[r], actingRule{spec: &r.Rules[i], number: i + 1})
	}
	for _, service := range in.destinations(r) {
		t.byGateways[service] = true
	}
}

// services are what a route acts for at waypoints, each once.
func (t *routingTable) services(r *mesh.Route) []mesh.Ref {
	var out []mesh.Ref
	for _, a := range t.acting[r] {
		if !a.service.IsZero() && !slices.Contains(out, a.service) {
			out = append(out, a.service)
		}
	}
	return out
}

// rules are the acting rules of a route, each once and in order.
func (t *routingTable) rules(r *mesh.Route) []actingRule {
	var out []actingRule
	for _, a := range t.acting[r] {
		if !slices.ContainsFunc(out, func(have actingRule) bool { return have.number == a.number }) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b actingRule) int { return a.number - b.number })
	return out
}

// perRoute makes one finding for each route of the mesh that has rules in effect
// of which say has something to say. Its words are the evidence, of a part of
// the rule (".fault") or of it as a whole; tell gets the finding with the route as
// subject and what it acts for as affected.
func (in *Input) perRoute(part string, say func(r *mesh.Route, rule *mesh.RouteRule) string, tell func(f Finding, r *mesh.Route) Finding) []Finding {
	table := in.shared.routing()
	var out []Finding
	for _, sh := range in.Snap.Shards {
		for _, r := range sh.Routes {
			f := Finding{Subject: r.Ref()}
			for _, a := range table.rules(r) {
				if words := say(r, a.spec); words != "" {
					f.Evidence = append(f.Evidence, fieldEvidence(r.Ref(), ruleField(r, a.spec, a.number)+part, words))
				}
			}
			if len(f.Evidence) > 0 {
				f.Affects = table.services(r)
				out = append(out, tell(f, r))
			}
		}
	}
	return out
}

// hasRoutes tells whether any of the namespaces has routing objects.
func (in *Input) hasRoutes(namespaces ...string) bool {
	return slices.ContainsFunc(namespaces, func(ns string) bool { return len(in.Snap.Shard(ns).Routes) > 0 })
}

// ruleField is where a rule stands in its object.
func ruleField(r *mesh.Route, rule *mesh.RouteRule, number int) string {
	if r.Kind != "VirtualService" {
		return indexed("spec.rules", number)
	}
	before := 0 // rules of a VirtualService are counted over all its protocols
	for i := range r.Rules {
		if &r.Rules[i] == rule {
			break
		}
		if r.Rules[i].Protocol == rule.Protocol {
			before++
		}
	}
	return indexed("spec."+rule.Protocol, before+1)
}

// indexed is an entry of a list as kubectl's JSONPath counts, from 0.
func indexed(list string, number int) string { return fmt.Sprintf("%s[%d]", list, number-1) }
