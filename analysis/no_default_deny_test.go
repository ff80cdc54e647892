package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestNoDefaultDeny(t *testing.T) {
	want := []string{"warning Mesh"}
	testCheck(t, "NO_DEFAULT_DENY", []checkCase{
		{name: "no policy at all", parts: shop(), want: want},
		{name: "only some pods are covered", parts: shop(policy("orders", "ALLOW", forApp("orders"), policyRule(byAccount))), want: want},
		{name: "a policy at the waypoint covers no pod", parts: shop(policy("orders", "ALLOW", targeting("Service", "orders"), policyRule(byAccount))), want: want},
		{name: "a DENY covers nobody", parts: shop(policy("no", "DENY", policyRule(byAccount))), want: want},
		{name: "silent: an ALLOW without rules for the namespace", parts: shop(policy("nothing", "ALLOW"))},
		{name: "silent: one for the mesh", parts: shop(policy("nothing", "ALLOW", policyIn(mt.SystemNamespace)))},
		{name: "silent: the namespace does not ask for ambient", parts: []mt.Part{mt.Namespace("legacy"), mt.Deployment("legacy", "batch")}},
		{name: "silent: a namespace without pods", parts: []mt.Part{mt.Namespace("shop", mt.Ambient)}},
		{name: "silent: policies may not be read", parts: shop(mt.Forbidden(mesh.ResourceAuthorizationPolicies))},
	})
}
