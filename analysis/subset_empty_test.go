package analysis_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestSubsetEmpty(t *testing.T) {
	split := func(names ...string) mt.Part {
		var list []mesh.Backend
		for _, n := range names {
			list = append(list, subset(n))
		}
		return routes(virtualService("orders", 1, to(list...)))
	}
	rule := mt.Objects(destinationRule("orders", 1, "v1", "v2", "v3"))
	two := mt.Objects(destinationRule("orders", 1, "v1", "v2"))
	down := mt.Parts(
		mt.Waypoint("shop", "waypoint"), mt.Service("shop", "orders"),
		mt.Deployment("shop", "orders-v1", mt.Label("app", "orders"), mt.Label("version", "v1")),
		mt.Deployment("shop", "orders-v2", mt.Label("app", "orders"), mt.Label("version", "v2"), mt.Ready(0)),
	)
	testCheck(t, "SUBSET_EMPTY", []checkCase{
		{name: "calls are sent to a version without pods", parts: []mt.Part{routed, orders, split("v1", "v3"), rule}, want: []string{"critical DestinationRule shop/orders"}},
		{name: "its pods are there and not ready", parts: []mt.Part{routed, down, split("v1", "v2"), two}, want: []string{"critical DestinationRule shop/orders"}},
		{name: "no rule uses it: a warning", parts: []mt.Part{routed, orders, split("v1", "v2"), rule}, want: []string{"warning DestinationRule shop/orders"}},
		{name: "silent: both have ready pods", parts: []mt.Part{routed, orders, split("v1", "v2"), two}},
		{name: "silent: pods may not be read", parts: []mt.Part{routed, orders, split("v1", "v3"), rule, mt.Forbidden(mesh.ResourcePods)}},
	})
}

func TestSubsetEmptyFollowsFromTheNodeItsPodsWereOn(t *testing.T) {
	version := func(name string, opts ...mt.Option) mt.Part {
		return mt.Deployment("shop", "orders-"+name, append([]mt.Option{mt.Label("app", "orders"), mt.Label("version", name)}, opts...)...)
	}
	rule := mt.Objects(destinationRule("orders", 1, "v1", "v2"))
	split := routes(virtualService("orders", 1, to(subset("v1"), subset("v2"))))
	lost := mt.Parts(
		mt.Node("node-a"), mt.Node("node-b", mt.Ztunnel(mt.NotReady)), mt.Waypoint("shop", "waypoint"), mt.Service("shop", "orders"),
		version("v2", mt.OnNode("node-b"), mt.Ready(0)),
	)
	f := only(t, assess(routed, lost, version("v1", mt.OnNode("node-a")), rule, split), "SUBSET_EMPTY")
	if f.CausedBy == nil || f.CausedBy.Code != "ZTUNNEL_MISSING_ON_NODE" {
		t.Errorf("caused by %v, want the node without a ztunnel", f.CausedBy)
	}
	f = only(t, assess(routed, lost, version("v3", mt.OnNode("node-a")), rule, split), "SUBSET_EMPTY")
	if f.CausedBy != nil {
		t.Errorf("caused by %v, though no pod at all has the labels of v1", f.CausedBy)
	}
}

func TestSubsetEmptySaysWhatItsPodsWaitFor(t *testing.T) {
	v2 := mt.Deployment("shop", "orders-v2", mt.Label("app", "orders"), mt.Label("version", "v2"), mt.Ready(0))
	split := routes(virtualService("orders", 1, to(subset("v2"))))
	f := only(t, assess(routed, mt.Waypoint("shop", "waypoint"), mt.Service("shop", "orders"), v2, mt.Objects(destinationRule("orders", 1, "v2")), split), "SUBSET_EMPTY")
	if !strings.Contains(f.Fix.Text, "Get a pod with these labels ready") {
		t.Errorf("the fix is %q", f.Fix.Text)
	}
	if !slices.ContainsFunc(f.Evidence, func(e analysis.Evidence) bool { return e.Object.Kind == "Pod" }) {
		t.Errorf("evidence %v, want the state of the pod among it", f.Evidence)
	}
}
