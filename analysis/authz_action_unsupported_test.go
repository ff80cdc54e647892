package analysis_test

import "testing"

func TestAuthzActionUnsupported(t *testing.T) {
	want := []string{"error AuthorizationPolicy shop/ext"}
	testCheck(t, "AUTHZ_ACTION_UNSUPPORTED", []checkCase{
		{name: "CUSTOM for captured pods", parts: shop(policy("ext", "CUSTOM", forApp("orders"), policyRule(byPath))), want: want},
		{name: "AUDIT for the namespace", parts: shop(policy("ext", "AUDIT", policyRule(byAccount))), want: want},
		{name: "silent: a waypoint knows it", parts: shop(policy("ext", "CUSTOM", targeting("Service", "orders"), policyRule(byPath)))},
		{name: "silent: sidecars know it", parts: withSidecars(policy("ext", "CUSTOM", policyRule(byPath)))},
		{name: "silent: ALLOW", parts: shop(policy("ext", "ALLOW", forApp("orders"), policyRule(byAccount)))},
	})
}
