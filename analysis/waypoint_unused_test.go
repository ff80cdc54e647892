package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointUnused(t *testing.T) {
	unbound := []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Service("shop", "web")}
	with := func(parts ...mt.Part) []mt.Part { return append(unbound[:2:2], parts...) }
	canary := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"), mt.Label(mesh.LabelUseWaypointCanary, "next"), mt.Annotation(mesh.AnnotationCanaryWeight, "10"))
	testCheck(t, "WAYPOINT_UNUSED", []checkCase{
		{name: "nothing is bound to it", parts: with(mt.Waypoint("shop", "waypoint")), want: []string{"info Gateway shop/waypoint"}},
		{name: "silent: a Service is bound to it", parts: shop()},
		{name: "silent: it takes nothing on purpose", parts: with(mt.Waypoint("shop", "waypoint", mt.WaypointFor("none")))},
		{name: "silent: something asks and is refused, which is another finding", parts: []mt.Part{mt.Namespace("shop", mt.Ambient, mt.UseWaypointIn("infra", "waypoint")), mt.Service("shop", "web"), mt.Waypoint("infra", "waypoint")}},
		{name: "silent: it is a canary", parts: []mt.Part{canary, mt.Service("shop", "web"), mt.Waypoint("shop", "waypoint"), mt.Waypoint("shop", "next")}},
		{name: "silent: it never had an address", parts: with(mt.Waypoint("shop", "waypoint", mt.NeverProgrammed()))},
		{name: "silent: made a minute ago", parts: with(mt.Waypoint("shop", "waypoint", mt.With(func(g *mesh.Gateway) { g.Created = mt.Now.Add(-time.Minute) })))},
		{name: "silent: Services may not be read", parts: with(mt.Waypoint("shop", "waypoint"), mt.Forbidden(mesh.ResourceServices))},
	})
}
