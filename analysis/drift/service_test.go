package drift_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestEndpointsOfServices(t *testing.T) {
	base := []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web"), mt.Deployment("shop", "api"), mt.Service("shop", "web"), mt.Service("shop", "api")}
	none := func(d *mesh.ZtunnelDump) { service(d, "web").Endpoints = nil }
	missing := []string{"Service shop/web endpoint web-1: ready | "}
	slice := func(name string, ago time.Duration, change func(*mesh.EndpointSlice)) mt.Part {
		no := false
		e := &mesh.EndpointSlice{
			Meta: mesh.Meta{Kind: "EndpointSlice", Namespace: "shop", Name: name + "-1", SpecChange: mesh.Change{Time: mt.Now.Add(-ago)}}, Service: name,
			Ports:     []mesh.EndpointPort{{Name: "http", Port: 8080, Protocol: "TCP"}},
			Endpoints: []mesh.Endpoint{{Addresses: []string{"10.64.0.2"}, Ready: &no, Target: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: name + "-1"}}},
		}
		change(e)
		return mt.Objects(e)
	}
	testDrift(t, base, []driftCase{
		{name: "it has what it was told"},
		{name: "a ready pod is missing", broken: none, want: missing},
		{name: "a pod is there that the Service does not select", broken: func(d *mesh.ZtunnelDump) {
			service(d, "web").Endpoints = append(service(d, "web").Endpoints, mesh.ZtunnelEndpoint{WorkloadUID: "Kubernetes//Pod/shop/api-1"})
		}, want: []string{"Service shop/web endpoint api-1:  | listed"}},
		{name: "silent: a pod that is not ready is left out", parts: []mt.Part{slice("web", time.Hour, func(*mesh.EndpointSlice) {})}, broken: none},
		{name: "silent: the EndpointSlice changed 30 s ago", parts: []mt.Part{slice("web", 30*time.Second, func(e *mesh.EndpointSlice) { e.Endpoints[0].Ready = nil })}, broken: none},
		{name: "an EndpointSlice of an hour ago", parts: []mt.Part{slice("web", time.Hour, func(e *mesh.EndpointSlice) { e.Endpoints[0].Ready = nil })}, broken: none, want: missing},
		{name: "silent: a port that no pod has", parts: []mt.Part{slice("web", time.Hour, func(e *mesh.EndpointSlice) { e.Endpoints[0].Ready, e.Ports = nil, nil })}, broken: none},
		{name: "silent: a pod of another cluster", broken: func(d *mesh.ZtunnelDump) {
			service(d, "web").Endpoints = append(service(d, "web").Endpoints, mesh.ZtunnelEndpoint{WorkloadUID: "east//Pod/shop/api-1"})
		}},
		{name: "silent: entries of the dump could not be decoded", broken: func(d *mesh.ZtunnelDump) { none(d); d.Skipped = 1 }},
		{name: "silent: EndpointSlices may not be read", parts: []mt.Part{mt.Forbidden(mesh.ResourceEndpointSlices)}, broken: none},
	})
}

func TestCanaryWaypoints(t *testing.T) {
	base := []mt.Part{
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint"), mt.Waypoint("shop", "next"),
		mt.Service("shop", "web", mt.UseWaypoint("waypoint"), mt.Label(mesh.LabelUseWaypointCanary, "next"), mt.Annotation(mesh.AnnotationCanaryWeight, "10")),
		mt.Service("shop", "plain"),
	}
	to := func(name string, weight uint32) mesh.ZtunnelWeightedWaypoint {
		return mesh.ZtunnelWeightedWaypoint{ZtunnelDestination: mesh.ZtunnelDestination{Namespace: "shop", Hostname: name + ".shop.svc.cluster.local"}, Weight: weight}
	}
	weighted := func(name string, list ...mesh.ZtunnelWeightedWaypoint) func(*mesh.ZtunnelDump) {
		return func(d *mesh.ZtunnelDump) { service(d, name).Weighted = list }
	}
	const declared = "Service shop/web waypoints: 10% by shop/next, 90% by shop/waypoint | "
	testDrift(t, base, []driftCase{
		{name: "the shares that are declared", broken: weighted("web", to("waypoint", 90), to("next", 10))},
		{name: "in another order and other numbers", broken: weighted("web", to("next", 1), to("waypoint", 9))},
		{name: "other shares", broken: weighted("web", to("waypoint", 50), to("next", 50)), want: []string{declared + "50% by shop/next, 50% by shop/waypoint"}},
		{name: "another waypoint", broken: weighted("web", to("waypoint", 90), to("old", 10)), want: []string{declared + "10% by shop/old.shop.svc.cluster.local, 90% by shop/waypoint"}},
		{name: "shares where none are declared", broken: weighted("plain", to("waypoint", 50), to("next", 50)), want: []string{
			"Service shop/plain waypoints: 100% by shop/waypoint | 50% by shop/next.shop.svc.cluster.local, 50% by shop/waypoint",
		}},
		{name: "a canary without a share makes no difference", broken: weighted("plain", to("waypoint", 100), to("next", 0))},
		{name: "silent: an older ztunnel has the primary alone"},
		{name: "silent: an older ztunnel has none", broken: func(d *mesh.ZtunnelDump) { service(d, "web").Waypoint = nil }},
	})
}
