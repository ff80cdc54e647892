package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestCircuitBreakerTight(t *testing.T) {
	rule := func(namespace string, p *mesh.TrafficPolicy) mt.Part {
		return mt.Objects(&mesh.DestinationRule{Meta: mesh.Meta{Kind: "DestinationRule", Namespace: namespace, Name: "orders"}, Host: "orders.shop.svc.cluster.local", Policy: p})
	}
	limit := &mesh.TrafficPolicy{MaxPending: 1}
	refused := func(reporter, flags string, count float64) mt.Part {
		f := mt.Flow("shop", "orders", "", "", "503", count)
		f.Flags, f.Reporter = flags, reporter
		return mt.Counted(func(c *mesh.Traffic) { c.Requests = append(c.Requests, f) })
	}
	want := []string{"info DestinationRule shop/orders"}
	testCheck(t, "CIRCUIT_BREAKER_TIGHT", []checkCase{
		{name: "calls above a limit", parts: shop(rule("shop", limit), refused("waypoint", "UO", 7)), want: want},
		{name: "the limit is of one port", parts: shop(rule("shop", &mesh.TrafficPolicy{PortLevel: map[uint16]*mesh.TrafficPolicy{80: {MaxConnections: 1}}}), refused("waypoint", "UO,URX", 7)), want: want},
		{name: "silent: nothing limits the host", parts: shop(rule("shop", &mesh.TrafficPolicy{LoadBalancer: "RANDOM"}), refused("waypoint", "UO", 7))},
		{name: "silent: a rule that is not in effect at the waypoint", parts: shop(mt.Namespace("other"), rule("other", limit), refused("waypoint", "UO", 7))},
		{name: "silent: calls fail for another reason", parts: shop(rule("shop", limit), refused("waypoint", "UF", 7))},
		{name: "silent: no such call in the window", parts: shop(rule("shop", limit), refused("waypoint", "UO", 0))},
		{name: "silent: a gateway counted them, where other rules act", parts: shop(rule("shop", limit), refused("source", "UO", 7))},
		{name: "silent: nothing was counted", parts: shop(rule("shop", limit))},
	})
}
