package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
)

func TestAuthzDryRun(t *testing.T) {
	dry := func(value string) func(*mesh.AuthorizationPolicy) {
		return func(p *mesh.AuthorizationPolicy) {
			p.Annotations = map[string]string{mesh.AnnotationDryRun: value}
		}
	}
	testCheck(t, "AUTHZ_DRY_RUN", []checkCase{
		{name: "the annotation is true", parts: shop(policy("api", "ALLOW", forApp("orders"), dry("true"), policyRule(byAccount))), want: []string{"warning AuthorizationPolicy shop/api"}},
		{name: "silent: it is false", parts: shop(policy("api", "ALLOW", forApp("orders"), dry("false"), policyRule(byAccount)))},
		{name: "silent: there is none", parts: shop(policy("api", "ALLOW", forApp("orders"), policyRule(byAccount)))},
	})
}
