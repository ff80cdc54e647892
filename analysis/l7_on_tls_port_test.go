package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestL7OnTLSPort(t *testing.T) {
	ns, wp := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint")
	orders := func(opts ...mt.Option) mt.Part { return mt.Service("shop", "orders", opts...) }
	https := orders(mt.Port(443, "https"))
	route := func(port uint16) mt.Part {
		r := httpRoute("orders", 1, httpRule())
		r.Parents[0].Port = port
		return routes(r)
	}
	app := mt.With(func(s *mesh.Service) {
		s.Ports = []mesh.ServicePort{{Name: "http", Port: 80, Protocol: "TCP", AppProtocol: "redis"}}
	})
	testCheck(t, "L7_ON_TLS_PORT", []checkCase{
		{name: "an HTTPRoute for a port named https", parts: []mt.Part{ns, wp, https, route(0)}, want: []string{"warning HTTPRoute shop/orders"}},
		{name: "appProtocol beats the name http", parts: []mt.Part{ns, wp, orders(app), route(0)}, want: []string{"warning HTTPRoute shop/orders"}},
		{name: "a VirtualService for mysql by number", parts: []mt.Part{ns, wp, orders(mt.Port(3306, "db")), routes(virtualService("orders", 1, httpRule()))}, want: []string{"warning VirtualService shop/orders"}},
		{name: "the route names the TLS port of two", parts: []mt.Part{ns, wp, orders(mt.Port(80, "http"), mt.Port(443, "https")), route(443)}, want: []string{"warning HTTPRoute shop/orders"}},
		{name: "silent: another port it is for is HTTP", parts: []mt.Part{ns, wp, orders(mt.Port(80, "http"), mt.Port(443, "https")), route(0)}},
		{name: "silent: undeclared, so that the waypoint detects it", parts: []mt.Part{ns, wp, orders(mt.Port(9000, "main")), route(0)}},
		{name: "silent: HTTP", parts: []mt.Part{ns, wp, orders(mt.Port(80, "http")), route(0)}},
		{name: "silent: no waypoint is bound", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), wp, https, route(0)}},
		{name: "silent: a TLSRoute belongs there", parts: []mt.Part{ns, wp, https, routes(virtualService("orders", 1, mesh.RouteRule{Protocol: "tls", Backends: []mesh.Backend{{Host: "orders"}}}))}},
	})
}
