package e2e_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/waylight/waylight/e2e/kubelet"
	"github.com/waylight/waylight/e2e/proxies"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

const (
	// pagePatience tells a page that does not wait for its proxy from one that does: that one never ends.
	pagePatience = time.Minute
	// giveUp is how long a proxy is waited for that goes on and on.
	giveUp = 3 * wait.Limit
	// hostileMemory is how much Waylight may have held at any time, in bytes, with all of them read at once.
	hostileMemory = 768 << 20
)

// misbehaviour is a ztunnel that does not do what it should, and what its page says of that in the end: the first time it may
// only say that it has not waited.
type misbehaviour struct {
	node string
	port kubelet.Port
	says string
}

// misbehaviours are made around a good dump.
func misbehaviours(t *testing.T, dump []byte) []misbehaviour {
	t.Helper()
	admin := func(h http.Handler) kubelet.Port { return kubelet.HTTP(t, proxies.ZtunnelAdmin(h)) }
	entry := `{"name":"w","namespace":"n","uid":"u","workloadIps":["10.0.0.1"],"protocol":"HBONE","networkMode":"Standard","status":"Healthy","clusterId":"c","capacity":1},`
	const inTime = "did not answer in time"
	return []misbehaviour{
		{node: "refuses", says: "nothing listens on port 15000"},
		{node: "silent", port: kubelet.Silent, says: inTime},
		{node: "slow", port: admin(proxies.Slow(dump, len(dump)/60)), says: inTime},
		{node: "killed", port: admin(proxies.CutAfter(dump, len(dump)/2)), says: "broke off"},
		{node: "broken", port: admin(proxies.Status(http.StatusInternalServerError, "text/plain", "out of order")), says: "out of order"},
		{node: "webpage", port: admin(proxies.Status(http.StatusOK, "text/html", "<!doctype html><title>hi</title>")), says: "config_dump"},
		{node: "endless", port: admin(proxies.Repeat("{", " ", 0)), says: "larger than"},
		{node: "nested", port: admin(proxies.Repeat(`{"workloads":`, "[", 256<<20)), says: "config_dump"},
		{node: "huge", port: admin(proxies.Repeat(`{"workloads":[`, entry, 2<<30)), says: "larger than"},
		{node: "crowded", port: admin(proxies.Repeat(`{"workloads":[`, "{},", 2<<30)), says: "larger than"},
	}
}

// TestHostileProxies has one ztunnel of each kind and reads them all at once, as a bad day would.
func TestHostileProxies(t *testing.T) {
	m := revive(t)
	all := misbehaviours(t, m.recording.File(t, "ztunnel/node-a/config_dump.json"))
	for _, bad := range all {
		m.AddNodes(t, bad.node)
		ports := map[int]kubelet.Port{}
		if bad.port != nil {
			ports[proxies.AdminPort] = bad.port
		}
		pod := m.ztunnel(t, bad.node)
		m.kubelet.Run(pod.Namespace, pod.Name, kubelet.Pod{Ports: ports})
		expectSoon(t, "its node is known", func() error { return m.server.Read("/nodes/" + bad.node) })
	}
	var pages errgroup.Group
	for _, bad := range all {
		pages.Go(func() error { return bad.isShownInTime(m.server) })
	}
	if err := pages.Wait(); err != nil {
		t.Error(err)
	}
	for _, bad := range all {
		wait.For(t, giveUp, bad.node+" is given up", func() error { return m.server.ExpectText("/ztunnels/"+bad.node, bad.says) })
	}
	if err := m.server.ExpectDump("node-a", "workloads"); err != nil {
		t.Errorf("a good ztunnel beside them: %v", err)
	}
	most := m.server.PeakBytes()
	t.Logf("hostile proxies: %d MiB resident at most", most>>20)
	if most > hostileMemory {
		t.Errorf("Waylight has held %d MiB", most>>20)
	}
}

// isShownInTime reads the page once, which is there in time and has no dump.
func (b misbehaviour) isShownInTime(server *waylight.Server) error {
	start := time.Now()
	if err := server.ExpectText("/ztunnels/"+b.node, b.node, "ztunnel"); err != nil {
		return err
	}
	if took := time.Since(start); took > pagePatience {
		return fmt.Errorf("the page of %s took %s", b.node, took)
	}
	return server.ExpectNoDump(b.node, "down")
}
