package analysis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// nodeCases are the same for ztunnel and istio-cni, which differ in severity
// and in who misses them.
func nodeCases(severity string, none mt.Option, pod func(...mt.Option) mt.Option) []checkCase {
	ns := mt.Namespace("shop", mt.Ambient)
	web := mt.Pod("shop", "web", mt.OnNode("node-a"))
	fires := []string{severity + " Node node-a"}
	return []checkCase{
		{name: "a captured pod and none on the node", parts: []mt.Part{ns, web, mt.Node("node-a", none)}, want: fires},
		{name: "a captured pod and one that is not ready", parts: []mt.Part{ns, web, mt.Node("node-a", pod(mt.NotReady))}, want: fires},
		{name: "a captured pod and one that is going away", parts: []mt.Part{ns, web, mt.Node("node-a", pod(mt.Terminating()))}, want: fires},
		{name: "a pod that asks and waits", parts: []mt.Part{ns, mt.Pod("shop", "web", mt.OnNode("node-a"), mt.NotCaptured), mt.Node("node-a", none)}, want: fires},
		{name: "a pod captured although nothing asks any more", parts: []mt.Part{mt.Namespace("shop"), mt.Pod("shop", "web", mt.OnNode("node-a"), mt.Captured), mt.Node("node-a", none)}, want: fires},
		{name: "silent: one is ready, in whatever namespace", parts: []mt.Part{
			ns, web, mt.Node("node-a", none),
			mt.Pod("ambient", "z", mt.OnNode("node-a"), mt.Label("app", "ztunnel")), mt.Pod("ambient", "c", mt.OnNode("node-a"), mt.Label("k8s-app", "istio-cni-node")),
		}},
		{name: "silent: no pod of the mesh on the node", parts: []mt.Part{mt.Namespace("legacy"), mt.Pod("legacy", "batch", mt.OnNode("node-a")), mt.Node("node-a", none)}},
		{name: "silent: only pods that can never be captured", parts: []mt.Part{ns, mt.Pod("shop", "agent", mt.OnNode("node-a"), mt.HostNetwork), mt.Waypoint("shop", "waypoint", mt.OnNode("node-a")), mt.Node("node-a", none)}},
		{name: "silent: only a finished pod", parts: []mt.Part{ns, mt.Pod("shop", "job", mt.OnNode("node-a"), mt.Captured, mt.Phase("Succeeded")), mt.Node("node-a", none)}},
		{name: "silent: only a pod younger than a minute", parts: []mt.Part{ns, mt.Pod("shop", "web", mt.OnNode("node-a"), mt.Age(10*time.Second)), mt.Node("node-a", none)}},
		{name: "silent: not every namespace is watched, so it may run unseen", parts: []mt.Part{mt.Scope("shop"), ns, web, mt.Node("node-a", none)}},
		{name: "silent: pods may not be read", parts: []mt.Part{ns, web, mt.Node("node-a", none), mt.Forbidden(mesh.ResourcePods)}},
	}
}

func TestZtunnelMissingOnNode(t *testing.T) {
	testCheck(t, "ZTUNNEL_MISSING_ON_NODE", nodeCases("critical", mt.NoZtunnel(), mt.Ztunnel))
}

func TestCNINotReadyOnNode(t *testing.T) {
	testCheck(t, "CNI_NOT_READY_ON_NODE", nodeCases("error", mt.NoCNI(), mt.CNI))
}

func TestZtunnelMissingIsOneFindingForAllPodsOfTheNode(t *testing.T) {
	r := assess(
		mt.Namespace("shop", mt.Ambient), mt.Node("node-a", mt.NoZtunnel()),
		mt.Deployment("shop", "web", mt.Replicas(3), mt.OnNode("node-a"), mt.RedirectionPending),
		mt.Deployment("shop", "orders", mt.OnNode("node-a"), mt.NotCaptured),
		mt.Deployment("shop", "catalog", mt.Replicas(2), mt.OnNode("node-a", "node-b"), mt.NotCaptured),
	)
	if f := only(t, r, "ZTUNNEL_MISSING_ON_NODE"); len(f.Affects) != 5 {
		t.Errorf("affects %v, want the 5 pods of node-a", f.Affects)
	}
	if n := len(withCode(r, "REDIRECTION_PENDING")); n > 0 {
		t.Errorf("%d findings about pending pods of a node without ztunnel", n)
	}
	for _, f := range withCode(r, "POD_NOT_CAPTURED") {
		if folded := f.CausedBy != nil; folded != (f.Subject.Name == "orders") {
			t.Errorf("%s folded under the node: %t; only orders is altogether on it", f.Subject, folded)
		}
	}
}

func TestZtunnelMissingSaysThatTheNodeItselfIsNotReady(t *testing.T) {
	down := mt.Condition("Ready", mesh.ConditionUnknown, "NodeStatusUnknown", "Kubelet stopped posting node status.")
	r := assess(mt.Namespace("shop", mt.Ambient), mt.Pod("shop", "web", mt.OnNode("node-a")),
		mt.Node("node-a", mt.Ztunnel(mt.NotReady), down, mt.With(func(n *mesh.Node) { n.Ready = mesh.FactNo })))
	if f := only(t, r, "ZTUNNEL_MISSING_ON_NODE"); !strings.Contains(evidenceText(f), "Kubelet stopped posting") {
		t.Errorf("evidence: %s", evidenceText(f))
	}
}
