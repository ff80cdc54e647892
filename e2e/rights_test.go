package e2e_test

import (
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/objects"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

const policySource = "kubernetes/authorizationpolicies.security.istio.io"

// forbiddenKind takes one kind out of the role: its source has to name the missing right, and nothing else may suffer.
func forbiddenKind(t *testing.T, c *cluster.Cluster) {
	c.GrantInCluster(t, withoutPolicies, without(cluster.ReadClusterRole(t, viewRole), "authorizationpolicies"))
	c.Apply(t, objects.AmbientNamespace("forbidden", ""))
	application(t, c, "forbidden", "orders")
	server := waylight.Serve(t, c.Kubeconfig(t, withoutPolicies))

	expectSoon(t, "the kind is forbidden", func() error { return server.ExpectSource(policySource, "forbidden") })
	source, err := server.Source(policySource)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(source.Detail, "list authorizationpolicies.security.istio.io") {
		t.Errorf("the detail %q does not name the missing right", source.Detail)
	}
	expectSoon(t, "the page names the missing right", func() error {
		return server.ExpectText("/sources", policySource, source.Detail)
	})
	server.WaitReady(t, wait.Limit)
	expectSoon(t, "the rest works", func() error { return server.ExpectText("/services", "orders") })
}

// without is a copy of a role, under another name, that lacks one resource.
func without(role *rbacv1.ClusterRole, resource string) *rbacv1.ClusterRole {
	less := role.DeepCopy()
	less.Name = role.Name + "-without-" + resource
	for i, rule := range less.Rules {
		less.Rules[i].Resources = slices.DeleteFunc(rule.Resources, func(r string) bool { return r == resource })
	}
	less.Rules = slices.DeleteFunc(less.Rules, func(rule rbacv1.PolicyRule) bool {
		return len(rule.Resources) == 0 && len(rule.NonResourceURLs) == 0
	})
	return less
}

// twoNamespaces binds the role in two of three namespaces: what lies in them has to be there, and nothing of the third.
func twoNamespaces(t *testing.T, c *cluster.Cluster) {
	for _, namespace := range []string{"mine", "ours", "theirs"} {
		c.Apply(t, objects.AmbientNamespace(namespace, ""))
		application(t, c, namespace, "orders")
	}
	c.GrantInNamespaces(t, inTwoNamespaces, cluster.ReadClusterRole(t, viewRole), "mine", "ours")
	server := waylight.Serve(t, c.Kubeconfig(t, inTwoNamespaces), "-n", "mine", "-n", "ours")
	server.WaitReady(t, wait.Limit)

	services, err := server.Names("/api/v1/services")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(services)
	if want := []string{"mine/orders", "ours/orders"}; !slices.Equal(services, want) {
		t.Errorf("services are %v, want %v", services, want)
	}
	if err := server.ExpectText("/services/mine/orders", "orders"); err != nil {
		t.Error(err)
	}
	expectSoon(t, "what is outside the role is forbidden", func() error {
		return server.ExpectSource("kubernetes/nodes", "forbidden")
	})
}
