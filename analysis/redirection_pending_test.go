package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/analysis"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestRedirectionPending(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient)
	testCheck(t, "REDIRECTION_PENDING", []checkCase{
		{name: "two of three pods are half captured: one finding", parts: []mt.Part{ns, mt.Deployment("shop", "web", mt.Replicas(3), mt.OnPod(1, mt.RedirectionPending), mt.OnPod(3, mt.RedirectionPending))}, want: []string{"critical Deployment shop/web"}},
		{name: "a pod whose label is gone is half captured all the same", parts: []mt.Part{mt.Namespace("shop"), mt.Pod("shop", "web", mt.RedirectionPending)}, want: []string{"critical Pod shop/web"}},
		{name: "where not every namespace is watched the node's ztunnel cannot be missed", parts: []mt.Part{mt.Scope("shop"), ns, mt.Node("node-a", mt.NoZtunnel()), mt.Pod("shop", "web", mt.OnNode("node-a"), mt.RedirectionPending)}, want: []string{"critical Pod shop/web"}},
		{name: "silent: enabled", parts: []mt.Part{ns, mt.Deployment("shop", "web")}},
		{name: "silent: no ztunnel on the node, which has the pod in affects", parts: []mt.Part{ns, mt.Node("node-a", mt.NoZtunnel()), mt.Pod("shop", "web", mt.OnNode("node-a"), mt.RedirectionPending)}},
		{name: "silent: no ready ztunnel on the node", parts: []mt.Part{ns, mt.Node("node-a", mt.Ztunnel(mt.NotReady)), mt.Pod("shop", "web", mt.OnNode("node-a"), mt.RedirectionPending)}},
		{name: "silent: younger than a minute", parts: []mt.Part{ns, mt.Pod("shop", "web", mt.RedirectionPending, mt.Age(30*time.Second))}},
		{name: "silent: finished", parts: []mt.Part{ns, mt.Pod("shop", "web", mt.RedirectionPending, mt.Phase("Failed"))}},
		{name: "silent: terminating", parts: []mt.Part{ns, mt.Pod("shop", "web", mt.RedirectionPending, mt.Terminating())}},
	})
}

func TestRedirectionPendingFollowsFromADeadIstioCNI(t *testing.T) {
	r := assess(mt.Namespace("shop", mt.Ambient), mt.Node("node-a", mt.CNI(mt.NotReady)), mt.Pod("shop", "web", mt.OnNode("node-a"), mt.RedirectionPending))
	f := only(t, r, "REDIRECTION_PENDING")
	want := analysis.Cause{Code: "CNI_NOT_READY_ON_NODE", Subject: ref("Node", "", "node-a")}
	if f.CausedBy == nil || *f.CausedBy != want {
		t.Errorf("caused by %v, want %v: nobody is there to try again", f.CausedBy, want)
	}
}
