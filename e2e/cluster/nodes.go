package cluster

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// AddNodes writes Ready nodes. With the ambient profile installed they get what an ambient node has: a ztunnel and an istio-cni pod of
// the installation's own DaemonSets.
func (c *Cluster) AddNodes(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		c.Apply(t, c.node(name))
	}
	for _, name := range []string{"ztunnel", "istio-cni-node"} {
		daemonSet := &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Namespace: SystemNamespace, Name: name}}
		if c.Get(t, daemonSet) == nil {
			c.runDaemonSet(t, daemonSet, names)
		}
	}
}

// node is a Ready node whose kubelet, if the cluster has one, answers on loopback.
func (c *Cluster) node(name string) *corev1.Node {
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"kubernetes.io/hostname": name}},
		Status: corev1.NodeStatus{
			Addresses:       []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.0.0.1"}},
			Conditions:      []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady"}},
			DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: c.kubeletPort}},
		},
	}
}

// runDaemonSet makes one running pod a node.
func (c *Cluster) runDaemonSet(t testing.TB, daemonSet *appsv1.DaemonSet, nodes []string) {
	t.Helper()
	for _, node := range nodes {
		pod := podOf(daemonSet, "DaemonSet", daemonSet.Spec.Template, c.nextPod())
		pod.Spec.NodeName = node
		c.Apply(t, pod)
	}
	count := int32(len(nodes))
	c.Apply(t, &appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: daemonSet.Namespace, Name: daemonSet.Name},
		Spec:       daemonSet.Spec,
		Status: appsv1.DaemonSetStatus{
			DesiredNumberScheduled: count, CurrentNumberScheduled: count, UpdatedNumberScheduled: count,
			NumberReady: count, NumberAvailable: count,
		},
	})
}

// aWhileAgo is when pods of the tests were started: older than the minute that checks give a new pod.
func aWhileAgo() metav1.Time { return metav1.NewTime(time.Now().Add(-10 * time.Minute)) }
