package analysis_test

import "testing"

func TestAuthzDenyBroader(t *testing.T) {
	want := []string{"error AuthorizationPolicy shop/no-delete"}
	testCheck(t, "AUTHZ_DENY_BROADER", []checkCase{
		{name: "ports stay when methods are cut", parts: shop(policy("no-delete", "DENY", forApp("orders"), policyRule(portsToo))), want: want},
		{name: "one rule of two is wider", parts: shop(policy("no-delete", "DENY", policyRule(byAccount), policyRule(portsToo))), want: want},
		{name: "silent: what is left never matches", parts: shop(policy("no-delete", "DENY", forApp("orders"), policyRule(byMethod)))},
		{name: "silent: nothing is cut", parts: shop(policy("no-delete", "DENY", forApp("orders"), policyRule(byAccount)))},
		{name: "silent: a waypoint enforces it", parts: shop(policy("no-delete", "DENY", targeting("Service", "orders"), policyRule(portsToo)))},
		{name: "silent: sidecars enforce it", parts: withSidecars(policy("no-delete", "DENY", policyRule(portsToo)))},
	})
}
