package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// tokens checks those of one issuer for a target; without one it selects.
func tokens(targets ...mesh.TargetRef) mt.Part {
	return mt.Objects(&mesh.RequestAuthentication{
		Meta:       mesh.Meta{Kind: "RequestAuthentication", Namespace: "shop", Name: "jwt"},
		TargetRefs: targets, Rules: []mesh.JWTRule{{Issuer: "https://issuer.example"}},
	})
}

func TestJWTNotRequired(t *testing.T) {
	onOrders := tokens(mesh.TargetRef{Kind: "Service", Namespace: "shop", Name: "orders"})
	onGateway := tokens(mesh.TargetRef{Kind: "Gateway", Namespace: "shop", Name: "waypoint"})
	without := mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{NotRequestPrincipals: []string{"*"}}}}
	want := []string{"warning RequestAuthentication shop/jwt"}
	testCheck(t, "JWT_NOT_REQUIRED", []checkCase{
		{name: "no policy asks for a token", parts: shop(onOrders), want: want},
		{name: "for the whole waypoint", parts: shop(onGateway), want: want},
		{name: "a policy asks for something else", parts: shop(onOrders, policy("api", "ALLOW", targeting("Service", "orders"), policyRule(byPath))), want: want},
		{name: "silent: a policy asks for a token", parts: shop(onOrders, policy("api", "ALLOW", targeting("Service", "orders"), policyRule(withToken())))},
		{name: "silent: a DENY refuses calls without one", parts: shop(onOrders, policy("api", "DENY", targeting("Service", "orders"), policyRule(without)))},
		{name: "silent: a policy for the Gateway asks", parts: shop(onOrders, policy("api", "ALLOW", targeting("Gateway", "waypoint"), policyRule(withToken())))},
		{name: "silent: without targetRefs it is another finding", parts: shop(tokens())},
		{name: "silent: policies may not be read", parts: shop(onOrders, mt.Forbidden(mesh.ResourceAuthorizationPolicies))},
	})
}
