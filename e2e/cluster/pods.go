package cluster

import (
	"crypto/sha256"
	"fmt"
	"maps"
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
	set := ReplicaSetOf(deployment)
	c.Apply(t, set)
	replicas := *set.Spec.Replicas
	pods := make([]*corev1.Pod, replicas)
	for i := range pods {
		pods[i] = RunningPod(set, placement, c.nextPod())
		c.Apply(t, pods[i])
	}
	deployment.Status = appsv1.DeploymentStatus{
		Replicas: replicas, UpdatedReplicas: replicas, ReadyReplicas: replicas, AvailableReplicas: replicas,
	}
	c.ApplyStatus(t, deployment)
	return pods
}

// ReplicaSetOf makes the ReplicaSet of a Deployment that the API server has already, because it names its UID.
func ReplicaSetOf(deployment *appsv1.Deployment) *appsv1.ReplicaSet {
	replicas := int32(1)
	if deployment.Spec.Replicas != nil {
		replicas = *deployment.Spec.Replicas
	}
	template := *deployment.Spec.Template.DeepCopy()
	template.Labels = withEntry(template.Labels, appsv1.DefaultDeploymentUniqueLabelKey, templateHash)
	return &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       deployment.Namespace,
			Name:            deployment.Name + "-" + templateHash,
			Labels:          template.Labels,
			OwnerReferences: ownedBy(deployment, "Deployment"),
		},
		Spec: appsv1.ReplicaSetSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: template.Labels},
			Template: template,
		},
		Status: appsv1.ReplicaSetStatus{Replicas: replicas, ReadyReplicas: replicas, AvailableReplicas: replicas},
	}
}

// RunningPod makes a pod of a ReplicaSet, running and ready. Its number, unique in a cluster, decides name, address and node.
func RunningPod(set *appsv1.ReplicaSet, placement Placement, number int) *corev1.Pod {
	pod := podOf(set, "ReplicaSet", set.Spec.Template, number)
	pod.Spec.NodeName = placement.Nodes[number%len(placement.Nodes)]
	if placement.Captured {
		pod.Annotations = withEntry(pod.Annotations, Redirection, "enabled")
	}
	return pod
}

// podOf makes a running pod from its controller's template.
func podOf(controller metav1.Object, kind string, template corev1.PodTemplateSpec, number int) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: *template.ObjectMeta.DeepCopy(), Spec: *template.Spec.DeepCopy()}
	pod.Namespace = controller.GetNamespace()
	pod.Name = fmt.Sprintf("%s-%05x", controller.GetName(), number)
	pod.OwnerReferences = ownedBy(controller, kind)
	pod.Status = runningStatus(pod.Spec, fmt.Sprintf("10.244.%d.%d", number/250, number%250+1))
	return pod
}

func ownedBy(controller metav1.Object, kind string) []metav1.OwnerReference {
	yes := true
	return []metav1.OwnerReference{{
		APIVersion: "apps/v1", Kind: kind, Name: controller.GetName(), UID: controller.GetUID(), Controller: &yes,
	}}
}

// nextPod numbers the pods of a cluster.
func (c *Cluster) nextPod() int {
	c.pods++
	return c.pods
}

// runningStatus is the status a kubelet reports for a pod whose containers all run and are ready.
func runningStatus(spec corev1.PodSpec, ip string) corev1.PodStatus {
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
			Name: container.Name, Image: container.Image, Ready: true, Started: &yes, ContainerID: containerID(ip, container.Name, 0),
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}},
		})
	}
	return status
}

// containerID is the identity that a container runtime gives one run of a container.
func containerID(podIP, container string, restarts int32) string {
	return fmt.Sprintf("containerd://%x", sha256.Sum256(fmt.Appendf(nil, "%s/%s/%d", podIP, container, restarts)))
}

// RestartContainer reports, as a kubelet does, that a container of a pod has ended and runs again.
func (c *Cluster) RestartContainer(t testing.TB, pod *corev1.Pod, name string) {
	t.Helper()
	now := metav1.Now()
	for i := range pod.Status.ContainerStatuses {
		status := &pod.Status.ContainerStatuses[i]
		if status.Name != name {
			continue
		}
		status.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{
			ContainerID: status.ContainerID, ExitCode: 1, Reason: "Error", StartedAt: status.State.Running.StartedAt, FinishedAt: now,
		}
		status.RestartCount++
		status.ContainerID = containerID(pod.Status.PodIP, name, status.RestartCount)
		status.State.Running.StartedAt = now
	}
	c.ApplyStatus(t, pod)
}

// withEntry answers a copy of labels or annotations with one more.
func withEntry(entries map[string]string, key, value string) map[string]string {
	all := map[string]string{key: value}
	maps.Copy(all, entries)
	return all
}
