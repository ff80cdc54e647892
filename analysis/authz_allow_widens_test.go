package analysis_test

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// withToken is a rule for any valid token, web one for that account; both on
// these paths.
func withToken(paths ...string) mesh.AuthorizationRule {
	return onPaths(mesh.AuthorizationSource{RequestPrincipals: []string{"*"}}, paths)
}

func fromWeb(paths ...string) mesh.AuthorizationRule {
	return onPaths(mesh.AuthorizationSource{Principals: []string{"cluster.local/ns/shop/sa/web"}}, paths)
}

func onPaths(s mesh.AuthorizationSource, paths []string) mesh.AuthorizationRule {
	r := mesh.AuthorizationRule{From: []mesh.AuthorizationSource{s}}
	if len(paths) > 0 {
		r.To = []mesh.AuthorizationOperation{{Paths: paths}}
	}
	return r
}

func TestAuthzAllowWidens(t *testing.T) {
	atOrders, want := targeting("Service", "orders"), []string{"error Service shop/orders"}
	token := policy("token", "ALLOW", atOrders, policyRule(withToken()))
	both := fromWeb()
	both.From[0].RequestPrincipals = []string{"*"}
	batch := mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{Principals: []string{"cluster.local/ns/shop/sa/batch"}}}}
	operation := func(r mesh.AuthorizationRule, op mesh.AuthorizationOperation) mesh.AuthorizationRule {
		r.To = []mesh.AuthorizationOperation{op}
		return r
	}
	denyTokenless := policyRule(mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{NotRequestPrincipals: []string{"*"}}}})
	claim := mesh.AuthorizationRule{When: []mesh.AuthorizationCondition{{Key: "request.auth.claims[groups]", Values: []string{"admin"}}}}
	testCheck(t, "AUTHZ_ALLOW_WIDENS", []checkCase{
		{name: "one policy asks for a token, another names a caller", parts: shop(token, policy("web", "ALLOW", atOrders, policyRule(fromWeb()))), want: want},
		{name: "two rules of one policy", parts: shop(policy("one", "ALLOW", atOrders, policyRule(withToken()), policyRule(fromWeb("/api/*")))), want: want},
		{name: "a claim is a token too", parts: shop(policy("one", "ALLOW", atOrders, policyRule(claim), policyRule(fromWeb()))), want: want},
		{name: "one policy is on the Gateway", parts: shop(token, policy("web", "ALLOW", targeting("Gateway", "waypoint"), policyRule(fromWeb()))), want: want},
		{name: "one policy is on the GatewayClass", parts: shop(token, policy("web", "ALLOW", policyIn(mt.SystemNamespace), targeting("GatewayClass", "istio-waypoint"), policyRule(fromWeb()))), want: want},
		{name: "paths overlap in part", parts: shop(policy("one", "ALLOW", atOrders, policyRule(withToken("/api/*")), policyRule(fromWeb("/api/public/*")))), want: want},
		{name: "a DENY covers another path", parts: shop(token, policy("web", "ALLOW", atOrders, policyRule(fromWeb())), policy("deny", "DENY", atOrders, policyRule(operation(mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{NotRequestPrincipals: []string{"*"}}}}, mesh.AuthorizationOperation{Paths: []string{"/admin"}})))), want: want},
		{name: "silent: disjoint paths, /api with a token and /healthz open", parts: shop(policy("one", "ALLOW", atOrders, policyRule(withToken("/api/*")), policyRule(onPaths(mesh.AuthorizationSource{}, []string{"/healthz"}))))},
		{name: "silent: disjoint methods", parts: shop(policy("one", "ALLOW", atOrders, policyRule(operation(withToken(), mesh.AuthorizationOperation{Methods: []string{"POST"}})), policyRule(operation(fromWeb(), mesh.AuthorizationOperation{Methods: []string{"GET"}}))))},
		{name: "silent: disjoint hosts", parts: shop(policy("one", "ALLOW", atOrders, policyRule(operation(withToken(), mesh.AuthorizationOperation{Hosts: []string{"a.example"}})), policyRule(operation(fromWeb(), mesh.AuthorizationOperation{Hosts: []string{"b.example"}}))))},
		{name: "silent: disjoint ports", parts: shop(policy("one", "ALLOW", atOrders, policyRule(operation(withToken(), mesh.AuthorizationOperation{Ports: []string{"80"}})), policyRule(operation(fromWeb(), mesh.AuthorizationOperation{Ports: []string{"90"}}))))},
		{name: "silent: one takes what the other leaves out", parts: shop(policy("one", "ALLOW", atOrders, policyRule(operation(withToken(), mesh.AuthorizationOperation{NotPaths: []string{"/healthz"}})), policyRule(fromWeb("/healthz"))))},
		{name: "silent: different callers, one of them with a token", parts: shop(policy("one", "ALLOW", atOrders, policyRule(both), policyRule(batch)))},
		{name: "silent: caller and token in one rule", parts: shop(policy("one", "ALLOW", atOrders, policyRule(both)))},
		{name: "silent: a DENY refuses calls without a token", parts: shop(token, policy("web", "ALLOW", atOrders, policyRule(fromWeb())), policy("deny", "DENY", atOrders, denyTokenless))},
		{name: "silent: the other policy is enforced at ztunnel", parts: shop(token, policy("web", "ALLOW", forApp("orders"), policyRule(fromWeb())))},
		{name: "silent: the other policy is for another Service", parts: shop(token, policy("web", "ALLOW", targeting("Service", "web"), policyRule(fromWeb())))},
		{name: "silent: no waypoint is bound", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Service("shop", "orders"), policy("one", "ALLOW", atOrders, policyRule(withToken()), policyRule(fromWeb()))}},
		{name: "silent: the root namespace is not watched", parts: shop(token, policy("web", "ALLOW", atOrders, policyRule(fromWeb())), mt.Scope("shop"))},
	})
}

func TestAuthzAllowWidensGivesAnExample(t *testing.T) {
	f := only(t, assess(shop(policy("one", "ALLOW", targeting("Service", "orders"), policyRule(withToken()), policyRule(fromWeb("/api/*"))))...), "AUTHZ_ALLOW_WIDENS")
	if !strings.Contains(f.Detail, "rule 2 of AuthorizationPolicy shop/one admits such calls without a token") || !strings.Contains(f.Detail, "for example /api/x") {
		t.Errorf("detail %q", f.Detail)
	}
}
