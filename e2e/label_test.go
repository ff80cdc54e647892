package e2e_test

import (
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/waylight/waylight/e2e/browser"
	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/objects"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

// typoRounds is how often the label is spoilt and mended: enough for a median that one slow round does not decide.
const typoRounds = 7

// labelTypo is the first thing an on-call engineer does with Waylight: leave it open and change the cluster.
func labelTypo(t *testing.T, c *cluster.Cluster) {
	const code = "WAYPOINT_NOT_FOUND"
	namespace := objects.AmbientNamespace("typo", "waypoint")
	c.Apply(t, namespace)
	orders := application(t, c, "typo", "orders")
	c.Apply(t, objects.Waypoint("typo", "waypoint"))
	runWaypoint(t, c, "typo", "waypoint")
	expectBound(t, c, orders, metav1.ConditionTrue)

	server := waylight.Serve(t, c.Kubeconfig(t, viewer))
	server.WaitReady(t, wait.Limit)
	tab := browser.Open(t, server.URL+"/")
	tab.WaitLacks(t, wait.Limit, code)
	tab.MarkLoad(t)

	var appeared, went []time.Duration
	for range typoRounds {
		appeared = append(appeared, took(func() {
			c.Label(t, namespace, objects.UseWaypoint, "waypiont")
			tab.WaitShows(t, wait.Limit, code)
		}))
		went = append(went, took(func() {
			c.Label(t, namespace, objects.UseWaypoint, "waypoint")
			tab.WaitLacks(t, wait.Limit, code)
		}))
	}
	if tab.Reloaded(t) {
		t.Error("the page was loaded anew; it has to change by itself")
	}
	t.Logf("median label-to-pixels: %dms (mended: %dms, %d rounds, slowest %dms)", median(appeared).Milliseconds(),
		median(went).Milliseconds(), typoRounds, slices.Max(appeared).Milliseconds())
}

// took measures from before the API server is asked to change the label until the text is on the page.
func took(do func()) time.Duration {
	start := time.Now()
	do()
	return time.Since(start)
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}
