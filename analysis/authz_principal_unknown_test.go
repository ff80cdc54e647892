package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestAuthzPrincipalUnknown(t *testing.T) {
	account := mt.Objects(&mesh.ServiceAccount{Meta: mesh.Meta{Kind: "ServiceAccount", Namespace: "shop", Name: "web"}})
	who := func(principal string) func(*mesh.AuthorizationPolicy) {
		return policyRule(mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{Principals: []string{principal}}}})
	}
	with := func(p mt.Part, more ...mt.Part) []mt.Part { return shop(append(more, account, p)...) }
	own := meshConfig(func(c *mesh.MeshConfig) { c.TrustDomain = "prod.example" })
	warning := []string{"warning AuthorizationPolicy shop/api"}
	testCheck(t, "AUTHZ_PRINCIPAL_UNKNOWN", []checkCase{
		{name: "no such ServiceAccount", parts: with(policy("api", "ALLOW", who("cluster.local/ns/shop/sa/wbe"))), want: warning},
		{name: "written with spiffe://", parts: with(policy("api", "ALLOW", who("spiffe://cluster.local/ns/shop/sa/web"))), want: warning},
		{name: "only the account's name", parts: with(policy("api", "ALLOW", who("web"))), want: warning},
		{name: "in a condition", parts: with(policy("api", "ALLOW", policyRule(mesh.AuthorizationRule{When: []mesh.AuthorizationCondition{{Key: "source.principal", Values: []string{"cluster.local/ns/shop/sa/wbe"}}}}))), want: warning},
		{name: "cluster.local at ztunnel where the trust domain is another: an error", parts: with(policy("api", "ALLOW", who("cluster.local/ns/shop/sa/web")), own), want: []string{"error AuthorizationPolicy shop/api"}},
		{name: "critical in a DENY", parts: with(policy("api", "DENY", who("cluster.local/ns/shop/sa/web")), own), want: []string{"critical AuthorizationPolicy shop/api"}},
		{name: "silent: it exists", parts: with(policy("api", "ALLOW", who("cluster.local/ns/shop/sa/web")))},
		{name: "silent: a wildcard", parts: with(policy("api", "ALLOW", who("cluster.local/ns/shop/sa/*")))},
		{name: "silent: another trust domain", parts: with(policy("api", "ALLOW", who("other.example/ns/shop/sa/web")))},
		{name: "silent: a waypoint replaces cluster.local", parts: with(policy("api", "ALLOW", targeting("Service", "orders"), who("cluster.local/ns/shop/sa/web")), own)},
		{name: "silent: ServiceAccounts may not be read", parts: with(policy("api", "ALLOW", who("cluster.local/ns/shop/sa/wbe")), mt.Forbidden(mesh.ResourceServiceAccounts))},
	})
}
