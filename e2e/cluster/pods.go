package cluster

import (
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Redirection is the annotation by which istio-cni says that it redirects a pod's traffic to ztunnel.
const Redirection = "ambient.istio.io/redirection"

// templateHash stands for the hash that the Deployment controller makes of a template; any text does.
const templateHash = "6d9f8c7b5d"

// Placement says where pods run and what istio-cni did with them.
type Placement struct {
	// Nodes are taken in turns.
	Nodes []string
	// Captured writes istio-cni's annotation.
	Captured bool
}

// RunDeployment does what the controller manager, the scheduler, the kubelets and istio-cni would do with a Deployment,
// one of the test's own or one that istiod made: a ReplicaSet and its running, ready pods.
func (c *Cluster) RunDeployment(t testing.TB, deployment *appsv1.Deployment, placement Placement) []*corev1.Pod {
	t.Helper()
	if deployment.UID == "" {
		c.Apply(t, deployment)
	}
	replicas := int32(1)
	if deployment.Spec.Replicas != nil {
		replicas = *deployment.Spec.Replicas
	}
	set := replicaSetOf(deployment, replicas)
	c.Apply(t, set)
	pods := make([]*corev1.Pod, replicas)
	for i := range pods {
		pods[i] = podOf(set, "ReplicaSet", set.Spec.Template)
		c.runPod(t, pods[i], placement, i)
	}
	deployment.Status = appsv1.DeploymentStatus{
		Replicas: replicas, UpdatedReplicas: replicas, ReadyReplicas: replicas, AvailableReplicas: replicas,
	}
	c.ApplyStatus(t, deployment)
	return pods
}

func replicaSetOf(deployment *appsv1.Deployment, replicas int32) *appsv1.ReplicaSet {
	template := *deployment.Spec.Template.DeepCopy()
	template.Labels = withLabel(template.Labels, appsv1.DefaultDeploymentUniqueLabelKey, templateHash)
	return &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       deployment.Namespace,
			Name:            deployment.Name + "-" + templateHash,
			Labels:          template.Labels,
			OwnerReferences: owner(deployment, "Deployment"),
		},
		Spec: appsv1.ReplicaSetSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: template.Labels},
			Template: template,
		},
		Status: appsv1.ReplicaSetStatus{Replicas: replicas, ReadyReplicas: replicas, AvailableReplicas: replicas},
	}
}

// podOf makes a pod from its controller's template; runPod gives it a name, a node and a status.
func podOf(controller metav1.Object, kind string, template corev1.PodTemplateSpec) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: *template.ObjectMeta.DeepCopy(), Spec: *template.Spec.DeepCopy()}
	pod.Namespace, pod.GenerateName = controller.GetNamespace(), controller.GetName()+"-"
	pod.OwnerReferences = owner(controller, kind)
	return pod
}

func owner(controller metav1.Object, kind string) []metav1.OwnerReference {
	yes := true
	return []metav1.OwnerReference{{
		APIVersion: "apps/v1", Kind: kind, Name: controller.GetName(), UID: controller.GetUID(), Controller: &yes,
	}}
}

// runPod writes pod number n of a controller as running and ready.
func (c *Cluster) runPod(t testing.TB, pod *corev1.Pod, placement Placement, n int) {
	t.Helper()
	c.pods++
	pod.Name = fmt.Sprintf("%sx%04d", pod.GenerateName, c.pods)
	pod.GenerateName = ""
	pod.Spec.NodeName = placement.Nodes[n%len(placement.Nodes)]
	if placement.Captured {
		if pod.Annotations == nil {
			pod.Annotations = map[string]string{}
		}
		pod.Annotations[Redirection] = "enabled"
	}
	pod.Status = RunningStatus(pod.Spec, fmt.Sprintf("10.244.%d.%d", c.pods/250, c.pods%250+1))
	c.Apply(t, pod)
}

// RunningStatus is the status a kubelet reports for a pod whose containers all run and are ready.
func RunningStatus(spec corev1.PodSpec, ip string) corev1.PodStatus {
	started := aWhileAgo()
	status := corev1.PodStatus{
		Phase: corev1.PodRunning, PodIP: ip, PodIPs: []corev1.PodIP{{IP: ip}}, HostIP: "127.0.0.1", StartTime: &started,
		Conditions: []corev1.PodCondition{
			{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: started},
			{Type: corev1.ContainersReady, Status: corev1.ConditionTrue, LastTransitionTime: started},
		},
	}
	yes := true
	for _, container := range spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name: container.Name, Image: container.Image, Ready: true, Started: &yes,
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}},
		})
	}
	return status
}

func withLabel(labels map[string]string, key, value string) map[string]string {
	all := map[string]string{key: value}
	for k, v := range labels {
		all[k] = v
	}
	return all
}
