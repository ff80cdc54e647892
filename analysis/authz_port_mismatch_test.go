package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestAuthzPortMismatch(t *testing.T) {
	ports := func(list ...string) func(*mesh.AuthorizationPolicy) {
		return policyRule(mesh.AuthorizationRule{To: []mesh.AuthorizationOperation{{Ports: list}}})
	}
	notPorts := policyRule(mesh.AuthorizationRule{To: []mesh.AuthorizationOperation{{NotPorts: []string{"80"}}}})
	when := policyRule(mesh.AuthorizationRule{When: []mesh.AuthorizationCondition{{Key: "destination.port", Values: []string{"80"}}}})
	errors, critical := []string{"error AuthorizationPolicy shop/api"}, []string{"critical AuthorizationPolicy shop/api"}
	declared := append(shop(policy("api", "ALLOW", forApp("metrics"), ports("9090"))), mt.Deployment("shop", "metrics", mt.ContainerPort(9090, "metrics")))
	testCheck(t, "AUTHZ_PORT_MISMATCH", []checkCase{
		{name: "the Service's port, where ztunnel sees the pod's", parts: shop(policy("api", "ALLOW", forApp("orders"), ports("80"))), want: errors},
		{name: "in a condition", parts: shop(policy("api", "ALLOW", forApp("orders"), when)), want: errors},
		{name: "of a DENY", parts: shop(policy("api", "DENY", forApp("orders"), ports("80"))), want: critical},
		{name: "an exception that never holds", parts: shop(policy("api", "ALLOW", forApp("orders"), notPorts)), want: critical},
		{name: "the pod's port, where the waypoint sees the Service's", parts: shop(policy("api", "ALLOW", targeting("Service", "orders"), ports("8080"))), want: errors},
		{name: "a port that nobody declares: a warning", parts: shop(policy("api", "ALLOW", forApp("orders"), ports("9999"))), want: []string{"warning AuthorizationPolicy shop/api"}},
		{name: "silent: the pod's port at ztunnel", parts: shop(policy("api", "ALLOW", forApp("orders"), ports("8080")))},
		{name: "silent: the Service's port at the waypoint", parts: shop(policy("api", "ALLOW", targeting("Service", "orders"), ports("80")))},
		{name: "silent: a container declares it", parts: declared},
		{name: "silent: a Gateway may serve workloads too", parts: shop(policy("api", "ALLOW", targeting("Gateway", "waypoint"), ports("8080")))},
		{name: "silent: nothing is selected", parts: shop(policy("api", "ALLOW", forApp("gone"), ports("80")))},
	})
}
