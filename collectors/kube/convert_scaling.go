package kube

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/waylight/waylight/mesh"
)

// convertAutoscaler defaults minReplicas to one, as the API server does.
func convertAutoscaler(o *autoscalingv2.HorizontalPodAutoscaler, _ *checker) mesh.Object {
	target := &o.Spec.ScaleTargetRef
	return &mesh.Autoscaler{
		Meta:            metaOf(autoscalingv2.GroupName, "HorizontalPodAutoscaler", o),
		Target:          mesh.Ref{Kind: share(target.Kind), Namespace: share(o.Namespace), Name: share(target.Name)},
		MinReplicas:     deref(o.Spec.MinReplicas, 1),
		MaxReplicas:     o.Spec.MaxReplicas,
		CurrentReplicas: o.Status.CurrentReplicas,
		DesiredReplicas: o.Status.DesiredReplicas,
		Conditions: conditionsOf(o.Status.Conditions, func(c *autoscalingv2.HorizontalPodAutoscalerCondition) mesh.Condition {
			return condition(c.Type, c.Status, c.Reason, c.Message, c.LastTransitionTime)
		}),
	}
}

func convertDisruptionBudget(o *policyv1.PodDisruptionBudget, _ *checker) mesh.Object {
	return &mesh.DisruptionBudget{
		Meta:               metaOf(policyv1.GroupName, "PodDisruptionBudget", o),
		Selector:           selectorOf(o.Spec.Selector),
		MinAvailable:       amountOf(o.Spec.MinAvailable),
		MaxUnavailable:     amountOf(o.Spec.MaxUnavailable),
		DisruptionsAllowed: o.Status.DisruptionsAllowed,
	}
}

func amountOf(n *intstr.IntOrString) string {
	if n == nil {
		return ""
	}
	return share(n.String())
}
