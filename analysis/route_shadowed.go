package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

var routeShadowed = Check{
	Code: "ROUTE_SHADOWED", Severity: Error, Class: Risk,
	Subject: "VirtualService, HTTPRoute or another route: the one whose rules no request reaches",
	Title:   "Rules of a route are behind one that takes every request",
	Explanation: "A waypoint puts the rules of all routing objects for a host into one list, and the first rule that matches decides. Rules behind one without a match are dead, whatever they say: retries, timeouts, splits and faults in them do not act. " +
		"Before Istio 1.28.6, 1.29.2 and 1.30, and at ports that carry no HTTP, only the first object counts at all. Put the rules for one host into one object, the most particular ones first.",
	Fires:  "A waypoint is bound, and on a port of the service a rule stands behind a catch-all, or behind one with the same match: private objects first, then exported ones, Gateway API routes of the waypoint's namespace, then by age; Gateway API routes of a namespace are merged and sorted by how particular they are.",
	Silent: "No waypoint is bound; matches differ and no catch-all comes before them; another match of the same rule takes the request.",
	Doubt:  "Computed from the objects in the order of Istio's release; an unknown release counts as the newest. Two matches that overlap without being the same are not compared.",
	Needs:  []string{mesh.ResourceServices, mesh.ResourceGateways, mesh.ResourceVirtualServices, mesh.ResourceHTTPRoutes},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceServiceEntries, mesh.ResourceGRPCRoutes, mesh.ResourceTCPRoutes, mesh.ResourceTLSRoutes},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var found buried
		for _, p := range in.shared.routing().ports {
			if p.service.Namespace == sh.Namespace {
				found.addPort(p)
			}
		}
		return found.findings()
	},
}

// buried collects dead rules by the object they are in.
type buried struct{ routes []*buriedRoute }

type buriedRoute struct {
	route   *mesh.Route
	rules   []int // dead ones
	winners []*mesh.Route
	affects []mesh.Ref
	// out tells that the object does not count at all, by the release's rule.
	out      bool
	evidence []Evidence
}

// addPort looks at one port of something bound.
func (b *buried) addPort(p portRouting) {
	for _, r := range p.Rules {
		if r.Dead && (r.By != r.Route || r.ByNumber != r.Number) {
			b.addRule(r, p.service, p.port.Port)
		}
	}
	for _, i := range p.Ignored {
		if i.By != nil {
			b.addObject(i, p.service, p.port.Port)
		}
	}
}

func (b *buried) of(r, winner *mesh.Route, service mesh.Ref) *buriedRoute {
	i := slices.IndexFunc(b.routes, func(have *buriedRoute) bool { return have.route == r })
	if i < 0 {
		i = len(b.routes)
		b.routes = append(b.routes, &buriedRoute{route: r})
	}
	out := b.routes[i]
	if !slices.Contains(out.winners, winner) {
		out.winners = append(out.winners, winner)
	}
	if !slices.Contains(out.affects, service) {
		out.affects = append(out.affects, service)
	}
	return out
}

func (b *buried) addRule(r path.Rule, service mesh.Ref, port uint16) {
	o := b.of(r.Route, r.By, service)
	if !slices.Contains(o.rules, r.Number) {
		o.rules = append(o.rules, r.Number)
	}
	o.add(fieldEvidence(r.Route.Ref(), fmt.Sprintf("rule %d", r.Number), fmt.Sprintf("behind rule %d of %s on port %d of %s", r.ByNumber, r.By.Ref(), port, service)))
	o.add(fieldEvidence(r.By.Ref(), "metadata.creationTimestamp", timeText(r.By.Created)))
}

func (b *buried) addObject(i path.IgnoredRoute, service mesh.Ref, port uint16) {
	o := b.of(i.Route, i.By, service)
	o.out = true
	o.add(fieldEvidence(i.Route.Ref(), attachmentField(i.Route.Ref()), fmt.Sprintf("on port %d of %s: %s, which is %s", port, service, i.Reason, i.By.Ref())))
}

func (o *buriedRoute) add(e Evidence) {
	if !slices.Contains(o.evidence, e) {
		o.evidence = append(o.evidence, e)
	}
}

func (b *buried) findings() []Finding {
	out := make([]Finding, 0, len(b.routes))
	for _, o := range b.routes {
		out = append(out, o.finding())
	}
	return out
}

func (o *buriedRoute) finding() Finding {
	f := Finding{Subject: o.route.Ref(), Affects: o.affects, Evidence: shorten(o.evidence)}
	winner := o.winners[0]
	f.Summary = fmt.Sprintf("%s of %s never acts on calls to %s: %s takes them before it.", o.what(), o.route.Ref(), names(o.affects), winner.Ref())
	if winner == o.route {
		f.Summary = fmt.Sprintf("%s of %s never acts on calls to %s: an earlier rule of the same object takes them.", o.what(), o.route.Ref(), names(o.affects))
	}
	f.Detail = fmt.Sprintf("At the waypoint of %s the first rule that matches decides, and one that takes every such request comes before. What this object says has no effect on such calls.", names(o.affects))
	f.Fix = advise(fmt.Sprintf("Put what %s says into %s, before the rule that takes everything, and take it out here. Requests are treated by it from then on.", o.route.Ref(), winner.Ref())).
		get(winner.Ref())
	if winner == o.route {
		f.Fix = advise("Move the rule before the one that takes every request, or take it out. Requests that match it are treated by it from then on.")
	}
	f.Fix = f.Fix.get(o.route.Ref())
	return f
}

// what says how much of an object is dead: "Every rule", "Rule 2".
func (o *buriedRoute) what() string {
	dead := len(o.rules)
	switch {
	case o.out || dead == len(o.route.Rules):
		return "Everything"
	case dead == 1:
		return fmt.Sprintf("Rule %d", o.rules[0])
	}
	return fmt.Sprintf("Part (%d of %d rules)", dead, len(o.route.Rules))
}
