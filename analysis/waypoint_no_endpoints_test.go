package analysis_test

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointNoEndpoints(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"))
	web := mt.Service("shop", "web")
	ip := func(address string) mt.Option {
		return mt.With(func(g *mesh.Gateway) { g.Addresses = []mesh.GatewayAddress{{Type: "IPAddress", Value: address}} })
	}
	foreign := mt.With(func(g *mesh.Gateway) { g.Addresses[0].Value = "proxy.infra.svc.cluster.local" })
	testCheck(t, "WAYPOINT_NO_ENDPOINTS", []checkCase{
		{name: "no pod is ready", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint", mt.Replicas(2), mt.Ready(0))}, want: []string{"critical Gateway shop/waypoint"}},
		{name: "scaled to zero, and the address stays", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint", mt.Replicas(0))}, want: []string{"critical Gateway shop/waypoint"}},
		{name: "its Service is gone", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint", mt.GatewayOnly())}, want: []string{"critical Gateway shop/waypoint"}},
		{name: "the address leads to a Service of another name and namespace", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint", foreign)}, want: []string{"critical Gateway shop/waypoint"}},
		{name: "nothing is bound to it: a warning", parts: []mt.Part{mt.Namespace("shop"), mt.Waypoint("shop", "waypoint", mt.Replicas(0))}, want: []string{"warning Gateway shop/waypoint"}},
		{name: "silent: one of two is ready", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint", mt.Replicas(2), mt.Ready(1))}},
		{name: "silent: pods say they are not ready, and the slices have a ready address", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint", mt.Ready(0)), mt.Objects(readySlice("shop", "waypoint"))}},
		{name: "silent: it never had an address", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint", mt.NeverProgrammed())}},
		{name: "silent: the address is no Service's", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint", mt.Replicas(0), ip("198.51.100.9"))}},
		{name: "silent: slices may not be read", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint", mt.Replicas(0)), mt.Forbidden(mesh.ResourceEndpointSlices)}},
	})
}

func readySlice(namespace, service string) *mesh.EndpointSlice {
	return &mesh.EndpointSlice{Meta: mesh.Meta{Kind: "EndpointSlice", Namespace: namespace, Name: service + "-x"}, Service: service, Endpoints: []mesh.Endpoint{{Addresses: []string{"10.64.0.200"}}}}
}

func TestWaypointNoEndpointsWarnsOfFailingOpen(t *testing.T) {
	r := assess(mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Service("shop", "web"), mt.Service("shop", "orders"), mt.Waypoint("shop", "waypoint", mt.Replicas(0)))
	f := only(t, r, "WAYPOINT_NO_ENDPOINTS")
	if !strings.Contains(f.Detail, "every call through it to orders and web fails (fail-closed)") {
		t.Errorf("detail %q", f.Detail)
	}
	if !strings.Contains(f.Fix.Text, "fail-open") {
		t.Errorf("the fix does not warn of failing open: %q", f.Fix.Text)
	}
	diffText(t, []string{"kubectl -n shop scale deployment/waypoint --replicas=2"}, f.Fix.Changing())
	if !strings.Contains(evidenceText(f), "spec.replicas: 0") {
		t.Errorf("evidence does not say why: %s", evidenceText(f))
	}
}
