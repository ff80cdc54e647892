package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestAuthzSelectorMatchesNothing(t *testing.T) {
	empty := func(p *mesh.AuthorizationPolicy) { p.Selector = &mesh.LabelSelector{} }
	forWaypoint := func(p *mesh.AuthorizationPolicy) {
		p.Selector = &mesh.LabelSelector{MatchLabels: map[string]string{mesh.LabelGatewayName: "waypoint"}}
	}
	warning, critical := []string{"warning AuthorizationPolicy shop/api"}, []string{"critical AuthorizationPolicy shop/api"}
	testCheck(t, "AUTHZ_SELECTOR_MATCHES_NOTHING", []checkCase{
		{name: "no pod has the label", parts: shop(policy("api", "ALLOW", forApp("order"), policyRule(byAccount))), want: warning},
		{name: "an empty selector of a DENY attaches to no pod", parts: shop(policy("api", "DENY", empty, policyRule(byAccount))), want: critical},
		{name: "an empty selector of the only ALLOW", parts: shop(policy("api", "ALLOW", empty, policyRule(byAccount))), want: critical},
		{name: "beside another ALLOW: a warning", parts: append(shop(policy("api", "ALLOW", empty, policyRule(byAccount))), policy("all", "ALLOW", policyRule(byAccount))), want: warning},
		{name: "it matches pods of a waypoint alone", parts: shop(policy("api", "ALLOW", forWaypoint, policyRule(byAccount))), want: warning},
		{
			name:  "it matches pods of a waypoint that serves another namespace, and asks for HTTP",
			parts: []mt.Part{mt.Namespace("shop"), mt.Waypoint("shop", "waypoint"), policy("api", "DENY", forWaypoint, policyRule(byMethod))}, want: warning,
		},
		{name: "silent: it matches pods of a waypoint and asks for HTTP, which is another finding", parts: shop(policy("api", "DENY", forWaypoint, policyRule(byMethod)))},
		{name: "silent: it matches a gateway's pods as well", parts: shop(mt.Pod("shop", "edge-1", mt.Label(mesh.LabelGatewayName, "waypoint")), policy("api", "ALLOW", forWaypoint, policyRule(byAccount)))},
		{name: "silent: it matches a pod", parts: shop(policy("api", "ALLOW", forApp("orders"), policyRule(byAccount)))},
		{name: "silent: it matches what is scaled to zero", parts: append(shop(policy("api", "ALLOW", forApp("idle"), policyRule(byAccount))), mt.Deployment("shop", "idle", mt.Replicas(0)))},
		{name: "silent: in the root namespace it matches a pod anywhere", parts: shop(policy("api", "ALLOW", policyIn(mt.SystemNamespace), forApp("orders"), policyRule(byAccount)))},
		{name: "silent: no selector means all", parts: shop(policy("api", "ALLOW", policyRule(byAccount)))},
		{name: "silent: an empty selector where sidecars take it for all", parts: withSidecars(policy("api", "DENY", empty, policyRule(byAccount)))},
		{name: "silent: pods may not be read", parts: append(shop(policy("api", "ALLOW", forApp("order"), policyRule(byAccount))), mt.Forbidden(mesh.ResourcePods))},
	})
}
