package path

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// Routing is what a waypoint makes of all routing objects for one port of a
// service: one ordered list of rules, of which the first that matches a
// request decides (istio.md C.5).
type Routing struct {
	// Rules in order. Those behind a catch-all are dead.
	Rules []Rule
	// Ignored are objects meant for the host that the waypoint leaves out.
	Ignored []IgnoredRoute
}

// Rule is one rule with one of its matches.
type Rule struct {
	Route *mesh.Route
	Spec  *mesh.RouteRule
	// Number of the rule in its object, from 1.
	Number int
	// Match is nil where the rule matches everything.
	Match *mesh.RouteMatch
	// Dead tells that an earlier rule takes every request: a catch-all, or one
	// with the same match. By is that rule's object, and ByNumber its number.
	Dead     bool
	By       *mesh.Route
	ByNumber int

	// written is the match as it stands in the object, nil where it has none:
	// Gateway API routes are ordered by it.
	written *mesh.RouteMatch
}

// CatchAll tells that the rule takes every request that reaches it.
func (r Rule) CatchAll() bool { return r.Match == nil }

// IgnoredRoute is a routing object without effect at the waypoint, and why.
type IgnoredRoute struct {
	Route  *mesh.Route
	Reason string
	// By is the object whose rules count instead, nil for any other reason.
	By *mesh.Route
}

// RoutesAt computes the routing of one service port at a waypoint in a
// namespace.
func RoutesAt(s *mesh.Snapshot, waypointNamespace string, service mesh.Ref, port uint16) Routing {
	t := targetOf(s, service)
	if t == nil {
		return Routing{}
	}
	p, _ := t.port(port)
	return routesAt(s, waypointNamespace, t, p)
}

func routesAt(s *mesh.Snapshot, waypointNamespace string, t *target, port mesh.ServicePort) Routing {
	c := &routeChooser{snap: s, waypoint: waypointNamespace, target: t, port: port}
	c.collect()
	units := c.ordered()
	if first := c.firstOnly(); first && len(units) > 1 {
		c.ignoreBehind(units[0].oldest, units[1:])
		units = units[:1]
	}
	for _, u := range units {
		c.out.Rules = append(c.out.Rules, u.rules...)
	}
	bury(c.out.Rules)
	return c.out
}

// ignoreBehind leaves out every object of the units that do not count.
func (c *routeChooser) ignoreBehind(first *mesh.Route, units []unit) {
	seen := make(map[*mesh.Route]bool)
	for _, u := range units {
		for _, r := range u.rules {
			if !seen[r.Route] {
				seen[r.Route] = true
				c.out.Ignored = append(c.out.Ignored, IgnoredRoute{Route: r.Route, Reason: "only the first object for a host counts before Istio 1.30 or at a TCP port", By: first})
			}
		}
	}
}

// bury marks the rules no request gets to.
func bury(rules []Rule) {
	for i := range rules {
		for j := range rules[:i] {
			if rules[j].CatchAll() || (rules[i].Match != nil && sameMatch(rules[i].Match, rules[j].Match)) {
				rules[i].Dead, rules[i].By, rules[i].ByNumber = true, rules[j].Route, rules[j].Number
				break
			}
		}
	}
}

// sameMatch tells that two matches that reach the waypoint ask for the same:
// what they are called and what decided about reaching does not count.
func sameMatch(a, b *mesh.RouteMatch) bool {
	x, y := *a, *b
	for _, m := range []*mesh.RouteMatch{&x, &y} {
		m.Name, m.Port, m.SourceNamespace, m.Gateways = "", 0, "", nil
	}
	return reflect.DeepEqual(x, y)
}

// routeChooser collects the routing objects for one service port.
type routeChooser struct {
	snap     *mesh.Snapshot
	waypoint string // its namespace
	target   *target
	port     mesh.ServicePort
	units    []unit
	out      Routing
}

// unit is what is ordered as one: a VirtualService, or all Gateway API routes
// of a kind, namespace and parent port, which Istio merges.
type unit struct {
	group     visibility
	oldest    *mesh.Route
	rules     []Rule
	mergedKey string // empty for a VirtualService
}

// visibility orders units: private, exported to the waypoint's namespace,
// Gateway API routes beside the waypoint, everything else that is public
// (istiod's VirtualServicesForGateway).
type visibility int

const (
	private visibility = iota
	exported
	consumer
	public
	hidden
)

func (c *routeChooser) collect() {
	namespaces := []string{c.waypoint, c.target.ref.Namespace}
	slices.Sort(namespaces)
	for _, ns := range slices.Compact(namespaces) {
		routes := slices.Clone(c.snap.Shard(ns).Routes)
		slices.SortStableFunc(routes, olderRoute)
		for _, r := range routes {
			if r.Kind == "VirtualService" {
				c.virtualService(r)
			} else {
				c.gatewayRoute(r)
			}
		}
	}
}

// olderRoute orders as istiod does: creation time, then name, then namespace.
func olderRoute(a, b *mesh.Route) int {
	return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Namespace, b.Namespace))
}

func (c *routeChooser) ignore(r *mesh.Route, reason string) {
	c.out.Ignored = append(c.out.Ignored, IgnoredRoute{Route: r, Reason: reason})
}

func (c *routeChooser) virtualService(r *mesh.Route) {
	named := slices.ContainsFunc(r.Hosts, func(h string) bool { return hostMatches(fullHost(h, r.Namespace), c.target.host) })
	if !named {
		return
	}
	if len(r.Gateways) > 0 && !slices.Contains(r.Gateways, "mesh") {
		return // meant for gateways alone: no news to the reader
	}
	group := c.visibilityOf(r)
	if group == hidden {
		c.ignore(r, "its exportTo leaves out namespace "+c.waypoint+", where the waypoint is")
		return
	}
	u := unit{group: group, oldest: r}
	for i := range r.Rules {
		u.rules = append(u.rules, c.explode(r, i)...)
	}
	if len(u.rules) == 0 {
		if len(r.Rules) > 0 && c.carries(r) {
			c.ignore(r, "every match of it asks for something a waypoint does not evaluate (sourceLabels, another gateway, port or namespace)")
		}
		return
	}
	c.units = append(c.units, u)
}

// visibilityOf reads exportTo from the waypoint's point of view.
func (c *routeChooser) visibilityOf(r *mesh.Route) visibility {
	switch {
	case len(r.ExportTo) == 0 || slices.Contains(r.ExportTo, "*"):
		return public
	case slices.Contains(r.ExportTo, c.waypoint):
		return exported
	case slices.Contains(r.ExportTo, ".") && r.Namespace == c.waypoint:
		return private
	}
	return hidden
}

// carries tells whether an object has rules for the port's protocol at all.
func (c *routeChooser) carries(r *mesh.Route) bool {
	return slices.ContainsFunc(r.Rules, func(rule mesh.RouteRule) bool { return c.fits(rule.Protocol) })
}

// fits tells whether rules of a protocol apply on the port: HTTP rules where
// HTTP is declared or detected, TCP and TLS rules where it is not.
func (c *routeChooser) fits(protocol string) bool {
	if c.port.Declared() == mesh.ProtocolTCP {
		return protocol != "http"
	}
	return protocol == "http" || protocol == ""
}

// gatewayRoute adds a Gateway API route with the service as a parent to its
// group.
func (c *routeChooser) gatewayRoute(r *mesh.Route) {
	for i := range r.Parents {
		parent := &r.Parents[i]
		if parent.Ref != c.target.ref || (parent.Port != 0 && parent.Port != c.port.Port) {
			continue
		}
		if refused(parent) {
			c.ignore(r, "istiod did not accept it for this parent")
			continue
		}
		u := c.group(r, key(r.Kind, r.Namespace, portText(parent.Port)))
		for n := range r.Rules {
			u.rules = append(u.rules, c.explode(r, n)...)
		}
		slices.SortStableFunc(u.rules, moreSpecific)
	}
}

// refused reads istiod's own verdict on a parent.
func refused(parent *mesh.RouteParent) bool {
	for _, st := range parent.Status {
		if a := st.Conditions.Find(mesh.ConditionAccepted); a != nil && a.Status == mesh.ConditionFalse && strings.HasPrefix(st.Controller, "istio.io/") {
			return true
		}
	}
	return false
}

func (c *routeChooser) group(r *mesh.Route, mergedKey string) *unit {
	for i := range c.units {
		if c.units[i].mergedKey == mergedKey {
			return &c.units[i]
		}
	}
	u := unit{group: public, oldest: r, mergedKey: mergedKey}
	if r.Namespace == c.waypoint {
		u.group = consumer
	}
	c.units = append(c.units, u)
	return &c.units[len(c.units)-1]
}

// ordered sorts units into the order their rules are tried in.
func (c *routeChooser) ordered() []unit {
	slices.SortStableFunc(c.units, func(a, b unit) int {
		return cmp.Or(cmp.Compare(a.group, b.group), olderRoute(a.oldest, b.oldest))
	})
	return slices.DeleteFunc(c.units, func(u unit) bool { return len(u.rules) == 0 })
}

// firstOnly tells whether only the first unit counts.
func (c *routeChooser) firstOnly() bool {
	return c.port.Declared() == mesh.ProtocolTCP || !concatenates(c.snap.Cluster.IstioVersion)
}

// concatenates tells whether a release puts the rules of all objects behind
// each other: 1.30, and 1.29.2 and 1.28.6 on their branches. An unknown
// version counts as the newest.
func concatenates(version string) bool {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(parts) < 2 || parts[0] != "1" {
		return true
	}
	minor, err := strconv.Atoi(leadingDigits(parts[1]))
	if err != nil || minor >= 30 {
		return true
	}
	patch := 0
	if len(parts) == 3 {
		patch, _ = strconv.Atoi(leadingDigits(parts[2]))
	}
	return (minor == 29 && patch >= 2) || (minor == 28 && patch >= 6)
}

func leadingDigits(s string) string {
	i := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if i < 0 {
		return s
	}
	return s[:i]
}
