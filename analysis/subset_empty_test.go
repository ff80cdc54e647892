package analysis_test

import (
	"testing"

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
