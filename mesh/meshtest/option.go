package meshtest

import (
	"fmt"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Option changes an object that is being built. An option that does not fit
// its object panics: the test is wrong then.
//
// Options of a Deployment and its like go to the pod template, and so to the
// pods; OnController reaches its own metadata.
type Option func(mesh.Object)

// metaOf is the metadata an option that fits every object writes to.
func metaOf(o mesh.Object) *mesh.Meta {
	if s, ok := o.(*podSet); ok {
		return &s.template.Meta
	}
	return o.Metadata()
}

// Label sets a label.
func Label(key, value string) Option {
	return func(o mesh.Object) { metaOf(o).Labels[key] = value }
}

// Annotation sets an annotation.
func Annotation(key, value string) Option {
	return func(o mesh.Object) { metaOf(o).Annotations[key] = value }
}

// Ambient asks for enrolment; OptedOut refuses it.
var (
	Ambient  = Label(mesh.LabelDataplaneMode, mesh.DataplaneAmbient)
	OptedOut = Label(mesh.LabelDataplaneMode, mesh.DataplaneNone)
)

// UseWaypoint names a waypoint in the object's own namespace ("none" opts
// out).
func UseWaypoint(name string) Option { return Label(mesh.LabelUseWaypoint, name) }

// UseWaypointIn names a waypoint of another namespace.
func UseWaypointIn(namespace, name string) Option {
	return func(o mesh.Object) {
		UseWaypoint(name)(o)
		Label(mesh.LabelUseWaypointNamespace, namespace)(o)
	}
}

// Age sets how long ago the object was created.
func Age(d time.Duration) Option {
	return func(o mesh.Object) { metaOf(o).Created = Now.Add(-d) }
}

// ChangedBy says who wrote the object's spec last, and how long ago.
func ChangedBy(manager string, ago time.Duration) Option {
	return func(o mesh.Object) {
		metaOf(o).SpecChange = mesh.Change{Manager: manager, Time: Now.Add(-ago)}
	}
}

// Terminating says that deletion was asked for.
func Terminating() Option {
	return func(o mesh.Object) { metaOf(o).Deleting = Now.Add(-time.Second) }
}

// With reaches any field of an object of type T, e.g.
//
//	meshtest.With(func(s *mesh.Service) { s.Type = "ExternalName" })
//
// For a Deployment and its like T is mesh.Workload (the template) or
// mesh.Controller.
func With[T any](change func(*T)) Option {
	return func(o mesh.Object) { change(partOf[T](o)) }
}

// Condition adds a status condition that has held for an hour.
func Condition(typ string, status mesh.ConditionStatus, reason, message string) Option {
	c := mesh.Condition{Type: typ, Status: status, Reason: reason, Message: message, Since: Now.Add(-time.Hour)}
	return func(o mesh.Object) {
		list := conditionsOf(o)
		for i := range *list {
			if (*list)[i].Type == typ {
				(*list)[i] = c
				return
			}
		}
		*list = append(*list, c)
	}
}

func conditionsOf(o mesh.Object) *mesh.Conditions {
	switch o := o.(type) {
	case *podSet:
		return &o.Conditions
	case *waypoint:
		return &o.Conditions
	case *mesh.Workload:
		return &o.Conditions
	case *mesh.Service:
		return &o.Conditions
	case *mesh.ServiceEntry:
		return &o.Conditions
	case *mesh.Gateway:
		return &o.Conditions
	case *mesh.GatewayClass:
		return &o.Conditions
	case *node:
		return &o.Conditions
	case *mesh.AuthorizationPolicy:
		return &o.Conditions
	}
	panic(fmt.Sprintf("meshtest: %s has no conditions", o.Ref()))
}

// partOf finds the T inside an object.
func partOf[T any](o mesh.Object) *T {
	candidates := []any{o}
	switch o := o.(type) {
	case *podSet:
		candidates = append(candidates, &o.template, o.Controller)
	case *waypoint:
		candidates = append(candidates, o.Gateway, o.pods, &o.pods.template, o.pods.Controller)
	case *node:
		candidates = append(candidates, o.Node)
	}
	for _, c := range candidates {
		if t, ok := c.(*T); ok {
			return t
		}
	}
	panic(fmt.Sprintf("meshtest: option for %T does not fit %s", new(T), o.Ref()))
}

func apply(o mesh.Object, opts []Option) {
	for _, opt := range opts {
		opt(o)
	}
}
