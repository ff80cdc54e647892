package views

import (
	"cmp"
	"slices"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// pathChangesShown bounds the changes beside a chart.
const pathChangesShown = 20

// PathChange is a change of something that calls to a service meet.
type PathChange struct {
	At     time.Time
	Object mesh.Ref
	// Did says what happened: "created", "changed", "rolled out". By is who
	// wrote it, from managedFields; empty where nobody is named.
	Did, By string
}

// PathChanges lists the changes since a moment of what calls to a service meet,
// the newest first: the service and its namespace, its waypoint, the routes,
// DestinationRules and policies in effect for it, and what its pods are made by.
// Only the last write of an object is known, and nothing of one that is gone.
// more counts those that are too many to list.
func PathChanges(r *analysis.Report, o mesh.Object, since time.Time) (list []PathChange, more int) {
	c := collector{now: r.At, since: since}
	seen := make(map[mesh.Ref]bool)
	for _, part := range pathParts(r.Snap, o) {
		if !seen[part.Ref()] {
			seen[part.Ref()] = true
			c.made(part.Metadata())
		}
	}
	slices.SortFunc(c.found, func(a, b change) int {
		return cmp.Or(b.at.Compare(a.at), a.ref.Compare(b.ref), cmp.Compare(a.did, b.did))
	})
	more = max(0, len(c.found)-pathChangesShown)
	for _, ch := range c.found[:len(c.found)-more] {
		list = append(list, PathChange{At: ch.at, Object: ch.ref, Did: ch.did, By: ch.by})
	}
	return list, more
}

// made is object for one that was chosen by itself: that of an owner, such as
// the Deployment that istiod makes for a waypoint, counts as well.
func (c *collector) made(m *mesh.Meta) {
	own := *m
	if m.Kind != "ReplicaSet" {
		own.Owner = mesh.Ref{}
	}
	c.object(&own)
}

// pathParts are the objects that decide about calls to a service. Some are
// there more than once.
func pathParts(s *mesh.Snapshot, o mesh.Object) []mesh.Object {
	out := []mesh.Object{o}
	if info := s.Shard(o.Metadata().Namespace).Info; info != nil {
		out = append(out, info)
	}
	b := bindingOf(s, o)
	at := o.Metadata().Namespace
	if b.Bound() {
		at = b.Waypoint.Namespace
	}
	out = append(out, waypointParts(s, b)...)
	for _, port := range portsOf(o) {
		for _, p := range path.ForService(s, o.Ref(), port.Port, path.Options{}).Policies {
			out = appendKnown(out, s.Lookup(p.Policy))
		}
		routing := path.RoutesAt(s, at, o.Ref(), port.Port)
		for _, rule := range routing.Rules {
			if rule.Route != nil {
				out = append(out, rule.Route)
			}
		}
		for _, ignored := range routing.Ignored {
			out = append(out, ignored.Route)
		}
	}
	for _, d := range path.DestinationRulesAt(s, at, o.Ref()) {
		out = append(out, d)
	}
	return append(out, makersOf(s, podsBehind(s, o).list)...)
}

func waypointParts(s *mesh.Snapshot, b mesh.Binding) []mesh.Object {
	wp := s.Waypoint(b.Waypoint.Namespace, b.Waypoint.Name)
	if wp == nil {
		return nil
	}
	out := []mesh.Object{wp.Gateway}
	if wp.Deployment != nil {
		out = append(out, wp.Deployment)
	}
	return append(out, makersOf(s, wp.Pods)...)
}

// makersOf are what pods are made by: the ReplicaSet, which is a rollout, and
// what people deploy.
func makersOf(s *mesh.Snapshot, pods []*mesh.Workload) []mesh.Object {
	var out []mesh.Object
	for _, w := range pods {
		out = appendKnown(out, s.Lookup(w.Owner))
		if maker := s.ControllerOf(w); maker != w.Ref() {
			out = appendKnown(out, s.Lookup(maker))
		}
	}
	return out
}

func appendKnown(list []mesh.Object, o mesh.Object) []mesh.Object {
	if o == nil {
		return list
	}
	return append(list, o)
}
