package analysis_test

import (
	"slices"
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestRouteWrongNamespace(t *testing.T) {
	elsewhere := in("infra", virtualService("orders", 1, to(host("orders.shop.svc.cluster.local"))))
	elsewhere.Hosts = []string{"orders.shop.svc.cluster.local"}
	private := virtualService("orders", 1, to(host("orders")))
	private.ExportTo = []string{"payments"}
	consumer := in("infra", httpRoute("orders", 1, to(host("orders"))))
	edge := in("infra", virtualService("edge", 1, to(host("orders.shop.svc.cluster.local"))))
	edge.Hosts, edge.Gateways = elsewhere.Hosts, []string{"edge"}
	infra := mt.Namespace("infra", mt.Ambient)
	wild := in("infra", virtualService("wild", 1, to(host("orders.shop.svc.cluster.local"))))
	wild.Hosts = []string{"*.shop.svc.cluster.local"}
	all := in("infra", virtualService("all", 1, to(host("cache"))))
	all.Hosts = []string{"*"}
	beside := virtualService("beside", 1, to(host("orders")))
	beside.Hosts = wild.Hosts
	testCheck(t, "ROUTE_WRONG_NAMESPACE", []checkCase{
		{name: "a VirtualService in a third namespace", parts: []mt.Part{routed, infra, orders, routes(elsewhere)}, want: []string{"error VirtualService infra/orders"}},
		{name: "its exportTo leaves out the waypoint's namespace", parts: []mt.Part{routed, orders, routes(private)}, want: []string{"error VirtualService shop/orders"}},
		{name: "an HTTPRoute of a consumer's namespace", parts: []mt.Part{routed, infra, orders, routes(consumer)}, want: []string{"error HTTPRoute infra/orders"}},
		{name: "a wildcard for Services of another namespace", parts: []mt.Part{routed, infra, orders, routes(wild)}, want: []string{"error VirtualService infra/wild"}},
		{name: "any host, from a namespace without Services", parts: []mt.Part{routed, infra, orders, routes(all)}, want: []string{"error VirtualService infra/all"}},
		{name: "silent: any host, beside Services of its own, which has another finding", parts: []mt.Part{routed, infra, mt.Service("infra", "cache"), mt.Deployment("infra", "cache"), orders, routes(all)}},
		{name: "silent: a wildcard beside the Services", parts: []mt.Part{routed, orders, routes(beside)}},
		{name: "silent: beside the Service", parts: []mt.Part{routed, orders, routes(virtualService("orders", 1, to(host("orders"))))}},
		{name: "silent: beside the waypoint", parts: []mt.Part{mt.Namespace("shop", mt.Ambient, mt.UseWaypointIn("infra", "shared")), infra, orders, mt.Waypoint("infra", "shared", mt.From("All")), routes(elsewhere)}},
		{name: "silent: meant for a gateway", parts: []mt.Part{routed, infra, orders, routes(edge)}},
		{name: "silent: all clients there have sidecars", parts: []mt.Part{routed, mt.Namespace("infra"), mt.Deployment("infra", "old", mt.Sidecar), orders, routes(elsewhere)}},
		{name: "silent: no waypoint is bound, which is another finding", parts: []mt.Part{unrouted, infra, orders, routes(elsewhere)}},
	})
}

func TestRouteWrongNamespaceNamesAllThatAWildcardCovers(t *testing.T) {
	wild := in("infra", virtualService("wild", 1, to(host("orders.shop.svc.cluster.local"))))
	wild.Hosts = []string{"*.shop.svc.cluster.local"}
	f := only(t, assess(routed, mt.Namespace("infra", mt.Ambient), orders, mt.Service("shop", "web"), routes(wild)), "ROUTE_WRONG_NAMESPACE")
	if want := []mesh.Ref{ref("Service", "shop", "orders"), ref("Service", "shop", "web")}; !slices.Equal(f.Affects, want) {
		t.Errorf("affects %v, want %v", f.Affects, want)
	}
}
