package views

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/uitest"
)

// loadedShop is a waypoint of two replicas with limits, of which change says
// what was counted.
func loadedShop(change ...func(*mesh.Traffic)) []mt.Part {
	limits := mt.With(func(w *mesh.Workload) { w.Containers[0].Limits = mesh.Resources{MilliCPU: 2000, MemoryBytes: 1 << 30} })
	parts := []mt.Part{
		mt.Node("node-a"), mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint", mt.Replicas(2), limits),
		mt.Deployment("shop", "orders"), mt.Service("shop", "orders"),
	}
	for _, c := range change {
		parts = append(parts, mt.Counted(c))
	}
	return parts
}

// proxies changes the counters of one kind of proxy, by a part of its name.
func proxies(name string, change func(*mesh.ProxyTraffic)) func(*mesh.Traffic) {
	return func(t *mesh.Traffic) {
		for i := range t.Proxies {
			if strings.Contains(t.Proxies[i].Pod.Name, name) {
				change(&t.Proxies[i])
			}
		}
	}
}

func TestAWaypointSaysHowBusyEachReplicaIs(t *testing.T) {
	busy := proxies("waypoint", func(p *mesh.ProxyTraffic) { p.CPU, p.Memory, p.Connections, p.Requests = 1.9, 128<<20, 40, 600 })
	m, _ := NewWaypoint(assess(mt.Mesh(loadedShop(busy)...)), "shop", "waypoint", Query{})
	m = m.WithQueries([]RateQuery{{Name: "processor time", PromQL: "sum(rate(x[5m]))", URL: "https://prometheus.example/graph"}})
	got := uitest.Text(uitest.Document(t, sizingPanel(m.Sizing)).Selection)
	for _, want := range []string{"1.9 cores of 2 cores (95 %)", "128 MiB of 1 GiB (12.5 %)", "40", "2/s, 600 in all", "WAYPOINT_UNDERSIZED", "sum(rate(x[5m]))", "open in Prometheus"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %q", want, got)
		}
	}
}

func TestWhatIsNotKnownOfAWaypointIsNoZero(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change []func(*mesh.Traffic)
		want   string
	}{
		{"nobody counts", nil, "Its proxies were not counted"},
		{"scrapes do not know what the kubelets do", []func(*mesh.Traffic){func(*mesh.Traffic) {}}, "unknown"},
		{"one was not read", []func(*mesh.Traffic){func(c *mesh.Traffic) {
			c.Unread = []mesh.TrafficGap{{Proxy: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "waypoint-1"}, Reason: "refused"}}
		}}, "refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := NewWaypoint(assess(mt.Mesh(loadedShop(tt.change...)...)), "shop", "waypoint", Query{})
			if got := uitest.Text(uitest.Document(t, sizingPanel(m.Sizing)).Selection); !strings.Contains(got, tt.want) {
				t.Errorf("%q, want %q in it", got, tt.want)
			}
		})
	}
}

func TestAZtunnelSaysHowBusyItIs(t *testing.T) {
	busy := proxies("ztunnel", func(p *mesh.ProxyTraffic) {
		p.Opened, p.Failed, p.SocketsOpen, p.DNSFailures, p.XDSTerminations = 500, 10, 7, -1, map[string]float64{"Disconnected": 2}
	})
	r := assess(mt.Mesh(loadedShop(busy)...))
	got := uitest.Text(uitest.Document(t, ztunnelLoad(newZtunnelLoad(r, "node-a"))).Selection)
	for _, want := range []string{"100", "2", "7", "2 Disconnected", "unknown"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %q", want, got)
		}
	}
	row := uitest.Text(uitest.Document(t, ZtunnelsContent(NewZtunnels(r, Query{}))).Find(`[data-label="A minute"]`).First())
	if !strings.Contains(row, "100") || !strings.Contains(row, "2 failed") {
		t.Errorf("row %q", row)
	}
	if got := newZtunnelLoad(assess(mt.Mesh(loadedShop()...)), "node-a").Unknown; got == "" {
		t.Error("nobody counted, and the load is known")
	}
}
