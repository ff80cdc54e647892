package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestRetryOnFaultIneffective(t *testing.T) {
	with := func(f mesh.Fault, retry *mesh.Retry, timeout *time.Duration) mt.Part {
		r := faulty(f)
		r.Retry, r.Timeout = retry, timeout
		return routes(virtualService("orders", 1, r))
	}
	abort, retry := mesh.Fault{AbortStatus: 503, AbortPercent: 50}, &mesh.Retry{Attempts: 3}
	fires := []string{"info VirtualService shop/orders"}
	testCheck(t, "RETRY_ON_FAULT_INEFFECTIVE", []checkCase{
		{name: "retries beside an abort", parts: []mt.Part{routed, orders, with(abort, retry, nil)}, want: fires},
		{name: "a timeout beside an abort", parts: []mt.Part{routed, orders, with(abort, nil, new(time.Second))}, want: fires},
		{name: "silent: a fault alone", parts: []mt.Part{routed, orders, with(abort, nil, nil)}},
		{name: "silent: the fault is off", parts: []mt.Part{routed, orders, with(mesh.Fault{AbortStatus: 503}, retry, nil)}},
		{name: "silent: retries of an HTTPRoute, which injects nothing", parts: []mt.Part{routed, orders, routes(httpRoute("orders", 1, to(host("orders"))))}},
	})
}
