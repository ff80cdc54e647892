package kube

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/waylight/waylight/mesh"
)

// labelNetwork names the network of a workload in a multi-network mesh.
const labelNetwork = "topology.istio.io/network"

func convertPod(o *corev1.Pod, c *checker) mesh.Object {
	w := &mesh.Workload{
		Meta:           metaOf(corev1.GroupName, "Pod", o),
		Node:           share(o.Spec.NodeName),
		HostNetwork:    o.Spec.HostNetwork,
		ServiceAccount: share(serviceAccountOf(&o.Spec)),
		IPs:            podIPs(&o.Status),
		Phase:          share(o.Status.Phase),
		Reason:         share(o.Status.Reason),
		Conditions:     podConditions(o.Status.Conditions),
		Started:        utcOf(o.Status.StartTime),
		Containers:     containersOf(&o.Spec, o.Labels, c),
		Zone:           share(o.Labels[corev1.LabelTopologyZone]),
		Network:        share(o.Labels[labelNetwork]),
	}
	if ready := w.Conditions.Find(string(corev1.PodReady)); ready != nil {
		w.Ready = ready.Status == mesh.ConditionTrue
	}
	for i := range w.Containers {
		addStatus(&w.Containers[i], &o.Status)
	}
	return w
}

// serviceAccountOf defaults the account as the ServiceAccount admission plugin
// does.
func serviceAccountOf(spec *corev1.PodSpec) string {
	if spec.ServiceAccountName == "" {
		return "default"
	}
	return spec.ServiceAccountName
}

func podIPs(s *corev1.PodStatus) []string {
	if len(s.PodIPs) == 0 && s.PodIP != "" {
		return []string{s.PodIP}
	}
	var out []string
	for _, ip := range s.PodIPs {
		out = append(out, ip.IP)
	}
	return out
}

// addStatus fills in what the kubelet says of a container.
func addStatus(out *mesh.Container, status *corev1.PodStatus) {
	list := status.ContainerStatuses
	if out.Init {
		list = status.InitContainerStatuses
	}
	i := slices.IndexFunc(list, func(s corev1.ContainerStatus) bool { return s.Name == out.Name })
	if i < 0 {
		return
	}
	s := &list[i]
	out.ID, out.Ready, out.RestartCount = s.ContainerID, s.Ready, s.RestartCount
	if run := s.State.Running; run != nil {
		out.StartedAt = utc(run.StartedAt)
	}
	if wait := s.State.Waiting; wait != nil {
		out.Waiting, out.WaitingText = share(wait.Reason), bounded(wait.Message, maxMessage)
	}
	out.LastExit = lastExit(s)
}

// lastExit is how the last run ended: that before the present one, or for a
// container that does not run again its only one.
func lastExit(s *corev1.ContainerStatus) *mesh.ContainerExit {
	end := s.State.Terminated
	if end == nil {
		end = s.LastTerminationState.Terminated
	}
	if end == nil {
		return nil
	}
	return &mesh.ContainerExit{Reason: share(end.Reason), ExitCode: end.ExitCode, At: utc(end.FinishedAt)}
}
