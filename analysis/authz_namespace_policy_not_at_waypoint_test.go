package analysis_test

import (
	"testing"

	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestAuthzNamespacePolicyNotAtWaypoint(t *testing.T) {
	want := []string{"warning AuthorizationPolicy shop/api"}
	testCheck(t, "AUTHZ_NAMESPACE_POLICY_NOT_AT_WAYPOINT", []checkCase{
		{name: "a DENY by path beside a waypoint", parts: shop(policy("api", "DENY", policyRule(byPath))), want: want},
		{name: "an ALLOW by path that selects nothing captured", parts: shop(policy("api", "ALLOW", forApp("gone"), policyRule(byPath))), want: want},
		{name: "silent: AUTHZ_L7_DENIES_ALL reports it", parts: shop(policy("api", "ALLOW", policyRule(byPath)))},
		{name: "silent: no HTTP", parts: shop(policy("api", "DENY", policyRule(byAccount)))},
		{name: "silent: it has a target", parts: shop(policy("api", "DENY", targeting("Service", "orders"), policyRule(byPath)))},
		{name: "silent: no waypoint is bound", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "orders"), mt.Service("shop", "orders"), policy("api", "DENY", policyRule(byPath))}},
		{name: "silent: sidecars are in its reach", parts: append(shop(policy("api", "DENY", policyRule(byPath))), mt.Deployment("shop", "old", mt.Sidecar))},
	})
}
