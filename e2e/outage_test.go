package e2e_test

import (
	"fmt"
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
	tab.WaitShows(t, wait.Limit, "orders")
	tab.MarkLoad(t)

	c.KillAPIServer()
	var reason string
	noticed := wait.For(t, recovery, "the open page says why the source is down", func() error {
		var err error
		if reason, err = downReason(server); err != nil {
			return err
		}
		return tab.Shows(t, reason)
	})
	if err := server.ExpectText("/services", "orders"); err != nil {
		t.Errorf("what was read before has to stay: %v", err)
	}

	c.StartAPIServer(t)
	recovered := wait.For(t, recovery, "the source recovers", func() error { return server.ExpectSource("kubernetes", "ok") })
	tab.WaitLacks(t, recovery, reason)
	application(t, c, "shop", "born-later")
	caughtUp := took(func() { tab.WaitShows(t, recovery, "born-later") })
	if tab.Reloaded(t) {
		t.Error("the page was loaded anew; it has to recover by itself")
	}
	t.Logf("outage on the open page after %dms, recovered %dms after the API server was ready, a new service %dms later",
		noticed.Milliseconds(), recovered.Milliseconds(), caughtUp.Milliseconds())
}

// TestStartWithoutAPIServer starts Waylight first: it has to serve, say what is wrong, and come to life by itself.
func TestStartWithoutAPIServer(t *testing.T) {
	c := startWithoutIstiod(t)
	c.KillAPIServer()
	server := waylight.Serve(t, c.Kubeconfig(t, viewer))
	for _, page := range []string{"/", "/services", "/sources"} {
		expectSoon(t, page+" says why the source is down", func() error {
			reason, err := downReason(server)
			if err != nil {
				return err
			}
			return server.ExpectText(page, reason)
		})
	}
	if err := server.Ready(); err == nil {
		t.Error("Waylight says that it is ready, and has read nothing")
	}

	c.StartAPIServer(t)
	server.WaitReady(t, recovery)
	expectSoon(t, "the services are there", func() error { return server.ExpectText("/services", "orders") })
}

// downReason answers what Waylight says is wrong with Kubernetes at this moment; it is an error when it says nothing.
func downReason(server *waylight.Server) (string, error) {
	source, err := server.Source("kubernetes")
	if err == nil && (source.State != "down" || source.Detail == "") {
		err = fmt.Errorf("kubernetes is %q with the reason %q, want it down with a reason", source.State, source.Detail)
	}
	return source.Detail, err
}
