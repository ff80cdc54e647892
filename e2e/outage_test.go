package e2e_test

import (
	"testing"

	"github.com/waylight/waylight/e2e/browser"
	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/objects"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

// recovery is how long a client may take to come back to an API server that answers again: client-go's back-off reaches
// half a minute, and a browser that has it open adds its own.
const recovery = 3 * wait.Limit

// startWithoutIstiod starts a cluster in which only the API server matters.
func startWithoutIstiod(t *testing.T) *cluster.Cluster {
	t.Helper()
	c := cluster.Start(t, cluster.Config{Users: []string{viewer}})
	c.GrantInCluster(t, viewer, cluster.ReadClusterRole(t, viewRole))
	c.AddNodes(t, nodes...)
	c.Apply(t, objects.AmbientNamespace("shop", ""))
	application(t, c, "shop", "orders")
	return c
}

// TestAPIServerRestart kills the API server under a Waylight that is open in a browser.
func TestAPIServerRestart(t *testing.T) {
	c := startWithoutIstiod(t)
	server := waylight.Serve(t, c.Kubeconfig(t, viewer))
	server.WaitReady(t, wait.Limit)
	if err := server.ExpectSource("kubernetes", "ok"); err != nil {
		t.Fatal(err)
	}
	tab := browser.Open(t, server.URL+"/services")
	tab.WaitText(t, wait.Limit, "orders")
	tab.MarkLoad(t)

	c.KillAPIServer()
	wait.For(t, recovery, "the API says that the source is down", func() error { return server.ExpectSource("kubernetes", "down") })
	source, err := server.Source("kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	tab.WaitText(t, wait.Limit, source.Detail)
	if err := server.ExpectText("/services", "orders"); err != nil {
		t.Errorf("what was read before has to stay: %v", err)
	}

	c.StartAPIServer(t)
	wait.For(t, recovery, "the source recovers", func() error { return server.ExpectSource("kubernetes", "ok") })
	tab.WaitNoText(t, recovery, source.Detail)
	application(t, c, "shop", "born-later")
	tab.WaitText(t, recovery, "born-later")
	if tab.Reloaded(t) {
		t.Error("the page was loaded anew; it has to recover by itself")
	}
}

// TestStartWithoutAPIServer starts Waylight first: it has to serve, say what is wrong, and come to life by itself.
func TestStartWithoutAPIServer(t *testing.T) {
	c := startWithoutIstiod(t)
	c.KillAPIServer()
	server := waylight.Serve(t, c.Kubeconfig(t, viewer))
	expectSoon(t, "the source is down", func() error { return server.ExpectSource("kubernetes", "down") })
	source, err := server.Source("kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	if source.Detail == "" {
		t.Error("nothing says what is wrong")
	}
	for _, page := range []string{"/", "/services", "/sources"} {
		if err := server.ExpectText(page, source.Detail); err != nil {
			t.Error(err)
		}
	}
	if err := server.Ready(); err == nil {
		t.Error("Waylight says that it is ready, and has read nothing")
	}

	c.StartAPIServer(t)
	server.WaitReady(t, recovery)
	expectSoon(t, "the services are there", func() error { return server.ExpectText("/services", "orders") })
}
