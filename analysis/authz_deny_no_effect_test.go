package analysis_test

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestAuthzDenyNoEffect(t *testing.T) {
	want := []string{"critical AuthorizationPolicy shop/no-delete"}
	byMethod := mesh.AuthorizationRule{To: []mesh.AuthorizationOperation{{Methods: []string{"DELETE"}}}}
	webByMethod := fromWeb()
	webByMethod.To = byMethod.To
	byPortToo := mesh.AuthorizationRule{To: []mesh.AuthorizationOperation{{Methods: []string{"DELETE"}, Ports: []string{"8080"}}}}
	byHeader := mesh.AuthorizationRule{When: []mesh.AuthorizationCondition{{Key: "request.headers[x-debug]", Values: []string{"1"}}}}
	dry := func(p *mesh.AuthorizationPolicy) { p.Annotations = map[string]string{mesh.AnnotationDryRun: "true"} }
	deny := func(opts ...func(*mesh.AuthorizationPolicy)) []mt.Part {
		return shop(policy("no-delete", "DENY", opts...))
	}
	testCheck(t, "AUTHZ_DENY_NO_EFFECT", []checkCase{
		{name: "methods only", parts: deny(forApp("orders"), policyRule(byMethod)), want: want},
		{name: "principals and methods: the operation never matches", parts: deny(forApp("orders"), policyRule(webByMethod)), want: want},
		{name: "a condition on a header", parts: deny(policyRule(byHeader)), want: want},
		{name: "in the root namespace it reaches every pod", parts: deny(policyIn(mt.SystemNamespace), policyRule(byMethod)), want: []string{"critical AuthorizationPolicy istio-system/no-delete"}},
		{name: "silent: ports beside methods still match", parts: deny(forApp("orders"), policyRule(byPortToo))},
		{name: "silent: one rule of two still matches", parts: deny(forApp("orders"), policyRule(byMethod), policyRule(fromWeb()))},
		{name: "silent: without HTTP", parts: deny(forApp("orders"), policyRule(fromWeb()))},
		{name: "silent: without rules nothing was to be denied", parts: deny(forApp("orders"))},
		{name: "silent: with targetRefs a waypoint enforces it", parts: deny(targeting("Service", "orders"), policyRule(byMethod))},
		{name: "silent: a dry run", parts: deny(forApp("orders"), dry, policyRule(byMethod))},
		{name: "silent: it selects no pod", parts: deny(forApp("gone"), policyRule(byMethod))},
		{name: "silent: its pods are not captured", parts: []mt.Part{mt.Namespace("shop"), mt.Deployment("shop", "orders"), policy("no-delete", "DENY", policyRule(byMethod))}},
		{name: "silent: an ALLOW is another finding", parts: shop(policy("no-delete", "ALLOW", policyRule(byMethod)))},
		{name: "silent: pods may not be read", parts: append(deny(policyRule(byMethod)), mt.Forbidden(mesh.ResourcePods))},
	})
}

func TestAuthzDenyNoEffectNamesTheFieldsThatAreCut(t *testing.T) {
	byMethod := mesh.AuthorizationRule{To: []mesh.AuthorizationOperation{{Methods: []string{"DELETE"}}}}
	f := only(t, assess(shop(policy("no-delete", "DENY", policyRule(byMethod)))...), "AUTHZ_DENY_NO_EFFECT")
	if !strings.Contains(evidenceText(f), "spec.rules[0]: methods") {
		t.Errorf("evidence:\n%s", evidenceText(f))
	}
}
