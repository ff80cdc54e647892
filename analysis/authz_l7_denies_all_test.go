package analysis_test

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// Rules that tests of what ztunnel makes of policies share.
var (
	byMethod  = mesh.AuthorizationRule{To: []mesh.AuthorizationOperation{{Methods: []string{"GET"}}}}
	byPath    = mesh.AuthorizationRule{To: []mesh.AuthorizationOperation{{Paths: []string{"/api/*"}}}}
	portsToo  = mesh.AuthorizationRule{To: []mesh.AuthorizationOperation{{Methods: []string{"DELETE"}, Ports: []string{"8080"}}}}
	byAccount = mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{Principals: []string{"cluster.local/ns/shop/sa/web"}}}}
)

// withSidecars is orders in a namespace of sidecars, which enforce everything.
func withSidecars(parts ...mt.Part) []mt.Part {
	return append([]mt.Part{mt.Namespace("shop"), mt.Deployment("shop", "orders", mt.Sidecar), mt.Service("shop", "orders")}, parts...)
}

func TestAuthzL7DeniesAll(t *testing.T) {
	allow := func(opts ...func(*mesh.AuthorizationPolicy)) []mt.Part { return shop(policy("api", "ALLOW", opts...)) }
	other := policy("web", "ALLOW", forApp("orders"), policyRule(byAccount))
	critical, warning := []string{"critical AuthorizationPolicy shop/api"}, []string{"warning AuthorizationPolicy shop/api"}
	testCheck(t, "AUTHZ_L7_DENIES_ALL", []checkCase{
		{name: "its only rule asks for a method", parts: allow(forApp("orders"), policyRule(byMethod)), want: critical},
		{name: "both rules ask for HTTP", parts: allow(forApp("orders"), policyRule(byMethod), policyRule(byPath)), want: critical},
		{name: "for the whole namespace", parts: allow(policyRule(byPath)), want: critical},
		{name: "another ALLOW admits callers: a warning", parts: append(allow(forApp("orders"), policyRule(byMethod)), other), want: warning},
		{name: "silent: one rule has no HTTP", parts: allow(forApp("orders"), policyRule(byMethod), policyRule(byAccount))},
		{name: "silent: no rules mean to deny", parts: allow(forApp("orders"))},
		{name: "silent: a waypoint enforces it", parts: allow(targeting("Service", "orders"), policyRule(byMethod))},
		{name: "silent: sidecars enforce it", parts: withSidecars(policy("api", "ALLOW", policyRule(byMethod)))},
		{name: "silent: it selects nothing captured", parts: allow(forApp("gone"), policyRule(byMethod))},
		{name: "silent: a DENY is another finding", parts: shop(policy("api", "DENY", policyRule(byMethod)))},
	})
}

func TestAuthzL7DeniesAllNamesServicesAndFields(t *testing.T) {
	f := only(t, assess(shop(policy("api", "ALLOW", forApp("orders"), policyRule(byMethod)))...), "AUTHZ_L7_DENIES_ALL")
	diffText(t, []string{"Deployment shop/orders", "Service shop/orders"}, []string{f.Affects[0].String(), f.Affects[1].String()})
	if !strings.Contains(evidenceText(f), "spec.rules[0]: methods") {
		t.Errorf("evidence:\n%s", evidenceText(f))
	}
}
