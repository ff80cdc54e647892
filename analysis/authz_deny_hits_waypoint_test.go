package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestAuthzDenyHitsWaypoint(t *testing.T) {
	source := func(s mesh.AuthorizationSource) func(*mesh.AuthorizationPolicy) {
		return policyRule(mesh.AuthorizationRule{From: []mesh.AuthorizationSource{s}})
	}
	notWeb := source(mesh.AuthorizationSource{NotPrincipals: []string{"cluster.local/ns/shop/sa/web"}})
	web := source(mesh.AuthorizationSource{Principals: []string{"cluster.local/ns/shop/sa/web"}})
	namespace := source(mesh.AuthorizationSource{Namespaces: []string{"shop"}})
	all := source(mesh.AuthorizationSource{IPBlocks: []string{"10.0.0.0/8"}})
	onMetrics := policyRule(mesh.AuthorizationRule{To: []mesh.AuthorizationOperation{{Ports: []string{"9090"}}}})
	want := []string{"critical Service shop/orders"}
	testCheck(t, "AUTHZ_DENY_HITS_WAYPOINT", []checkCase{
		{name: "all but web are denied, and the waypoint is not web", parts: shop(policy("only-web", "DENY", forApp("orders"), notWeb)), want: want},
		{name: "the namespace the waypoint is in", parts: shop(policy("no-shop", "DENY", forApp("orders"), namespace)), want: want},
		{name: "the addresses the waypoint has", parts: shop(policy("no-pods", "DENY", forApp("orders"), all)), want: want},
		{name: "silent: another caller", parts: shop(policy("no-web", "DENY", forApp("orders"), web))},
		{name: "silent: another port", parts: shop(policy("no-metrics", "DENY", forApp("orders"), onMetrics))},
		{name: "silent: the waypoint enforces it and sees the client", parts: shop(policy("only-web", "DENY", targeting("Service", "orders"), notWeb))},
		{name: "silent: no waypoint is bound", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "orders"), mt.Service("shop", "orders"), policy("only-web", "DENY", notWeb)}},
	})
}
