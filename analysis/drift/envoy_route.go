package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// routeKinds are the kinds of routing objects a waypoint's routes are made of.
var routeKinds = []string{
	mesh.ResourceVirtualServices, mesh.ResourceHTTPRoutes, mesh.ResourceGRPCRoutes, mesh.ResourceTCPRoutes, mesh.ResourceTLSRoutes,
}

// compareRoutes compares the rules in effect for a port, in their order, with
// the routes of its chain. What lies behind a catch-all decides nothing, and is
// left out on both sides.
func (c *envoyComparison) compareRoutes(s *served) {
	loaded := untilCatchAll(c.routes[s.http.Name], func(r *mesh.EnvoyRoute) bool { return r.Match == anyPath })
	routing := path.RoutesAt(c.snap, c.gateway.Namespace, s.ref, s.port.Port)
	rules := rulesOf(routing)
	if why := c.unsureRoutes(s, rules, loaded); why != "" {
		c.unknown(Pair{Object: s.ref, Part: PartRoute, Name: s.name(), Declared: ruleCount(len(rules)), Loaded: ruleCount(len(loaded))}, why)
		return
	}
	from := c.routeSources(s, routing, loaded)
	if len(rules) == 0 {
		c.compareDefaultRoute(s, loaded, from)
		return
	}
	owners := ownersOf(rules)
	for _, owner := range owners {
		c.compareOwner(s, owner, rules, loaded, from)
	}
	c.compareStrangers(s, owners, loaded, from)
	c.compareOrder(s, rules, loaded, from)
}

const (
	// anyPath is how the decoder words a match that takes every request.
	anyPath = "any path"
	// defaultRoute is the name of the route istiod makes where no object has one.
	defaultRoute = "default"
)

func rulesOf(routing path.Routing) []*path.Rule {
	var all []*path.Rule
	for i := range routing.Rules {
		all = append(all, &routing.Rules[i])
	}
	return untilCatchAll(all, func(r *path.Rule) bool { return r.CatchAll() })
}

func untilCatchAll[T any](list []T, catchAll func(T) bool) []T {
	if i := slices.IndexFunc(list, catchAll); i >= 0 {
		return list[:i+1]
	}
	return list
}

func ruleCount(n int) string {
	if n == 1 {
		return "1 rule"
	}
	return fmt.Sprintf("%d rules", n)
}

// unsureRoutes says why the routes of a port cannot be compared; empty if they
// can.
func (c *envoyComparison) unsureRoutes(s *served, rules []*path.Rule, loaded []*mesh.EnvoyRoute) string {
	for _, ns := range []string{c.gateway.Namespace, s.ref.Namespace} {
		for _, kind := range routeKinds {
			if !c.snap.Readable(kind, ns) {
				return kind + " in " + ns + " were not readable."
			}
		}
	}
	switch {
	case len(loaded) == 0:
		return "The routes of this chain are not in the dump."
	case slices.ContainsFunc(rules, delegated):
		return "A VirtualService delegates here, and routes are named after the one that does."
	case len(ownersOf(rules)) > 1 && c.snap.Cluster.IstioVersion == "":
		return "Several objects route here, and how they are put together depends on istiod's release, which is not known."
	}
	return ""
}

// delegated tells a rule of a VirtualService that another one names: it has no
// hosts of its own.
func delegated(r *path.Rule) bool {
	return r.Route.Kind == "VirtualService" && len(r.Route.Hosts) == 0
}

// routeSources are the objects that routes follow from on either side.
func (c *envoyComparison) routeSources(s *served, routing path.Routing, loaded []*mesh.EnvoyRoute) []*mesh.Meta {
	out := []*mesh.Meta{s.meta, c.namespace(s.ref.Namespace)}
	for i := range routing.Rules {
		out = append(out, &routing.Rules[i].Route.Meta)
	}
	for _, r := range routing.Ignored {
		out = append(out, &r.Route.Meta)
	}
	for _, r := range loaded {
		if o, ok := c.snap.Lookup(r.Owner).(*mesh.Route); ok {
			out = append(out, &o.Meta)
		}
	}
	return out
}

// compareDefaultRoute compares a port without rules: one route takes it all to
// all pods.
func (c *envoyComparison) compareDefaultRoute(s *served, loaded []*mesh.EnvoyRoute, from []*mesh.Meta) {
	strangers := slices.ContainsFunc(loaded, func(r *mesh.EnvoyRoute) bool { return !r.Owner.IsZero() })
	if strangers {
		c.compareStrangers(s, nil, loaded, from)
		return
	}
	p := Pair{Object: s.ref, Part: PartRoute, Name: s.name(), Declared: anyPath + " → " + s.host}
	got := c.loadedRoute(loaded[0])
	p.Loaded = got.String()
	same := got.match == anyPath && got.leadsOnlyTo(s.host, s.port.Port)
	if !same && c.patched != "" {
		c.unknown(p, c.patched)
		return
	}
	c.add(p, same, from...)
}

// routeOwner names what routes are sorted by: a VirtualService, or the Gateway
// API routes of a namespace, which istiod merges under the name of one of them.
func routeOwner(r mesh.Ref) mesh.Ref {
	if r.Kind == "VirtualService" || r.IsZero() {
		return r
	}
	return mesh.Ref{Kind: "HTTPRoute", Namespace: r.Namespace}
}

func ownersOf(rules []*path.Rule) []mesh.Ref {
	var out []mesh.Ref
	for _, r := range rules {
		if o := routeOwner(r.Route.Ref()); !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

// compareOwner compares the rules of one object with the routes made of it:
// one by one where they are as many, else by what they match.
func (c *envoyComparison) compareOwner(s *served, owner mesh.Ref, rules []*path.Rule, loaded []*mesh.EnvoyRoute, from []*mesh.Meta) {
	var declared []*path.Rule
	for _, r := range rules {
		if routeOwner(r.Route.Ref()) == owner {
			declared = append(declared, r)
		}
	}
	var have []*mesh.EnvoyRoute
	for _, r := range loaded {
		if routeOwner(r.Owner) == owner {
			have = append(have, r)
		}
	}
	names := make(map[string]int)
	for i, r := range declared {
		want := c.declaredRoute(s, r)
		at := i
		if len(have) != len(declared) {
			at = slices.IndexFunc(have, func(h *mesh.EnvoyRoute) bool { return h != nil && want.match.fits(h.Match) != mesh.FactNo })
		}
		p := Pair{Object: r.Route.Ref(), Part: PartRoute, Name: ruleName(s, r, names), Declared: want.String()}
		if at < 0 || at >= len(have) || have[at] == nil {
			c.add(p, false, from...)
			continue
		}
		c.compareRoute(p, want, c.loadedRoute(have[at]), from)
		have[at] = nil
	}
	for _, r := range have {
		if r != nil {
			c.stranger(s, r, from)
		}
	}
}

// ruleName tells the matches of one rule apart.
func ruleName(s *served, r *path.Rule, names map[string]int) string {
	name := fmt.Sprintf("rule %d for %s", r.Number, s.of())
	key := r.Route.Ref().String() + name
	names[key]++
	if n := names[key]; n > 1 {
		name += fmt.Sprintf(", match %d", n)
	}
	return name
}

// compareRoute compares one rule with the route made of it.
func (c *envoyComparison) compareRoute(p Pair, want declaredRoute, got loadedRoute, from []*mesh.Meta) {
	p.Loaded = got.String()
	switch agrees := want.agrees(got); {
	case agrees == mesh.FactYes:
		c.add(p, true, from...)
	case agrees == mesh.FactUnknown:
		c.unknown(p, "It asks for something whose form in Envoy differs by release.")
	case c.patched != "":
		c.unknown(p, c.patched)
	default:
		c.add(p, false, from...)
	}
}

// compareStrangers adds routes of objects whose rules are not in effect here.
func (c *envoyComparison) compareStrangers(s *served, owners []mesh.Ref, loaded []*mesh.EnvoyRoute, from []*mesh.Meta) {
	for _, r := range loaded {
		if !slices.Contains(owners, routeOwner(r.Owner)) {
			c.stranger(s, r, from)
		}
	}
}

func (c *envoyComparison) stranger(s *served, r *mesh.EnvoyRoute, from []*mesh.Meta) {
	p := Pair{Object: r.Owner, Part: PartRoute, Name: "for " + s.of(), Loaded: c.loadedRoute(r).String()}
	switch {
	case r.Owner.IsZero() && r.Name == defaultRoute: // what is missing says it
	case r.Owner.IsZero():
		p.Object = s.ref
		c.unknown(p, "Nothing says which object it is made of.")
	case c.patched != "":
		c.unknown(p, c.patched)
	default:
		c.add(p, false, from...)
	}
}

// compareOrder compares which object is asked first where several route.
func (c *envoyComparison) compareOrder(s *served, rules []*path.Rule, loaded []*mesh.EnvoyRoute, from []*mesh.Meta) {
	declared := ownersOf(rules)
	var got []mesh.Ref
	for _, r := range loaded {
		if o := routeOwner(r.Owner); !slices.Contains(got, o) {
			got = append(got, o)
		}
	}
	alike := len(declared) == len(got) && !slices.ContainsFunc(got, func(r mesh.Ref) bool { return !slices.Contains(declared, r) })
	if len(declared) < 2 || !alike {
		return // what is missing or too much was said
	}
	p := Pair{Object: s.ref, Part: PartRoute, Name: "order at " + s.name(), Declared: ownerWords(declared), Loaded: ownerWords(got)}
	c.add(p, slices.Equal(declared, got), from...)
}

func ownerWords(list []mesh.Ref) string {
	var out []string
	for _, r := range list {
		if r.Name == "" {
			out = append(out, "Gateway API routes in "+r.Namespace)
			continue
		}
		out = append(out, r.String())
	}
	return strings.Join(out, ", then ")
}
