package traffic_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// arrived is a number of connections to orders at its pods' ztunnels.
func arrived(from, flags, security string, opened, failed float64) mesh.ConnectionFlow {
	f := mesh.ConnectionFlow{
		Reporter: traffic.ReporterDestination, Host: "orders.shop.svc.cluster.local", ServiceNamespace: "shop", ServiceName: "orders",
		Flags: flags, Security: security, Opened: opened, Closed: failed, Failed: failed,
	}
	f.Source = mesh.TrafficPeer{Workload: from, Namespace: "shop"}
	if security == "mutual_tls" {
		f.Source.Principal = "spiffe://cluster.local/ns/shop/sa/" + from
	}
	f.Destination = mesh.TrafficPeer{Workload: "orders-v1", Namespace: "shop", Version: "v1"}
	return f
}

func connections(flows ...mesh.ConnectionFlow) mt.Part {
	return mt.Counted(func(t *mesh.Traffic) { t.Connections = append(t.Connections, flows...) })
}

func TestConnections(t *testing.T) {
	old := arrived("web", "CONNECT", "mutual_tls", 0, 4)
	old.Failed = -1 // before 1.29
	c := traffic.New(mt.Mesh(canary(connections(
		arrived("web", "-", "mutual_tls", 90, 0), old, arrived("web", "DENY", "mutual_tls", 0, 6), arrived("batch", "-", "unknown", 10, 0),
	))...))
	x := c.ConnectionsOf(orders, traffic.ReporterDestination)
	want := []traffic.FlagCount{{Flag: "DENY", Meaning: "a policy refused it", Count: 6}, {Flag: "CONNECT", Meaning: "the other end could not be reached or did not take it", Count: 4}}
	if diff := cmp.Diff(want, x.Ended); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if share, ok := x.FailedShare(); !ok || share != 4 {
		t.Errorf("failed %v %% (%t), want 4: what a policy refused has not failed", share, ok)
	}
	if share, ok := x.MTLSShare(); !ok || share != 90 {
		t.Errorf("mTLS %v %% (%t), want 90", share, ok)
	}
	edges := c.EdgesOf(orders, traffic.ReporterDestination)
	if len(edges) != 2 || edges[0].Name != "shop/web" || edges[1].Plain != 10 {
		t.Errorf("edges %+v", edges)
	}
	if other := c.ConnectionsOf(orders, traffic.ReporterSource); other.All() != 0 {
		t.Errorf("the source's ztunnels counted %g, want none: reporters are never added", other.All())
	}
	if _, ok := (&traffic.Connections{}).MTLSShare(); ok {
		t.Error("no connections have a share of mTLS")
	}
}

func TestACallersEnvoyDoesNotSayHowItCalls(t *testing.T) {
	bySource := func(from string) mesh.ConnectionFlow {
		f := arrived(from, "-", "unknown", 5, 0)
		f.Reporter = traffic.ReporterSource
		return f
	}
	c := traffic.New(mt.Mesh(canary(mt.Deployment("shop", "old", mt.Sidecar), connections(bySource("web"), bySource("old")))...))
	if x := c.ConnectionsOf(orders, traffic.ReporterSource); x.Opened != 10 || x.Plain != 5 || x.Encrypted != 0 {
		t.Errorf("%+v; want the 5 that a ztunnel sent in plaintext, and nothing of a sidecar's", x)
	}
}

func TestPassage(t *testing.T) {
	c := traffic.New(mt.Mesh(canary(connections(arrived("waypoint", "-", "mutual_tls", 30, 0), arrived("web", "-", "mutual_tls", 8, 0), arrived("batch", "-", "unknown", 2, 0)))...))
	p := c.PassageOf(orders, []string{"cluster.local/ns/shop/sa/waypoint"})
	if share, ok := p.Share(); !ok || share != 75 {
		t.Errorf("%v %% by the waypoint (%t), want 75", share, ok)
	}
	if len(p.Others) != 2 || p.Others[0].Name != "shop/web" {
		t.Errorf("past it: %+v", p.Others)
	}
	if _, ok := (&traffic.Passage{}).Share(); ok {
		t.Error("without traffic nothing is proven")
	}
}

func TestOwner(t *testing.T) {
	s := mt.Mesh(canary()...)
	deployment := mesh.Ref{Kind: "Deployment", Namespace: "shop", Name: "orders-v1"}
	for _, tt := range []struct {
		name string
		peer mesh.TrafficPeer
		want mesh.Ref
		pods int
	}{
		{"metrics name the Deployment", mesh.TrafficPeer{Workload: "orders-v1", Namespace: "shop"}, deployment, 1},
		{"or the pod", mesh.TrafficPeer{Workload: "orders-v1-1", Namespace: "shop"}, deployment, 1},
		{"or what the snapshot does not have", mesh.TrafficPeer{Workload: "orders-v9", Namespace: "shop"}, mesh.Ref{}, 0},
		{"or nobody", mesh.TrafficPeer{}, mesh.Ref{}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := traffic.Owner(s, tt.peer); got != tt.want {
				t.Errorf("owner %s, want %s", got, tt.want)
			}
			if got := len(traffic.OwnedBy(s, traffic.Owner(s, tt.peer))); got != tt.pods {
				t.Errorf("%d pods, want %d", got, tt.pods)
			}
		})
	}
}

func TestSizing(t *testing.T) {
	limits := mt.With(func(w *mesh.Workload) { w.Containers[0].Limits = mesh.Resources{MilliCPU: 2000, MemoryBytes: 1 << 30} })
	load := func(first, second float64) mt.Part {
		return mt.Counted(func(c *mesh.Traffic) {
			for i, name := range []string{"waypoint-1", "waypoint-2"} {
				p := c.Proxy(mesh.Ref{Kind: "Pod", Namespace: "shop", Name: name})
				p.CPU, p.Memory, p.Requests, p.Connections = 1.9, 512<<20, 600, []float64{first, second}[i]
			}
		})
	}
	sizing := func(parts ...mt.Part) traffic.Sizing {
		s := mt.Mesh(append([]mt.Part{mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", "waypoint", mt.Replicas(2), limits)}, parts...)...)
		c := traffic.New(s)
		return c.SizingOf(s.Waypoint("shop", "waypoint"))
	}
	s := sizing(load(100, 10))
	cpu, cpuKnown := s.Replicas[0].CPUShare()
	memory, memoryKnown := s.Replicas[0].MemoryShare()
	if !cpuKnown || cpu != 95 || !memoryKnown || memory != 50 || s.Replicas[0].PerSecond != 2 {
		t.Errorf("cpu %v (%t), memory %v (%t), %v/s; want 95, 50, 2", cpu, cpuKnown, memory, memoryKnown, s.Replicas[0].PerSecond)
	}
	if most, least, uneven := s.Uneven(); !uneven || most.Pod.Name != "waypoint-1" || least.Connections != 10 {
		t.Errorf("100 to 10 connections are even")
	}
	if few := sizing(load(9, 1)); func() bool { _, _, u := few.Uneven(); return u }() {
		t.Error("9 to 1 connections are uneven: of so few one replica always has most")
	}
	if unread := sizing(); unread.Replicas[0].CPU >= 0 || unread.Replicas[0].Unread == "" {
		t.Errorf("without counters %+v", unread.Replicas[0])
	}
}

func TestZtunnel(t *testing.T) {
	s := mt.Mesh(canary(mt.Counted(func(c *mesh.Traffic) {
		p := c.Proxy(mesh.Ref{Kind: "Pod", Namespace: mt.SystemNamespace, Name: "ztunnel-node-a"})
		p.Opened, p.Failed, p.XDSTerminations, p.DNSFailures = 600, 10, map[string]float64{"Error": 2, "Reconnect": 1}, 4
	}))...)
	got := traffic.New(s).ZtunnelOf(s.Workload(mt.SystemNamespace, "ztunnel-node-a"))
	if got.Connections != 120 || got.Failures != 2 || got.XDSTerminations != 3 || got.DNSFailures != 4 || got.Unread != "" {
		t.Errorf("%+v", got)
	}
	var none *traffic.Counts
	if z := none.ZtunnelOf(s.Workload(mt.SystemNamespace, "ztunnel-node-a")); z.Connections >= 0 || z.Unread == "" {
		t.Errorf("without counters %+v", z)
	}
}
