package analysis_test

import (
	"testing"

	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestAuthzGatewayClassIgnored(t *testing.T) {
	testCheck(t, "AUTHZ_GATEWAYCLASS_IGNORED", []checkCase{
		{name: "outside the root namespace", parts: shop(policy("all", "ALLOW", targeting("GatewayClass", "istio-waypoint"))), want: []string{"error AuthorizationPolicy shop/all"}},
		{name: "a class of another name", parts: shop(policy("all", "ALLOW", policyIn(mt.SystemNamespace), targeting("GatewayClass", "my-waypoint"))), want: []string{"error AuthorizationPolicy istio-system/all"}},
		{name: "silent: istio-waypoint in the root namespace", parts: shop(policy("all", "ALLOW", policyIn(mt.SystemNamespace), targeting("GatewayClass", "istio-waypoint")))},
		{name: "silent: a Service", parts: shop(policy("all", "ALLOW", targeting("Service", "orders")))},
	})
}
