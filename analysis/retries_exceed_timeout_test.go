package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestRetriesExceedTimeout(t *testing.T) {
	rule := func(timeout time.Duration, attempts int32, try *time.Duration) mesh.RouteRule {
		r := to(host("orders"))
		r.Timeout, r.Retry = &timeout, &mesh.Retry{Attempts: attempts, PerTryTimeout: try}
		return r
	}
	gateway := func(timeout, backend time.Duration, retry *mesh.Retry) mt.Part {
		r := to(mesh.Backend{Ref: ref("Service", "shop", "orders"), Weight: 1})
		r.Timeout, r.BackendTimeout, r.Retry = &timeout, &backend, retry
		return routes(httpRoute("orders", 1, r))
	}
	vs := func(r mesh.RouteRule) mt.Part { return routes(virtualService("orders", 1, r)) }
	testCheck(t, "RETRIES_EXCEED_TIMEOUT", []checkCase{
		{name: "three retries of 2 s within 5 s", parts: []mt.Part{routed, orders, vs(rule(5*time.Second, 3, new(2*time.Second)))}, want: []string{"warning VirtualService shop/orders"}},
		{name: "an HTTPRoute with a retry stanza", parts: []mt.Part{routed, orders, gateway(3*time.Second, 2*time.Second, &mesh.Retry{Attempts: 1})}, want: []string{"warning HTTPRoute shop/orders"}},
		{name: "silent: equal is fine", parts: []mt.Part{routed, orders, vs(rule(8*time.Second, 3, new(2*time.Second)))}},
		{name: "silent: no time for each try", parts: []mt.Part{routed, orders, vs(rule(time.Second, 3, nil))}},
		{name: "silent: timeout 0 is none", parts: []mt.Part{routed, orders, vs(rule(0, 3, new(2*time.Second)))}},
		{name: "silent: an HTTPRoute without a retry stanza", parts: []mt.Part{routed, orders, gateway(3*time.Second, 2*time.Second, nil)}},
		{name: "silent: the rule acts nowhere", parts: []mt.Part{unrouted, orders, vs(rule(5*time.Second, 3, new(2*time.Second)))}},
	})
}
