package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointBypassedSidecar(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"))
	wp := mt.Waypoint("shop", "waypoint")
	web := mt.Parts(mt.Deployment("shop", "web"), mt.Service("shop", "web"))
	policy := mt.Objects(allowAt("Service", "shop", "web"))
	old := mt.Deployment("shop", "old", mt.Sidecar)
	onlyWaypoint := mt.Objects(&mesh.AuthorizationPolicy{
		Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "only-waypoint"}, Action: "ALLOW",
		Rules: []mesh.AuthorizationRule{{From: []mesh.AuthorizationSource{{Principals: []string{"cluster.local/ns/shop/sa/waypoint"}}}}},
	})
	legacy := mt.Parts(mt.Namespace("legacy"), mt.Deployment("legacy", "old", mt.Sidecar), mt.Deployment("legacy", "plain"))
	counted := func(from string) mt.Part {
		f := link("destination", from, "web", "web", "-", 3)
		f.Source = mesh.TrafficPeer{Workload: from, Namespace: "legacy"}
		return links(f)
	}
	testCheck(t, "WAYPOINT_BYPASSED_SIDECAR", []checkCase{
		{name: "a pod with a sidecar beside a Service with an L7 policy", parts: []mt.Part{ns, wp, web, policy, old}, want: []string{"warning Service shop/web"}},
		{name: "a pod with a sidecar of another namespace was counted calling", parts: []mt.Part{ns, wp, web, policy, legacy, counted("old")}, want: []string{"warning Service shop/web"}},
		{name: "silent: who was counted calling has no sidecar", parts: []mt.Part{ns, wp, web, policy, legacy, counted("plain")}},
		{name: "silent: no policy at the waypoint", parts: []mt.Part{ns, wp, web, old}},
		{name: "silent: nobody has a sidecar", parts: []mt.Part{ns, wp, web, policy, mt.Deployment("shop", "old")}},
		{name: "silent: only in another namespace, of which nobody knows that it calls", parts: []mt.Part{ns, wp, web, policy, mt.Namespace("legacy"), mt.Deployment("legacy", "old", mt.Sidecar)}},
		{name: "silent: ztunnel admits the waypoint only", parts: []mt.Part{ns, wp, web, policy, old, onlyWaypoint}},
		{name: "silent: no waypoint is bound", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), wp, web, policy, old}},
	})
}
