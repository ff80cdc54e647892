package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestRouteKindsMixed(t *testing.T) {
	api, admin, rest := httpRule(prefix("/api")), httpRule(prefix("/admin")), httpRule()
	grpc := httpRoute("grpc", 1, admin)
	grpc.Kind = "GRPCRoute"
	old := mt.Cluster(mesh.ClusterInfo{Name: "test", IstioVersion: "1.29.4"})
	testCheck(t, "ROUTE_KINDS_MIXED", []checkCase{
		{name: "a VirtualService and an HTTPRoute, both in effect", parts: []mt.Part{routed, orders, routes(httpRoute("web", 2, api), virtualService("orders", 1, admin, rest))}, want: []string{"warning Service shop/orders"}},
		{name: "before 1.30 an HTTPRoute beside a GRPCRoute", parts: []mt.Part{old, routed, orders, routes(httpRoute("web", 2, api), grpc)}, want: []string{"warning Service shop/orders"}},
		{name: "silent: since then they are merged", parts: []mt.Part{routed, orders, routes(httpRoute("web", 2, api), grpc)}},
		{name: "silent: dead rules are another finding", parts: []mt.Part{routed, orders, routes(httpRoute("web", 2, rest), virtualService("orders", 1, admin))}},
		{name: "silent: two VirtualServices", parts: []mt.Part{routed, orders, routes(virtualService("older", 2, api), virtualService("newer", 1, rest))}},
		{name: "silent: no waypoint", parts: []mt.Part{unrouted, orders, routes(httpRoute("web", 2, api), virtualService("orders", 1, rest))}},
	})
}
