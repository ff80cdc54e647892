package views

import (
	"slices"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// RoutesTab is what is declared about how calls to one port are routed and what
// happens when they fail.
type RoutesTab struct {
	Notices []SourceNotice
	// InEffect says at which waypoint the rules hold; NotInEffect why none of
	// them does. One of them is empty.
	InEffect, NotInEffect string
	Waypoint              ObjectLink
	Rules                 []RuleCard
	Ignored               []IgnoredCard
	Destinations          []DestinationCard
	// NoDefault tells that no rule takes every request.
	NoDefault bool
}

// IgnoredCard is a routing object that is meant for the service and left out.
type IgnoredCard struct {
	Object ObjectLink
	Reason string
}

// routeKinds are the kinds the tab lives from.
var routeKinds = []string{
	mesh.ResourceHTTPRoutes, mesh.ResourceGRPCRoutes, mesh.ResourceTCPRoutes, mesh.ResourceTLSRoutes,
	mesh.ResourceVirtualServices, mesh.ResourceDestinationRules,
}

func newRoutesTab(s *mesh.Snapshot, q Query, o mesh.Object, port mesh.ServicePort) RoutesTab {
	t := RoutesTab{Notices: sourceNotices(s, routeKinds...)}
	b := bindingOf(s, o)
	at := o.Metadata().Namespace
	if b.Bound() {
		at = b.Waypoint.Namespace
		t.Waypoint = NewObjectLink(s, q, b.Waypoint)
		t.InEffect = "In effect at the waypoint, in the order in which it tries them."
	} else {
		t.NotInEffect = "No waypoint is in effect, so nothing below is applied. " + b.Reason
	}
	routing := path.RoutesAt(s, at, o.Ref(), port.Port)
	for i, r := range routing.Rules {
		card := newRuleCard(s, q, r, i+1)
		if r.Dead {
			card.Dead = deadWords(routing.Rules[:i])
		}
		t.Rules = append(t.Rules, card)
	}
	t.NoDefault = len(t.Rules) > 0 && !slices.ContainsFunc(routing.Rules, path.Rule.CatchAll)
	for _, ig := range routing.Ignored {
		t.Ignored = append(t.Ignored, IgnoredCard{Object: NewObjectLink(s, q, ig.Route.Ref()), Reason: ig.Reason})
	}
	pods := podsBehind(s, o)
	for _, d := range path.DestinationRulesAt(s, at, o.Ref()) {
		t.Destinations = append(t.Destinations, newDestinationCard(s, q, d, pods))
	}
	return t
}

// deadWords names the rule that takes everything before this one.
func deadWords(before []path.Rule) string {
	for i, r := range before {
		if r.CatchAll() {
			return "Never reached: rule " + number(i+1) + " takes every request."
		}
	}
	return ""
}

// podsBehind are the pods a Service or ServiceEntry selects.
func podsBehind(s *mesh.Snapshot, o mesh.Object) podsOf {
	namespace := o.Metadata().Namespace
	p := podsOf{unknown: unreadable(s, mesh.ResourcePods, namespace)}
	var matches func(labels map[string]string) bool
	switch o := o.(type) {
	case *mesh.Service:
		matches = func(l map[string]string) bool { return len(o.Selector) > 0 && mesh.LabelsMatch(o.Selector, l) }
	case *mesh.ServiceEntry:
		matches = func(l map[string]string) bool { return o.WorkloadSelector != nil && o.WorkloadSelector.Matches(l) }
	}
	for _, w := range s.Shard(namespace).Workloads {
		if !w.Finished() && matches(w.Labels) {
			p.list = append(p.list, w)
		}
	}
	return p
}
