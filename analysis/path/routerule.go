package path

import (
	"cmp"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// explode makes one Rule of each match of a rule, as Istio does for routes at
// a waypoint. Matches on sourceLabels are dropped, those on another gateway,
// port or namespace never hold (istio.md C.5). A rule that had matches and
// lost all of them is gone; one that delegates brings the delegate's rules.
func (c *routeChooser) explode(r *mesh.Route, n int) []Rule {
	spec := &r.Rules[n]
	if !c.fits(spec.Protocol) {
		return nil
	}
	var out []Rule
	if len(spec.Matches) == 0 {
		out = append(out, Rule{Route: r, Spec: spec, Number: n + 1})
	}
	for i := range spec.Matches {
		m := &spec.Matches[i]
		if !c.reaches(m) {
			continue
		}
		rule := Rule{Route: r, Spec: spec, Number: n + 1, Match: m, written: m}
		if matchesAll(m) {
			rule.Match = nil
		}
		out = append(out, rule)
	}
	return c.delegated(r, spec, out)
}

// reaches tells whether a match can hold at this waypoint for this port.
func (c *routeChooser) reaches(m *mesh.RouteMatch) bool {
	return len(m.SourceLabels) == 0 &&
		(m.SourceNamespace == "" || m.SourceNamespace == c.waypoint) &&
		(m.Port == 0 || m.Port == c.port.Port) &&
		(len(m.Gateways) == 0 || slices.Contains(m.Gateways, "mesh"))
}

// matchesAll tells that a match which reaches the waypoint asks for nothing
// more: what decided about reaching no longer counts.
func matchesAll(m *mesh.RouteMatch) bool {
	rest := *m
	rest.Port, rest.SourceNamespace = 0, ""
	rule := mesh.RouteRule{Matches: []mesh.RouteMatch{rest}}
	return rule.CatchAll()
}

// delegated puts the rules of a delegate in the place of the rule that names
// it. The narrower match is the delegate's own where it has one: Istio refuses
// a delegate that is not contained in its root.
func (c *routeChooser) delegated(r *mesh.Route, spec *mesh.RouteRule, rules []Rule) []Rule {
	if spec.Delegate.IsZero() {
		return rules
	}
	ref := mesh.Ref{Kind: "VirtualService", Namespace: cmp.Or(spec.Delegate.Namespace, r.Namespace), Name: spec.Delegate.Name}
	delegate, ok := c.snap.Lookup(ref).(*mesh.Route)
	if !ok {
		return nil
	}
	var out []Rule
	for _, root := range rules {
		for n := range delegate.Rules {
			if !delegate.Rules[n].Delegate.IsZero() {
				continue // one level only, as in Istio
			}
			for _, own := range c.explode(delegate, n) {
				if own.Match == nil {
					own.Match = root.Match
				}
				out = append(out, own)
			}
		}
	}
	return out
}

// moreSpecific orders merged Gateway API rules: exact before prefix before
// regular expression, longer before shorter, then method, headers and query
// parameters by number. A rule without a match comes last; one for the prefix
// "/" is a prefix like others, and so before every regular expression.
func moreSpecific(a, b Rule) int {
	x, y := a.written, b.written
	if x == nil || y == nil {
		return boolCompare(y != nil, x != nil)
	}
	return cmp.Or(
		cmp.Compare(pathRank(y.Path), pathRank(x.Path)),
		cmp.Compare(pathLength(y.Path), pathLength(x.Path)),
		boolCompare(y.Method != nil, x.Method != nil),
		cmp.Compare(len(y.Headers), len(x.Headers)),
		cmp.Compare(len(y.QueryParams), len(x.QueryParams)),
	)
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func pathRank(m *mesh.StringMatch) int {
	if m == nil {
		return 0
	}
	switch m.Kind {
	case mesh.MatchExact:
		return 3
	case mesh.MatchPrefix:
		return 2
	}
	return 1
}

func pathLength(m *mesh.StringMatch) int {
	if m == nil {
		return 0
	}
	return len(m.Value)
}
