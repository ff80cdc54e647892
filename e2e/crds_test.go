package e2e_test

import (
	"fmt"
	"slices"
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
	noticed := wait.For(t, discovery, "the new kinds are read", func() error { return server.ExpectSource(policySource, "ok") })
	t.Logf("new kinds read %dms after they were installed", noticed.Milliseconds())
	expectSoon(t, "the policy is listed", func() error { return expectListed(server, "/api/v1/policies", "shop/orders-allow-web") })
	expectSoon(t, "the waypoint is listed", func() error { return expectListed(server, "/api/v1/waypoints", "shop/waypoint") })
	expectSoon(t, "the policy has a page", func() error { return server.ExpectText("/policies", "orders-allow-web") })
}

// expectListed answers nil when a list of the API has an item, as namespace/name.
func expectListed(server *waylight.Server, list, name string) error {
	names, err := server.Names(list)
	if err == nil && !slices.Contains(names, name) {
		err = fmt.Errorf("%s has %v, not %s", list, names, name)
	}
	return err
}
