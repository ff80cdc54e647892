package kube

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/waylight/waylight/mesh"
)

// annotationRevision counts the ReplicaSets of a Deployment.
const annotationRevision = "deployment.kubernetes.io/revision"

// controllerOf fills in what all controllers share.
func controllerOf(meta mesh.Meta, selector *metav1.LabelSelector, template *corev1.PodTemplateSpec, c *checker) *mesh.Controller {
	return &mesh.Controller{
		Meta:                meta,
		Selector:            selectorOf(selector),
		TemplateLabels:      shareMap(template.Labels),
		TemplateAnnotations: annotationsOf(template.Annotations),
		ServiceAccount:      share(serviceAccountOf(&template.Spec)),
		HostNetwork:         template.Spec.HostNetwork,
		Containers:          containersOf(&template.Spec, template.Labels, c),
	}
}

// convertDeployment takes replicas that are not given for one, as the API
// server does, here and in StatefulSets and ReplicaSets.
func convertDeployment(o *appsv1.Deployment, c *checker) mesh.Object {
	out := controllerOf(metaOf(appsv1.GroupName, "Deployment", o), o.Spec.Selector, &o.Spec.Template, c)
	out.Wanted = deref(o.Spec.Replicas, 1)
	out.Ready, out.Updated = o.Status.ReadyReplicas, o.Status.UpdatedReplicas
	out.Suspended = o.Spec.Paused
	out.Conditions = conditionsOf(o.Status.Conditions, func(c *appsv1.DeploymentCondition) mesh.Condition {
		return condition(c.Type, c.Status, c.Reason, c.Message, c.LastTransitionTime)
	})
	return out
}

func convertStatefulSet(o *appsv1.StatefulSet, c *checker) mesh.Object {
	out := controllerOf(metaOf(appsv1.GroupName, "StatefulSet", o), o.Spec.Selector, &o.Spec.Template, c)
	out.Wanted = deref(o.Spec.Replicas, 1)
	out.Ready, out.Updated = o.Status.ReadyReplicas, o.Status.UpdatedReplicas
	out.Conditions = conditionsOf(o.Status.Conditions, func(c *appsv1.StatefulSetCondition) mesh.Condition {
		return condition(c.Type, c.Status, c.Reason, c.Message, c.LastTransitionTime)
	})
	return out
}

func convertDaemonSet(o *appsv1.DaemonSet, c *checker) mesh.Object {
	out := controllerOf(metaOf(appsv1.GroupName, "DaemonSet", o), o.Spec.Selector, &o.Spec.Template, c)
	out.Wanted = o.Status.DesiredNumberScheduled
	out.Ready, out.Updated = o.Status.NumberReady, o.Status.UpdatedNumberScheduled
	out.Conditions = conditionsOf(o.Status.Conditions, func(c *appsv1.DaemonSetCondition) mesh.Condition {
		return condition(c.Type, c.Status, c.Reason, c.Message, c.LastTransitionTime)
	})
	return out
}

func convertReplicaSet(o *appsv1.ReplicaSet, c *checker) mesh.Object {
	out := controllerOf(metaOf(appsv1.GroupName, "ReplicaSet", o), o.Spec.Selector, &o.Spec.Template, c)
	out.Wanted = deref(o.Spec.Replicas, 1)
	out.Ready = o.Status.ReadyReplicas
	// A ReplicaSet has one template for all its life.
	out.Updated = o.Status.Replicas
	out.Revision = share(o.Annotations[annotationRevision])
	out.Conditions = conditionsOf(o.Status.Conditions, func(c *appsv1.ReplicaSetCondition) mesh.Condition {
		return condition(c.Type, c.Status, c.Reason, c.Message, c.LastTransitionTime)
	})
	return out
}

// convertJob takes parallelism for the wanted number: so many pods run while
// the Job does.
func convertJob(o *batchv1.Job, c *checker) mesh.Object {
	out := controllerOf(metaOf(batchv1.GroupName, "Job", o), o.Spec.Selector, &o.Spec.Template, c)
	out.Wanted = deref(o.Spec.Parallelism, 1)
	out.Ready = deref(o.Status.Ready, 0)
	out.Updated = o.Status.Active
	out.Suspended = deref(o.Spec.Suspend, false)
	out.Conditions = conditionsOf(o.Status.Conditions, func(c *batchv1.JobCondition) mesh.Condition {
		return condition(c.Type, c.Status, c.Reason, c.Message, c.LastTransitionTime)
	})
	return out
}

func convertCronJob(o *batchv1.CronJob, c *checker) mesh.Object {
	out := controllerOf(metaOf(batchv1.GroupName, "CronJob", o), nil, &o.Spec.JobTemplate.Spec.Template, c)
	out.Suspended = deref(o.Spec.Suspend, false)
	return out
}

// selectorOf translates a label selector; nil stays nil, since absent and
// empty mean different things in most APIs.
func selectorOf(s *metav1.LabelSelector) *mesh.LabelSelector {
	if s == nil {
		return nil
	}
	out := &mesh.LabelSelector{MatchLabels: shareMap(s.MatchLabels)}
	for _, r := range s.MatchExpressions {
		out.MatchExpressions = append(out.MatchExpressions, mesh.LabelRequirement{
			Key: share(r.Key), Operator: share(r.Operator), Values: shareAll(r.Values),
		})
	}
	return out
}
