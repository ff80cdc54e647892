package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// faulty is a rule that injects a fault.
func faulty(f mesh.Fault) mesh.RouteRule {
	r := to(host("orders"))
	r.Fault = &f
	return r
}

func TestFaultActive(t *testing.T) {
	abort := mesh.Fault{AbortStatus: 503, AbortPercent: 5}
	slow := mesh.Fault{Delay: new(2 * time.Second), DelayPercent: 100}
	edge := virtualService("orders", 1, faulty(abort))
	edge.Gateways = []string{"edge"}
	fires := []string{"warning VirtualService shop/orders"}
	testCheck(t, "FAULT_ACTIVE", []checkCase{
		{name: "an abort of 5 %", parts: []mt.Part{routed, orders, routes(virtualService("orders", 1, faulty(abort)))}, want: fires},
		{name: "a delay", parts: []mt.Part{routed, orders, routes(virtualService("orders", 1, faulty(slow)))}, want: fires},
		{name: "at a gateway", parts: []mt.Part{routed, orders, routes(edge)}, want: fires},
		{name: "silent: 0 %", parts: []mt.Part{routed, orders, routes(virtualService("orders", 1, faulty(mesh.Fault{AbortStatus: 503})))}},
		{name: "silent: the rule is dead", parts: []mt.Part{routed, orders, routes(virtualService("first", 2, to(host("orders"))), virtualService("orders", 1, faulty(abort)))}},
		{name: "silent: bound to nothing", parts: []mt.Part{unrouted, orders, routes(virtualService("orders", 1, faulty(abort)))}},
	})
}
