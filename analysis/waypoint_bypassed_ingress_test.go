package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointBypassedIngress(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"))
	wp := mt.Waypoint("shop", "waypoint")
	ingress := mt.Gateway("shop", "ingress")
	toWeb := func(kind, gateway string) mt.Part {
		r := &mesh.Route{Meta: mesh.Meta{Kind: kind, Namespace: "shop", Name: "web"}}
		r.Rules = []mesh.RouteRule{{Protocol: "http", Backends: []mesh.Backend{{Ref: ref("Service", "shop", "web")}}}}
		if kind == "VirtualService" {
			r.Hosts, r.Gateways = []string{"shop.example.com"}, []string{gateway}
			r.Rules[0].Backends = []mesh.Backend{{Host: "web"}}
		} else {
			r.Parents = []mesh.RouteParent{{Ref: ref("Gateway", "shop", gateway)}}
		}
		return mt.Objects(r)
	}
	policy := mt.Objects(allowAt("Service", "shop", "web"))
	onGateway := mt.Objects(allowAt("Gateway", "shop", "waypoint"))
	web := mt.Service("shop", "web")
	use := func(v string) mt.Part {
		return mt.Service("shop", "web", mt.Label(mesh.LabelIngressUseWaypoint, v))
	}
	testCheck(t, "WAYPOINT_BYPASSED_INGRESS", []checkCase{
		{name: "a policy at the waypoint does not see what an HTTPRoute sends", parts: []mt.Part{ns, wp, web, ingress, policy, toWeb("HTTPRoute", "ingress")}, want: []string{"warning Service shop/web"}},
		{name: "nor one for the whole waypoint", parts: []mt.Part{ns, wp, web, ingress, onGateway, toWeb("HTTPRoute", "ingress")}, want: []string{"warning Service shop/web"}},
		{name: "a VirtualService of a classic gateway", parts: []mt.Part{ns, wp, web, policy, toWeb("VirtualService", "edge")}, want: []string{"warning Service shop/web"}},
		{name: "no policy and no route: news", parts: []mt.Part{ns, wp, web, ingress, toWeb("HTTPRoute", "ingress")}, want: []string{"info Service shop/web"}},
		{name: "the label says false", parts: []mt.Part{ns, wp, use("false"), ingress, policy, toWeb("HTTPRoute", "ingress")}, want: []string{"warning Service shop/web"}},
		{name: "silent: the Service lets gateways use the waypoint", parts: []mt.Part{ns, wp, use("true"), ingress, policy, toWeb("HTTPRoute", "ingress")}},
		{name: "silent: its namespace does", parts: []mt.Part{mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"), mt.Label(mesh.LabelIngressUseWaypoint, "true")), wp, web, ingress, policy, toWeb("HTTPRoute", "ingress")}},
		{name: "silent: the route is for the mesh", parts: []mt.Part{ns, wp, web, ingress, policy, toWeb("VirtualService", "mesh")}},
		{name: "silent: no waypoint is bound", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), wp, web, ingress, policy, toWeb("HTTPRoute", "ingress")}},
		{name: "silent: headless is another finding", parts: []mt.Part{ns, wp, mt.Service("shop", "web", mt.Headless), ingress, policy, toWeb("HTTPRoute", "ingress")}},
		{name: "silent: the labels of the namespace are not known", parts: []mt.Part{mt.Forbidden(mesh.ResourceNamespaces), wp, mt.Service("shop", "web", mt.UseWaypoint("waypoint")), ingress, policy, toWeb("HTTPRoute", "ingress")}},
	})
}
