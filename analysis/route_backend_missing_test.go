package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestRouteBackendMissing(t *testing.T) {
	critical := []string{"critical VirtualService shop/orders"}
	vs := func(rules ...mesh.RouteRule) mt.Part { return routes(virtualService("orders", 1, rules...)) }
	idle := mesh.Backend{Host: "order", Weight: 0}
	edge := virtualService("edge", 1, to(host("nowhere")))
	edge.Gateways = []string{"edge"}
	foreign := httpRoute("orders", 1, to(mesh.Backend{Ref: ref("ServiceImport", "shop", "orders"), Weight: 1}))
	external := mt.Service("shop", "outside", mt.With(func(s *mesh.Service) { s.Type, s.ExternalName, s.Ports = "ExternalName", "example.com", nil }))
	testCheck(t, "ROUTE_BACKEND_MISSING", []checkCase{
		{name: "a misspelt host", parts: []mt.Part{routed, orders, vs(to(host("order")))}, want: critical},
		{name: "a short name means the object's own namespace", parts: []mt.Part{routed, orders, mt.Service("payments", "ledger"), vs(to(host("ledger")))}, want: critical},
		{name: "a port the Service has not", parts: []mt.Part{routed, orders, vs(to(mesh.Backend{Host: "orders", Port: 8080, Weight: 1}))}, want: critical},
		{name: "a backendRef", parts: []mt.Part{routed, orders, routes(httpRoute("orders", 1, to(mesh.Backend{Ref: ref("Service", "shop", "order"), Weight: 1})))}, want: []string{"critical HTTPRoute shop/orders"}},
		{name: "a gateway's route", parts: []mt.Part{routed, orders, routes(edge)}, want: []string{"critical VirtualService shop/edge"}},
		{name: "the rule acts nowhere: a warning", parts: []mt.Part{unrouted, orders, vs(to(host("order")))}, want: []string{"warning VirtualService shop/orders"}},
		{name: "it gets no share: a warning", parts: []mt.Part{routed, orders, vs(to(host("orders"), idle))}, want: []string{"warning VirtualService shop/orders"}},
		{name: "silent: the full name", parts: []mt.Part{routed, orders, vs(to(host("orders.shop.svc.cluster.local")))}},
		{name: "silent: a ServiceEntry has the host", parts: []mt.Part{routed, orders, mt.ServiceEntry("shop", "api", "api.example.com"), vs(to(host("api.example.com")))}},
		{name: "silent: a wildcard ServiceEntry has it", parts: []mt.Part{routed, orders, mt.ServiceEntry("shop", "api", "*.example.com"), vs(to(host("api.example.com")))}},
		{name: "silent: an ExternalName, which declares no port", parts: []mt.Part{routed, orders, external, vs(to(mesh.Backend{Host: "outside", Port: 443, Weight: 1}))}},
		{name: "silent: a kind that is not for us", parts: []mt.Part{routed, orders, routes(foreign)}},
		{name: "silent: Services may not be read", parts: []mt.Part{routed, orders, vs(to(host("order"))), mt.Forbidden(mesh.ResourceServices)}},
		{name: "silent: in a namespace that is not watched", parts: []mt.Part{mt.Scope("shop", mt.SystemNamespace), routed, orders, vs(to(host("ledger.payments.svc.cluster.local")))}},
	})
}
