package e2e_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/loader"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

// largeSize is 2,000 services and 10,000 pods.
var largeSize = loader.Size{Nodes: 100, Namespaces: 40, ServicesPerNamespace: 50, PodsPerService: 5}

const (
	// podChanges is how many single pods are changed to see what one change costs.
	podChanges = 20
	// settle lets the caches of a fresh start be collected before memory is read.
	settle = 15 * time.Second
	// pageReads is how often each page is read for its median.
	pageReads = 15
	// snapshotBuild is Waylight's own measure of what it costs to make a new snapshot after a change.
	snapshotBuild = "waylight_snapshot_build_seconds"
)

// TestLargeMesh measures; what it prints goes into docs/performance.md. It fails only when something does not work at all.
func TestLargeMesh(t *testing.T) {
	if testing.Short() {
		t.Skip("not run: the large mesh takes minutes, and -short was asked for")
	}
	c := cluster.Start(t, cluster.Config{Users: []string{viewer}})
	c.GrantInCluster(t, viewer, cluster.ReadClusterRole(t, viewRole))
	c.InstallAmbient(t)
	loading := took(func() { loader.Load(t, c, largeSize) })
	t.Logf("large mesh: %d services, %d pods, %d namespaces, %d nodes written in %s; %d CPUs",
		largeSize.Services(), largeSize.Pods(), largeSize.Namespaces, largeSize.Nodes, loading.Round(time.Second), runtime.NumCPU())

	start := time.Now()
	server := waylight.Serve(t, c.Kubeconfig(t, viewer))
	server.WaitReady(t, 4*wait.Limit)
	ready := time.Since(start)
	wait.For(t, 2*wait.Limit, "the list of services is complete", func() error { return expectServices(server, largeSize.Services()) })
	t.Logf("large mesh: start to ready: %dms, to first full page: %dms", ready.Milliseconds(), time.Since(start).Milliseconds())

	time.Sleep(settle)
	t.Logf("large mesh: resident memory: %d MiB", server.ResidentBytes()>>20)
	for _, page := range []string{"/", "/services", servicePage(7), "/workloads", "/api/v1/findings"} {
		t.Logf("large mesh: %s: median %s", page, readPage(t, server, page).Round(100*time.Microsecond))
	}
	measureChanges(t, c, server)
	t.Logf("large mesh: resident memory after the changes: %d MiB", server.ResidentBytes()>>20)
}

// expectServices answers nil when the API counts all services that were loaded, beside istiod's own, and the rendered
// page has the last of them.
func expectServices(server *waylight.Server, want int) error {
	var list struct{ Total int }
	if err := server.JSON("/api/v1/services", &list); err != nil {
		return err
	}
	if list.Total < want {
		return fmt.Errorf("%d services of %d", list.Total, want)
	}
	return server.ExpectText("/services", loader.ServiceName(want-1))
}

func servicePage(number int) string {
	return "/services/" + loader.NamespaceName(number%largeSize.Namespaces) + "/" + loader.ServiceName(number)
}

func readPage(t *testing.T, server *waylight.Server, page string) time.Duration {
	t.Helper()
	times := make([]time.Duration, pageReads)
	for i := range times {
		times[i] = took(func() {
			if err := server.Read(page); err != nil {
				t.Fatal(err)
			}
		})
	}
	return median(times)
}

// measureChanges makes pods unready one by one and reads what each new snapshot cost from Waylight's own histogram.
func measureChanges(t *testing.T, c *cluster.Cluster, server *waylight.Server) {
	t.Helper()
	pods, err := c.Kube.CoreV1().Pods(loader.NamespaceName(3)).List(t.Context(), metav1.ListOptions{Limit: podChanges})
	if err != nil {
		t.Fatal(err)
	}
	before, err := server.Histogram(snapshotBuild)
	if err != nil {
		t.Fatal(err)
	}
	for _, pod := range pods.Items {
		measured, err := server.Histogram(snapshotBuild)
		if err != nil {
			t.Fatal(err)
		}
		makeUnready(t, c, &pod)
		wait.For(t, wait.Limit, "a changed pod makes a new snapshot", func() error {
			now, err := server.Histogram(snapshotBuild)
			if err == nil && now.Count == measured.Count {
				err = fmt.Errorf("still %v snapshots", now.Count)
			}
			return err
		})
	}
	after, err := server.Histogram(snapshotBuild)
	if err != nil {
		t.Fatal(err)
	}
	cost := after.Since(before)
	t.Logf("large mesh: rebuild after one changed pod: mean %s over %v snapshots", cost.Mean().Round(time.Microsecond), cost.Count)
}

func makeUnready(t *testing.T, c *cluster.Cluster, pod *corev1.Pod) {
	t.Helper()
	patch := []byte(`{"status":{"conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady"}]}}`)
	_, err := c.Kube.CoreV1().Pods(pod.Namespace).
		Patch(t.Context(), pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	if err != nil {
		t.Fatal(err)
	}
}
