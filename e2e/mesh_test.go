package e2e_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/objects"
)

// viewRole is the manifest of the rights that Waylight asks its users to give it. The tests give it these and no more.
const viewRole = "../deploy/rbac/view.yaml"

// The users that Waylight runs as in these tests.
const (
	viewer          = "viewer"            // has the view role
	withoutPolicies = "without-policies"  // has it but for AuthorizationPolicies
	inTwoNamespaces = "in-two-namespaces" // has it in two namespaces only
	withoutLogs     = "without-logs"      // has it, and not the right to read logs
)

// nodes are the nodes of every small cluster.
var nodes = []string{"node-a", "node-b"}

// TestMesh runs Waylight against a whole control plane that all its subtests share, each in namespaces of its own.
func TestMesh(t *testing.T) {
	c := cluster.Start(t, cluster.Config{
		WithIstiod: true,
		Users:      []string{viewer, withoutPolicies, inTwoNamespaces},
	})
	c.AddNodes(t, nodes...)
	c.GrantInCluster(t, viewer, cluster.ReadClusterRole(t, viewRole))
	for _, test := range []struct {
		name string
		run  func(*testing.T, *cluster.Cluster)
	}{
		{"a label typo shows in an open page and goes when mended", labelTypo},
		{"a waypoint's conditions are shown through its life", waypointLife},
		{"a kind that may not be read is forbidden, the rest works", forbiddenKind},
		{"a role in two namespaces is enough for these", twoNamespaces},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, c) })
	}
}

// application writes a running application of two captured pods with its Service.
func application(t *testing.T, c *cluster.Cluster, namespace, name string) *corev1.Service {
	t.Helper()
	service := objects.Service(namespace, name)
	c.Apply(t, service)
	pods := c.RunDeployment(t, objects.Deployment(namespace, name, 2), cluster.Placement{Nodes: nodes, Captured: true})
	c.PublishEndpoints(t, service, pods, true)
	return service
}
