package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestSubsetUndefined(t *testing.T) {
	split := routes(virtualService("orders", 1, to(subset("v1"), subset("v2"))))
	idle := subset("v3")
	idle.Weight = 0
	rule := func(d *mesh.DestinationRule) mt.Part { return mt.Objects(d) }
	hides := in("infra", destinationRule("hides", 1, "v1"))
	hides.Host = "*.shop.svc.cluster.local"
	shared := mt.Parts(mt.Namespace("shop", mt.Ambient, mt.UseWaypointIn("infra", "shared")), mt.Namespace("infra"), mt.Waypoint("infra", "shared", mt.From("All")))
	fires := []string{"critical VirtualService shop/orders"}
	testCheck(t, "SUBSET_UNDEFINED", []checkCase{
		{name: "one of two subsets is not defined", parts: []mt.Part{routed, orders, split, rule(destinationRule("orders", 1, "v1"))}, want: fires},
		{name: "there is no DestinationRule at all", parts: []mt.Part{routed, orders, split}, want: fires},
		{name: "the one that defines it is hidden by another in the waypoint's namespace", parts: []mt.Part{shared, orders, split, rule(destinationRule("orders", 1, "v1", "v2")), rule(hides)}, want: fires},
		{name: "it gets no share: a warning", parts: []mt.Part{routed, orders, routes(virtualService("orders", 1, to(subset("v1"), idle))), rule(destinationRule("orders", 1, "v1"))}, want: []string{"warning VirtualService shop/orders"}},
		{name: "silent: both are defined", parts: []mt.Part{routed, orders, split, rule(destinationRule("orders", 1, "v1", "v2"))}},
		{name: "silent: by two rules that are merged", parts: []mt.Part{routed, orders, split, rule(destinationRule("one", 2, "v1")), rule(destinationRule("two", 1, "v2"))}},
		{name: "silent: the route acts nowhere", parts: []mt.Part{unrouted, orders, split}},
		{name: "silent: DestinationRules may not be read", parts: []mt.Part{routed, orders, split, mt.Forbidden(mesh.ResourceDestinationRules)}},
	})
}
