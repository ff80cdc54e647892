package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestAuthzTargetNotBound(t *testing.T) {
	want := []string{"critical AuthorizationPolicy shop/api"}
	unbound := func(service mt.Part, more ...mt.Part) []mt.Part {
		return append([]mt.Part{mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", "waypoint"), service, mt.Deployment("shop", "orders")}, more...)
	}
	atOrders := policy("api", "ALLOW", targeting("Service", "orders"), policyRule(byPath))
	both := policy("api", "ALLOW", targeting("Service", "orders"), targeting("Service", "web"), policyRule(byPath))
	alias := mt.With(func(s *mesh.Service) { s.Type = "ExternalName" })
	testCheck(t, "AUTHZ_TARGET_NOT_BOUND", []checkCase{
		{name: "no waypoint serves the Service", parts: unbound(mt.Service("shop", "orders"), atOrders), want: want},
		{name: "the waypoint it names does not exist", parts: unbound(mt.Service("shop", "orders", mt.UseWaypoint("typo")), atOrders), want: want},
		{name: "headless, although istiod says bound", parts: unbound(mt.Service("shop", "orders", mt.UseWaypoint("waypoint"), mt.Headless), atOrders), want: want},
		{name: "an ExternalName", parts: unbound(mt.Service("shop", "orders", alias), atOrders), want: want},
		{name: "a Gateway without an address", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", "waypoint", mt.NeverProgrammed()), policy("api", "ALLOW", targeting("Gateway", "waypoint"))}, want: want},
		{name: "one of two targets: its protection is off all the same", parts: unbound(mt.Service("shop", "orders", mt.UseWaypoint("none")), mt.Service("shop", "web", mt.UseWaypoint("waypoint")), both), want: []string{"critical AuthorizationPolicy shop/api"}},
		{name: "silent: a waypoint is bound", parts: shop(atOrders)},
		{name: "silent: the target does not exist, which is another finding", parts: shop(policy("api", "ALLOW", targeting("Service", "order")))},
		{name: "silent: whether one is bound may not be read", parts: unbound(mt.Service("shop", "orders", mt.UseWaypoint("elsewhere")), atOrders, mt.Forbidden(mesh.ResourceGateways))},
	})
}

func TestAuthzTargetNotBoundFollowsFromTheMissingWaypoint(t *testing.T) {
	r := assess(mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("typo")), mt.Service("shop", "orders"), policy("api", "ALLOW", targeting("Service", "orders"), policyRule(byPath)))
	if f := only(t, r, "AUTHZ_TARGET_NOT_BOUND"); f.CausedBy == nil || f.CausedBy.Code != "WAYPOINT_NOT_FOUND" {
		t.Errorf("caused by %v", f.CausedBy)
	}
}
