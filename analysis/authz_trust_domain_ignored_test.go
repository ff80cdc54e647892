package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
)

func TestAuthzTrustDomainIgnored(t *testing.T) {
	domain := func(more ...string) mesh.AuthorizationRule {
		return mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{TrustDomains: []string{"prod.example"}, Namespaces: more}}}
	}
	testCheck(t, "AUTHZ_TRUST_DOMAIN_IGNORED", []checkCase{
		{name: "alone it never matches", parts: shop(policy("td", "ALLOW", policyRule(domain()))), want: []string{"error AuthorizationPolicy shop/td"}},
		{name: "beside a namespace an ALLOW is wider than written", parts: shop(policy("td", "ALLOW", policyRule(domain("shop")))), want: []string{"critical AuthorizationPolicy shop/td"}},
		{name: "beside a namespace a DENY is wider than written", parts: shop(policy("td", "DENY", policyRule(domain("shop")))), want: []string{"error AuthorizationPolicy shop/td"}},
		{name: "silent: a waypoint knows the field", parts: shop(policy("td", "ALLOW", targeting("Service", "orders"), policyRule(domain())))},
		{name: "silent: sidecars know it", parts: withSidecars(policy("td", "ALLOW", policyRule(domain())))},
		{name: "silent: principals", parts: shop(policy("td", "ALLOW", policyRule(byAccount)))},
	})
}
