package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestDestinationRuleConflict(t *testing.T) {
	policy := func(d *mesh.DestinationRule) *mesh.DestinationRule {
		d.Policy = &mesh.TrafficPolicy{Outlier: &mesh.Outlier{}}
		return d
	}
	full := destinationRule("full", 1, "v1")
	full.Host = "orders.shop.svc.cluster.local"
	private := destinationRule("private", 1, "v2")
	private.ExportTo = []string{"."}
	hides := in("infra", destinationRule("hides", 1, "v1"))
	hides.Host = "*.shop.svc.cluster.local"
	shared := mt.Parts(mt.Namespace("shop", mt.Ambient, mt.UseWaypointIn("infra", "shared")), mt.Namespace("infra"), mt.Waypoint("infra", "shared", mt.From("All")))
	elsewhere := destinationRule("other", 1, "v1")
	elsewhere.Host = "catalog"
	testCheck(t, "DESTINATIONRULE_CONFLICT", []checkCase{
		{name: "both have a traffic policy", parts: []mt.Part{routed, orders, mt.Objects(policy(destinationRule("older", 2)), policy(destinationRule("newer", 1)))}, want: []string{"warning DestinationRule shop/newer"}},
		{name: "both define one subset, by the short and the full name", parts: []mt.Part{routed, orders, mt.Objects(destinationRule("older", 2, "v1"), full)}, want: []string{"warning DestinationRule shop/full"}},
		{name: "exportTo differs", parts: []mt.Part{routed, orders, mt.Objects(destinationRule("older", 2, "v1"), private)}, want: []string{"warning DestinationRule shop/private"}},
		{name: "one beside the waypoint hides the one beside the Service", parts: []mt.Part{shared, orders, mt.Objects(destinationRule("orders", 1, "v1"), hides)}, want: []string{"warning DestinationRule shop/orders"}},
		{name: "silent: disjoint subsets and one policy are merged", parts: []mt.Part{routed, orders, mt.Objects(policy(destinationRule("older", 2, "v1")), destinationRule("newer", 1, "v2"))}},
		{name: "silent: different hosts", parts: []mt.Part{routed, orders, mt.Objects(policy(destinationRule("older", 2, "v1")), elsewhere)}},
		{name: "silent: one rule", parts: []mt.Part{routed, orders, mt.Objects(policy(destinationRule("orders", 1, "v1")))}},
	})
}
