package kube

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/waylight/waylight/mesh"
)

// conditionsOf translates a list of conditions, whose Go type differs from
// kind to kind. Their order stays as written.
func conditionsOf[T any](list []T, one func(*T) mesh.Condition) mesh.Conditions {
	if len(list) == 0 {
		return nil
	}
	out := make(mesh.Conditions, len(list))
	for i := range list {
		out[i] = one(&list[i])
	}
	return out
}

// condition is a condition of any kind. Reasons repeat and are shared,
// messages mostly do not.
func condition[T, S, R ~string](typ T, status S, reason R, message string, since metav1.Time) mesh.Condition {
	return mesh.Condition{
		Type:    share(typ),
		Status:  mesh.ConditionStatus(share(status)),
		Reason:  share(reason),
		Message: share(bounded(message, maxMessage)),
		Since:   utc(since),
	}
}

// standardConditions are those of the Gateway API and of Services.
func standardConditions(list []metav1.Condition) mesh.Conditions {
	return conditionsOf(list, func(c *metav1.Condition) mesh.Condition {
		out := condition(c.Type, c.Status, c.Reason, c.Message, c.LastTransitionTime)
		out.ObservedGeneration = c.ObservedGeneration
		return out
	})
}

func podConditions(list []corev1.PodCondition) mesh.Conditions {
	return conditionsOf(list, func(c *corev1.PodCondition) mesh.Condition {
		out := condition(c.Type, c.Status, c.Reason, c.Message, c.LastTransitionTime)
		out.ObservedGeneration = c.ObservedGeneration
		return out
	})
}

func nodeConditions(list []corev1.NodeCondition) mesh.Conditions {
	return conditionsOf(list, func(c *corev1.NodeCondition) mesh.Condition {
		return condition(c.Type, c.Status, c.Reason, c.Message, c.LastTransitionTime)
	})
}

// utc keeps the zero time zero.
func utc(t metav1.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

// utcOf is utc for times that may be absent.
func utcOf(t *metav1.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return utc(*t)
}

// deref is the value behind p, or the API's default where it is absent.
func deref[T any](p *T, byDefault T) T {
	if p == nil {
		return byDefault
	}
	return *p
}
