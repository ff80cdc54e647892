package kube

import (
	"cmp"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/waylight/waylight/mesh"
)

// convertEvent keeps Warning events. How old one may be is not judged here:
// that takes a clock.
func convertEvent(o *corev1.Event, _ *checker) mesh.Object {
	if o.Type != corev1.EventTypeWarning {
		return nil
	}
	e := &mesh.Event{
		Meta:     metaOf(corev1.GroupName, "Event", o),
		About:    targetOf(&o.InvolvedObject, o.Namespace),
		Reason:   share(o.Reason),
		Message:  bounded(o.Message, maxMessage),
		Count:    max(o.Count, 1),
		First:    earliest(utc(o.FirstTimestamp), o.EventTime.UTC()),
		Last:     latest(utc(o.LastTimestamp), o.EventTime.UTC()),
		Reporter: share(cmp.Or(o.ReportingController, o.Source.Component)),
	}
	if s := o.Series; s != nil {
		e.Count = max(e.Count, s.Count)
		e.Last = latest(e.Last, s.LastObservedTime.UTC())
	}
	return e
}

// Events say when in two generations of fields; a zero time is one not given.

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
