package e2e_test

import (
	"testing"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/objects"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

// discovery is how long Waylight may take to notice that a kind has been installed, of which nothing tells it.
const discovery = 3 * wait.Limit

// TestKindsInstalledLater starts Waylight on a cluster that knows neither Istio nor the Gateway API: their kinds are
// absent, which is no error, and are read as soon as they are installed.
func TestKindsInstalledLater(t *testing.T) {
	c := cluster.Start(t, cluster.Config{Users: []string{viewer}, WithoutCRDs: true})
	c.GrantInCluster(t, viewer, cluster.ReadClusterRole(t, viewRole))
	c.AddNodes(t, nodes...)
	c.Apply(t, objects.Namespace("shop", nil))
	application(t, c, "shop", "orders")

	server := waylight.Serve(t, c.Kubeconfig(t, viewer))
	server.WaitReady(t, wait.Limit)
	for _, kind := range []string{policySource, "kubernetes/gateways.gateway.networking.k8s.io"} {
		if err := server.ExpectSource(kind, "absent"); err != nil {
			t.Error(err)
		}
	}
	if err := server.ExpectText("/services", "orders"); err != nil {
		t.Error(err)
	}

	c.InstallGatewayAPI(t)
	c.InstallIstio(t)
	c.Apply(t, objects.Waypoint("shop", "waypoint"))
	c.Apply(t, objects.AllowPolicy("shop", "orders-allow-web", "orders", "cluster.local/ns/shop/sa/web"))
	wait.For(t, discovery, "the new kinds are read", func() error { return server.ExpectSource(policySource, "ok") })
	wait.For(t, discovery, "the policy is shown", func() error { return server.ExpectText("/policies", "orders-allow-web") })
	wait.For(t, discovery, "the waypoint is shown", func() error { return server.ExpectText("/waypoints", "shop/waypoint") })
}
