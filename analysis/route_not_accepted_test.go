package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestRouteNotAccepted(t *testing.T) {
	said := func(controller, typ string, status mesh.ConditionStatus, message string) *mesh.Route {
		r := httpRoute("orders", 1, to(mesh.Backend{Ref: ref("Service", "shop", "orders"), Weight: 1}))
		r.Parents[0].Status = []mesh.ParentStatus{{Controller: controller, Conditions: mesh.Conditions{{Type: typ, Status: status, Reason: "X", Message: message}}}}
		return r
	}
	const istio = "istio.io/gateway-controller"
	young := said(istio, "Accepted", mesh.ConditionFalse, "no matching parent")
	young.Created = mt.Now.Add(-10 * time.Second)
	fires := []string{"error HTTPRoute shop/orders"}
	testCheck(t, "ROUTE_NOT_ACCEPTED", []checkCase{
		{name: "not accepted", parts: []mt.Part{routed, orders, routes(said(istio, "Accepted", mesh.ConditionFalse, "no matching parent"))}, want: fires},
		{name: "references not resolved", parts: []mt.Part{routed, orders, routes(said(istio, "ResolvedRefs", mesh.ConditionFalse, "backend not permitted"))}, want: fires},
		{name: "the truth is in the message alone", parts: []mt.Part{routed, orders, routes(said(istio, "ResolvedWaypoints", mesh.ConditionTrue, "parent not found"))}, want: fires},
		{name: "silent: all waypoints resolved", parts: []mt.Part{routed, orders, routes(said(istio, "ResolvedWaypoints", mesh.ConditionTrue, "All waypoints resolved"))}},
		{name: "silent: another maker's controller", parts: []mt.Part{routed, orders, routes(said("example.com/edge", "Accepted", mesh.ConditionFalse, "no"))}},
		{name: "silent: accepted", parts: []mt.Part{routed, orders, routes(said(istio, "Accepted", mesh.ConditionTrue, ""))}},
		{name: "silent: written a moment ago", parts: []mt.Part{routed, orders, routes(young)}},
	})
}

func TestAMissingLabelIsToldAsTheMissingWaypoint(t *testing.T) {
	r := httpRoute("orders", 1, to(mesh.Backend{Ref: ref("Service", "shop", "orders"), Weight: 1}))
	r.Parents[0].Status = []mesh.ParentStatus{{Controller: "istio.io/gateway-controller", Conditions: mesh.Conditions{{
		Type: "ResolvedWaypoints", Status: mesh.ConditionTrue, Message: "istio.io/use-waypoint label missing from parent and parent namespace; in ambient mode, route will not be respected",
	}}}}
	f := only(t, assess(unrouted, orders, routes(r)), "ROUTE_NOT_ACCEPTED")
	if f.CausedBy == nil || f.CausedBy.Code != "ROUTE_NO_WAYPOINT" {
		t.Errorf("caused by %v", f.CausedBy)
	}
}
