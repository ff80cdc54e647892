package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointNoController(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"))
	web := mt.Service("shop", "web")
	class := func(status mesh.ConditionStatus) mt.Part {
		return mt.Objects(&mesh.GatewayClass{
			Meta: mesh.Meta{Kind: "GatewayClass", Name: mesh.ClassWaypoint}, ControllerName: mesh.ControllerMesh,
			Conditions: mesh.Conditions{{Type: mesh.ConditionAccepted, Status: status, Reason: "Accepted", Message: "Handled by Istio controller"}},
		})
	}
	waiting := mt.Condition(mesh.ConditionAccepted, mesh.ConditionUnknown, "Pending", "Waiting for controller")
	unserved := func(opts ...mt.Option) mt.Part {
		return mt.Waypoint("shop", "waypoint", append([]mt.Option{mt.NeverProgrammed()}, opts...)...)
	}
	critical := []string{"critical Gateway shop/waypoint"}
	testCheck(t, "WAYPOINT_NO_CONTROLLER", []checkCase{
		{name: "nobody answered the Gateway", parts: []mt.Part{ns, web, class(mesh.ConditionTrue), unserved(waiting)}, want: critical},
		{name: "its class does not exist", parts: []mt.Part{ns, web, unserved()}, want: critical},
		{name: "its class was accepted by nobody", parts: []mt.Part{ns, web, class(mesh.ConditionUnknown), unserved()}, want: critical},
		{name: "nothing names it: a warning", parts: []mt.Part{mt.Namespace("shop"), unserved(waiting)}, want: []string{"warning Gateway shop/waypoint"}},
		{name: "silent: accepted, and only its pods are missing", parts: []mt.Part{ns, web, class(mesh.ConditionTrue), unserved()}},
		{name: "silent: classes may not be read and the Gateway is accepted", parts: []mt.Part{ns, web, mt.Forbidden(mesh.ResourceGatewayClasses), unserved()}},
		{name: "silent: it has an address, which it keeps", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint", waiting)}},
		{name: "silent: younger than a minute", parts: []mt.Part{ns, web, unserved(waiting, mt.With(func(g *mesh.Gateway) { g.Created = mt.Now.Add(-10 * time.Second) }))}},
	})
}
