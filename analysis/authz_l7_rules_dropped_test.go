package analysis_test

import "testing"

func TestAuthzL7RulesDropped(t *testing.T) {
	testCheck(t, "AUTHZ_L7_RULES_DROPPED", []checkCase{
		{name: "one of two rules asks for a method", parts: shop(policy("api", "ALLOW", forApp("orders"), policyRule(byAccount), policyRule(byMethod))), want: []string{"error AuthorizationPolicy shop/api"}},
		{name: "silent: all do, which denies everything", parts: shop(policy("api", "ALLOW", forApp("orders"), policyRule(byMethod)))},
		{name: "silent: none does", parts: shop(policy("api", "ALLOW", forApp("orders"), policyRule(byAccount)))},
		{name: "silent: a waypoint enforces it", parts: shop(policy("api", "ALLOW", targeting("Service", "orders"), policyRule(byAccount), policyRule(byMethod)))},
		{name: "silent: sidecars enforce it", parts: withSidecars(policy("api", "ALLOW", policyRule(byAccount), policyRule(byMethod)))},
	})
}
