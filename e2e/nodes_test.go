package e2e_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/e2e/proxies"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

const (
	// manyNodes are read at once.
	manyNodes = 50
	// smallMesh and targetMesh are how many workloads there are; a dump of them has some 0.7 MB and 22 MB.
	smallMesh  = 700
	targetMesh = 22_000
	// calm is how long nobody looks between two looks, which would cost what is measured.
	calm = 100 * time.Millisecond
)

// TestManyNodes measures how long it takes to read the dumps of many nodes when somebody asks for all of them; what it prints
// goes into docs/performance.md. It fails only when they are not read at all.
func TestManyNodes(t *testing.T) {
	if testing.Short() {
		t.Skip("not run: reading large dumps takes a minute, and -short was asked for")
	}
	m := revive(t)
	for i := range manyNodes {
		m.AddNodes(t, fmt.Sprintf("many-%02d", i))
	}
	recorded := m.recording.File(t, "ztunnel/node-a/config_dump.json")
	for _, workloads := range []int{smallMesh, targetMesh} {
		dump := proxies.Grown(t, recorded, workloads)
		for i := range manyNodes {
			pod := m.ztunnel(t, fmt.Sprintf("many-%02d", i))
			m.kubelet.Run(pod.Namespace, pod.Name, proxies.Ztunnel(t, dump, nil))
		}
		m.measureReadingAll(t, len(dump))
		m.measureCheck(t, len(dump))
	}
}

// measureReadingAll starts a Waylight that reads next to nothing by itself and asks it for everything.
func (m *revived) measureReadingAll(t *testing.T, size int) {
	t.Helper()
	server := waylight.Serve(t, m.Kubeconfig(t, viewer), "--sweep-rate", "1")
	server.WaitReady(t, wait.Limit)
	wait.For(t, wait.Limit, "the sweep has begun", func() error { return expectRead(server, 1) })
	before, err := readZtunnels(server)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := server.Read("/ztunnels?fresh=1"); err != nil {
		t.Fatal(err)
	}
	wait.For(t, wait.Limit, "the first row", func() error { return expectRead(server, before+1) })
	first := time.Since(start)
	wait.For(t, 4*wait.Limit, "all rows", func() error {
		time.Sleep(calm)
		return expectRead(server, manyNodes)
	})
	t.Logf("many nodes: %d dumps of %.1f MB: first row %dms, all %dms, at most %d MiB resident; %d CPUs", manyNodes, float64(size)/1e6,
		first.Milliseconds(), time.Since(start).Milliseconds(), server.PeakBytes()>>20, runtime.NumCPU())
}

// measureCheck has `waylight check` read all of them; those that its time does not suffice for are counted.
func (m *revived) measureCheck(t *testing.T, size int) {
	t.Helper()
	start := time.Now()
	report, err := m.onATerminal(t, "check", "-o", "json").checked()
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, source := range report.Sources {
		if strings.HasPrefix(source.Name, "ztunnel/many-") && source.State == "ok" {
			read++
		}
	}
	t.Logf("many nodes: waylight check with %d dumps of %.1f MB: %dms, %d read", manyNodes, float64(size)/1e6, time.Since(start).Milliseconds(), read)
}

// expectRead answers nil when so many ztunnels have been read.
func expectRead(server *waylight.Server, want int) error {
	n, err := readZtunnels(server)
	if err == nil && n < want {
		err = fmt.Errorf("%d of %d ztunnels read", n, want)
	}
	return err
}

// readZtunnels counts the nodes whose ztunnel has been read.
func readZtunnels(server *waylight.Server) (n int, err error) {
	var list struct {
		Items []struct{ ReadAt string }
	}
	err = server.JSON("/api/v1/ztunnels", &list)
	for _, item := range list.Items {
		if item.ReadAt != "" {
			n++
		}
	}
	return n, err
}
