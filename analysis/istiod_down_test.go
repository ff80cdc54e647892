package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestXDSDisconnectedWhereNoIstiodRuns(t *testing.T) {
	istiod := func(opts ...mt.Option) mt.Part {
		return mt.Deployment(mt.SystemNamespace, "istiod", append([]mt.Option{mt.OnController(mt.Label("app", "istiod"))}, opts...)...)
	}
	crashing := mt.With(func(w *mesh.Workload) {
		w.Ready, w.Containers[0].Ready, w.Containers[0].Waiting = false, false, "CrashLoopBackOff"
	})
	lately := mt.OnController(mt.With(func(c *mesh.Controller) {
		c.Conditions = mesh.Conditions{{Type: "Available", Status: mesh.ConditionFalse, Since: mt.Now.Add(-20 * time.Second)}}
	}))
	with := func(parts ...mt.Part) []mt.Part {
		return append([]mt.Part{mt.Bare(), mt.Namespace("shop", mt.Ambient), mt.Pod("shop", "web", mt.OnNode("node-a")), ztunnelPod("node-a", "")}, parts...)
	}
	fires := []string{"critical Pod istio-system/ztunnel-node-a"}
	testCheck(t, "XDS_DISCONNECTED", []checkCase{
		{name: "istiod crashes in a loop", parts: with(istiod(crashing)), want: fires},
		{name: "istiod finds no node to run on", parts: with(istiod(mt.NotReady, mt.Phase("Pending"))), want: fires},
		{name: "istiod is scaled to zero", parts: with(istiod(mt.Replicas(0))), want: fires},
		{name: "silent: it runs and is not ready, and connections may stand", parts: with(istiod(mt.NotReady))},
		{name: "silent: one of two runs", parts: with(istiod(crashing), istiodPod("istiod-2", "", mt.NotReady))},
		{name: "silent: it stopped a moment ago", parts: with(istiod(mt.Replicas(0), lately))},
		{name: "silent: it is being replaced", parts: with(istiod(mt.Terminating(), crashing))},
		{name: "silent: no istiod of the cluster is known", parts: with(istiodPod("istiod-1", "", crashing))},
	})
}
