package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestRouteNoDefault(t *testing.T) {
	api := httpRule(prefix("/api"))
	tcp := mt.Parts(mt.Waypoint("shop", "waypoint"), mt.Service("shop", "orders", mt.Port(443, "tls")), mt.Deployment("shop", "orders"))
	bySNI := mesh.RouteRule{Protocol: "tls", Matches: []mesh.RouteMatch{{SNIHosts: []string{"orders.example.com"}}}, Backends: []mesh.Backend{host("orders")}}
	testCheck(t, "ROUTE_NO_DEFAULT", []checkCase{
		{name: "every rule has a match", parts: []mt.Part{routed, orders, routes(virtualService("orders", 1, api))}, want: []string{"warning VirtualService shop/orders"}},
		{name: "of two objects the last one could have it", parts: []mt.Part{routed, orders, routes(virtualService("older", 2, api), virtualService("newer", 1, httpRule(prefix("/admin"))))}, want: []string{"warning VirtualService shop/newer"}},
		{name: "silent: a rule without a match comes last", parts: []mt.Part{routed, orders, routes(virtualService("orders", 1, api, httpRule()))}},
		{name: "silent: the prefix / takes everything", parts: []mt.Part{routed, orders, routes(virtualService("orders", 1, api, httpRule(prefix("/"))))}},
		{name: "silent: another object has it", parts: []mt.Part{routed, orders, routes(virtualService("older", 2, api), virtualService("newer", 1, httpRule()))}},
		{name: "silent: TLS", parts: []mt.Part{routed, tcp, routes(virtualService("orders", 1, bySNI))}},
		{name: "silent: no waypoint", parts: []mt.Part{unrouted, orders, routes(virtualService("orders", 1, api))}},
	})
}
