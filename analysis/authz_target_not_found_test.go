package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestAuthzTargetNotFound(t *testing.T) {
	want := []string{"error AuthorizationPolicy shop/api"}
	young := func(p *mesh.AuthorizationPolicy) { p.Created = mt.Now.Add(-10 * time.Second) }
	testCheck(t, "AUTHZ_TARGET_NOT_FOUND", []checkCase{
		{name: "no such Service", parts: shop(policy("api", "ALLOW", targeting("Service", "order"), policyRule(byPath))), want: want},
		{name: "no such Gateway", parts: shop(policy("api", "ALLOW", targeting("Gateway", "wayponit"), policyRule(byPath))), want: want},
		{name: "no such class", parts: shop(policy("api", "ALLOW", targeting("GatewayClass", "istio-waypoint"), policyRule(byPath))), want: want},
		{name: "silent: it exists", parts: shop(policy("api", "ALLOW", targeting("Service", "orders"), policyRule(byPath)))},
		{name: "silent: written a moment ago", parts: shop(policy("api", "ALLOW", targeting("Service", "order"), young, policyRule(byPath)))},
		{name: "silent: Services may not be read", parts: append(shop(policy("api", "ALLOW", targeting("Service", "order"), policyRule(byPath))), mt.Forbidden(mesh.ResourceServices))},
	})
}
