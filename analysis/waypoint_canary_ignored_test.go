package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointCanaryIgnored(t *testing.T) {
	canary := func(weight string) []mt.Option {
		return []mt.Option{mt.Ambient, mt.UseWaypoint("waypoint"), mt.Label(mesh.LabelUseWaypointCanary, "next"), mt.Annotation(mesh.AnnotationCanaryWeight, weight)}
	}
	ns := mt.Namespace("shop", canary("10")...)
	wp, next, web := mt.Waypoint("shop", "waypoint"), mt.Waypoint("shop", "next"), mt.Service("shop", "web")
	refused := mt.Service("shop", "web", mt.Condition(mesh.ConditionWaypointBound, mesh.ConditionTrue, "WaypointAccepted", `Successfully attached to waypoint shop/waypoint. Canary waypoint not attached: waypoint "shop/next" is not ready`))
	testCheck(t, "WAYPOINT_CANARY_IGNORED", []checkCase{
		{name: "the canary does not exist: one finding for the namespace", parts: []mt.Part{ns, wp, web, mt.Service("shop", "orders")}, want: []string{"warning Namespace shop"}},
		{name: "istiod says so in a message only", parts: []mt.Part{ns, wp, next, refused}, want: []string{"warning Namespace shop"}},
		{name: "the weight is no number", parts: []mt.Part{mt.Namespace("shop", canary("ten")...), wp, next, web}, want: []string{"warning Namespace shop"}},
		{name: "it is the primary itself", parts: []mt.Part{mt.Namespace("shop", append(canary("10"), mt.Label(mesh.LabelUseWaypointCanary, "waypoint"))...), wp, web}, want: []string{"warning Namespace shop"}},
		{name: "a ztunnel is older than 1.31", parts: []mt.Part{ns, wp, next, web, mt.Node("node-a", mt.Ztunnel(image("istio-proxy", "istio/ztunnel:1.30.1")))}, want: []string{"warning Namespace shop"}},
		{name: "silent: it takes its share", parts: []mt.Part{ns, wp, next, web}},
		{name: "silent: weight 0 begins a rollout", parts: []mt.Part{mt.Namespace("shop", canary("0")...), wp, next, web}},
		{name: "silent: the primary is not bound, which is another finding", parts: []mt.Part{ns, next, web}},
	})
}
