package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestRouteNoWaypoint(t *testing.T) {
	vs := virtualService("orders", 1, to(host("orders")))
	edge := virtualService("edge", 1, to(host("orders")))
	edge.Gateways = []string{"edge"}
	both := virtualService("both", 1, to(host("orders")))
	both.Gateways = []string{"mesh", "edge"}
	pool := destinationRule("pool", 1)
	pool.Policy = &mesh.TrafficPolicy{Outlier: &mesh.Outlier{}}
	mtls := destinationRule("mtls", 1)
	mtls.Policy = &mesh.TrafficPolicy{TLSMode: "ISTIO_MUTUAL"}
	wild := virtualService("wild", 1, to(host("orders")))
	wild.Hosts = []string{"*.shop.svc.cluster.local"}
	outside := virtualService("outside", 1, to(host("orders")))
	outside.Hosts = []string{"*.example.com"}
	wildPool := destinationRule("wild-pool", 1)
	wildPool.Host, wildPool.Policy = "*.shop.svc.cluster.local", pool.Policy
	testCheck(t, "ROUTE_NO_WAYPOINT", []checkCase{
		{name: "a VirtualService for a Service without a waypoint", parts: []mt.Part{unrouted, orders, routes(vs)}, want: []string{"error VirtualService shop/orders"}},
		{name: "an HTTPRoute", parts: []mt.Part{unrouted, orders, routes(httpRoute("orders", 1, to(host("orders"))))}, want: []string{"error HTTPRoute shop/orders"}},
		{name: "the waypoint named does not exist", parts: []mt.Part{mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("typo")), orders, routes(vs)}, want: []string{"error VirtualService shop/orders"}},
		{name: "subsets of a DestinationRule: a warning", parts: []mt.Part{unrouted, orders, mt.Objects(destinationRule("orders", 1, "v1"))}, want: []string{"warning DestinationRule shop/orders"}},
		{name: "outlier detection: a warning", parts: []mt.Part{unrouted, orders, mt.Objects(pool)}, want: []string{"warning DestinationRule shop/pool"}},
		{name: "a VirtualService for a wildcard that covers Services without a waypoint", parts: []mt.Part{unrouted, orders, routes(wild)}, want: []string{"error VirtualService shop/wild"}},
		{name: "a DestinationRule for such a wildcard", parts: []mt.Part{unrouted, orders, mt.Objects(wildPool)}, want: []string{"warning DestinationRule shop/wild-pool"}},
		{name: "silent: the wildcard covers one that has a waypoint", parts: []mt.Part{routed, orders, routes(wild), mt.Objects(wildPool)}},
		{name: "silent: the wildcard covers nothing of the mesh", parts: []mt.Part{unrouted, orders, routes(outside)}},
		{name: "silent: a waypoint is bound", parts: []mt.Part{routed, orders, routes(vs), mt.Objects(pool)}},
		{name: "silent: a gateway's route", parts: []mt.Part{unrouted, orders, routes(edge)}},
		{name: "silent: a gateway uses it too", parts: []mt.Part{unrouted, orders, routes(both)}},
		{name: "silent: a gateway uses the DestinationRule", parts: []mt.Part{unrouted, orders, routes(edge), mt.Objects(pool)}},
		{name: "silent: a DestinationRule with what ztunnel does anyway", parts: []mt.Part{unrouted, orders, mt.Objects(mtls)}},
		{name: "silent: every pod has a sidecar", parts: []mt.Part{mt.Namespace("shop"), mt.Service("shop", "orders"), mt.Deployment("shop", "orders", mt.Sidecar), routes(vs)}},
		{name: "silent: whether a waypoint is bound may not be read", parts: []mt.Part{mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("other")), orders, routes(vs), mt.Forbidden(mesh.ResourceGateways)}},
	})
}

func TestRouteNoWaypointFollowsFromTheMissingWaypoint(t *testing.T) {
	f := only(t, assess(mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("typo")), orders, routes(virtualService("orders", 1, to(host("orders"))))), "ROUTE_NO_WAYPOINT")
	if f.CausedBy == nil || f.CausedBy.Code != "WAYPOINT_NOT_FOUND" {
		t.Errorf("caused by %v", f.CausedBy)
	}
}
