package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestOtherRevision(t *testing.T) {
	rev := func(value string) func(*mesh.AuthorizationPolicy) {
		return func(p *mesh.AuthorizationPolicy) { p.Labels = map[string]string{mesh.LabelRevision: value} }
	}
	canary := istiodPod("istiod-canary", "istio/pilot:1.31.0", mt.Label(mesh.LabelRevision, "canary"))
	peer := mt.Objects(&mesh.PeerAuthentication{Meta: mesh.Meta{Kind: "PeerAuthentication", Namespace: "shop", Name: "strict", Labels: map[string]string{mesh.LabelRevision: "old"}}, Mode: "STRICT"})
	testCheck(t, "OTHER_REVISION", []checkCase{
		{name: "a policy for a revision nobody runs", parts: shop(policy("api", "ALLOW", rev("old"), policyRule(byAccount))), want: []string{"error AuthorizationPolicy shop/api"}},
		{name: "a PeerAuthentication", parts: shop(peer), want: []string{"error PeerAuthentication shop/strict"}},
		{name: "a ServiceEntry", parts: shop(mt.ServiceEntry("shop", "api", "api.example.com", mt.Label(mesh.LabelRevision, "old"))), want: []string{"error ServiceEntry shop/api"}},
		{name: "silent: the default revision", parts: shop(policy("api", "ALLOW", rev("default"), policyRule(byAccount)))},
		{name: "silent: a revision that runs beside it", parts: shop(canary, policy("api", "ALLOW", rev("canary"), policyRule(byAccount)))},
		{name: "silent: no label", parts: shop(policy("api", "ALLOW", policyRule(byAccount)))},
		{name: "silent: pods may not be read", parts: shop(policy("api", "ALLOW", rev("old"), policyRule(byAccount)), mt.Forbidden(mesh.ResourcePods))},
	})
}
