package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointTrafficTypeMismatch(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"))
	own := mt.UseWaypoint("waypoint")
	policy := &mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "web-l7"}, Action: "ALLOW", TargetRefs: []mesh.TargetRef{{Kind: "Service", Name: "web", Namespace: "shop"}}}
	route := &mesh.Route{Meta: mesh.Meta{Kind: "HTTPRoute", Namespace: "shop", Name: "web"}, Parents: []mesh.RouteParent{{Ref: ref("Service", "shop", "web")}}}
	virtual := &mesh.Route{Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "web"}, Hosts: []string{"web.shop.svc.cluster.local"}}
	elsewhere := &mesh.Route{Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "other"}, Hosts: []string{"web.payments.svc.cluster.local"}}
	ingress := &mesh.Route{Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "edge"}, Hosts: []string{"web"}, Gateways: []string{"edge"}}
	testCheck(t, "WAYPOINT_TRAFFIC_TYPE_MISMATCH", []checkCase{
		{name: "a Service with a workload waypoint", parts: []mt.Part{mt.Namespace("shop"), mt.Waypoint("shop", "waypoint", mt.WaypointFor("workload")), mt.Service("shop", "web", own)}, want: []string{"error Service shop/web"}},
		{name: "a ServiceEntry with a workload waypoint", parts: []mt.Part{mt.Namespace("shop"), mt.Waypoint("shop", "waypoint", mt.WaypointFor("workload")), mt.ServiceEntry("shop", "bank", "bank.example", own)}, want: []string{"error ServiceEntry shop/bank"}},
		{name: "a type nobody knows is taken literally", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.WaypointFor("services")), mt.Service("shop", "web")}, want: []string{"error Namespace shop"}},
		{name: "the type none takes nothing", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.WaypointFor("none")), mt.Service("shop", "web")}, want: []string{"error Namespace shop"}},
		{name: "a pod labelled itself, with the default type service", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", "waypoint"), mt.Pod("shop", "web", own)}, want: []string{"error Pod shop/web"}},
		{name: "a WorkloadEntry labelled itself", parts: []mt.Part{mt.Namespace("shop"), mt.Waypoint("shop", "waypoint"), mt.WorkloadEntry("shop", "vm", "192.0.2.7", own)}, want: []string{"error WorkloadEntry shop/vm"}},
		{name: "on a Namespace with a workload waypoint it is news", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.WaypointFor("workload")), mt.Service("shop", "web")}, want: []string{"info Namespace shop"}},
		{name: "unless a Service there has a policy", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.WaypointFor("workload")), mt.Service("shop", "web"), mt.Objects(policy)}, want: []string{"error Namespace shop"}},
		{name: "or a route", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.WaypointFor("workload")), mt.Service("shop", "web"), mt.Objects(route)}, want: []string{"error Namespace shop"}},
		{name: "or a VirtualService", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.WaypointFor("workload")), mt.Service("shop", "web"), mt.Objects(virtual)}, want: []string{"error Namespace shop"}},
		{name: "a route for another namespace's host, or for an ingress, is none for it", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.WaypointFor("workload")), mt.Service("shop", "web"), mt.Objects(elsewhere, ingress)}, want: []string{"info Namespace shop"}},
		{name: "silent: pods that only inherit the namespace's label", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint"), mt.Deployment("shop", "web"), mt.Service("shop", "web")}},
		{name: "silent: the type all takes everything", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.WaypointFor("all")), mt.Service("shop", "web"), mt.Pod("shop", "p", own)}},
		{
			name: "silent: the type comes from the GatewayClass where the Gateway has none",
			parts: []mt.Part{
				mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", "waypoint"), mt.Pod("shop", "web", own),
				mt.Objects(&mesh.GatewayClass{Meta: mesh.Meta{Kind: "GatewayClass", Name: mesh.ClassWaypoint, Labels: map[string]string{mesh.LabelWaypointFor: "all"}}}),
			},
		},
	})
}

func TestWaypointTrafficTypeOnANamespaceIsNoRiskByItself(t *testing.T) {
	r := assess(mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint", mt.WaypointFor("workload")), mt.Service("shop", "web"))
	if f := only(t, r, "WAYPOINT_TRAFFIC_TYPE_MISMATCH"); f.Class != analysis.Risk {
		t.Errorf("class %s, want %s", f.Class, analysis.Risk)
	}
}
