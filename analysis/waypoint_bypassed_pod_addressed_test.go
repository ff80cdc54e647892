package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// allowAt is an ALLOW policy for a target in its namespace.
func allowAt(kind, namespace, name string, rules ...mesh.AuthorizationRule) *mesh.AuthorizationPolicy {
	return &mesh.AuthorizationPolicy{
		Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: namespace, Name: "for-" + name}, Action: "ALLOW",
		TargetRefs: []mesh.TargetRef{{Kind: kind, Namespace: namespace, Name: name}}, Rules: rules,
	}
}

func TestWaypointBypassedPodAddressed(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"))
	wp := mt.Waypoint("shop", "waypoint")
	testCheck(t, "WAYPOINT_BYPASSED_POD_ADDRESSED", []checkCase{
		{name: "it inherits the namespace's label: news", parts: []mt.Part{ns, wp, mt.Service("shop", "db", mt.Headless)}, want: []string{"info Service shop/db"}},
		{name: "it carries the label itself: a warning", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), wp, mt.Service("shop", "db", mt.Headless, mt.UseWaypoint("waypoint"))}, want: []string{"warning Service shop/db"}},
		{name: "a policy targets it: an error", parts: []mt.Part{ns, wp, mt.Service("shop", "db", mt.Headless), mt.Objects(allowAt("Service", "shop", "db"))}, want: []string{"error Service shop/db"}},
		{name: "a workload waypoint does not cure that", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.WaypointFor("all")), mt.Service("shop", "db", mt.Headless), mt.Objects(allowAt("Service", "shop", "db"))}, want: []string{"error Service shop/db"}},
		{name: "silent: it has an address", parts: []mt.Part{ns, wp, mt.Service("shop", "db")}},
		{name: "silent: it says none", parts: []mt.Part{ns, wp, mt.Service("shop", "db", mt.Headless, mt.UseWaypoint("none"))}},
		{name: "silent: the waypoint does not exist", parts: []mt.Part{ns, mt.Service("shop", "db", mt.Headless)}},
	})
}
