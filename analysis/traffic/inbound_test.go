package traffic_test

import (
	"slices"
	"testing"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// left is a number of connections to orders at the ztunnel of a caller.
func left(from string, opened float64) mesh.ConnectionFlow {
	f := arrived(from, "-", "mutual_tls", opened, 0)
	f.Reporter = traffic.ReporterSource
	return f
}

// nobodys are connections in plaintext of which the metric names no caller.
func nobodys(opened float64) mesh.ConnectionFlow {
	f := arrived("", "-", "unknown", opened, 0)
	f.Source = mesh.TrafficPeer{}
	return f
}

// direct is the mesh of canary without a waypoint.
func direct(more ...mt.Part) []mt.Part {
	return append([]mt.Part{
		mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web"),
		mt.Deployment("shop", "orders-v1", mt.Label("app", "orders"), mt.Label("version", "v1")), mt.Service("shop", "orders"),
	}, more...)
}

// noneRead has no proxy read.
func noneRead() mt.Part {
	return mt.Counted(func(t *mesh.Traffic) {
		for i := range t.Proxies {
			t.Unread = append(t.Unread, mesh.TrafficGap{Proxy: t.Proxies[i].Pod, Reason: "refused"})
		}
	})
}

func TestInboundTellsCallersApart(t *testing.T) {
	plainPeers := []mt.Part{mt.Namespace("legacy"), mt.Deployment("legacy", "batch"), mt.Deployment("shop", "old", mt.Sidecar)}
	fromLegacy := arrived("batch", "-", "unknown", 7, 0)
	fromLegacy.Source.Namespace = "legacy"
	type row struct {
		account string
		entry   path.Entry
	}
	for _, tt := range []struct {
		name             string
		mesh             []mt.Part
		of               row
		opened, share    float64
		known, complete  bool
		cannot, nameless bool
	}{
		{name: "through a waypoint the caller's own ztunnel counts", mesh: canary(connections(left("web", 40), arrived("waypoint", "-", "mutual_tls", 3, 0))), of: row{"shop/web", path.EntryZtunnel}, opened: 40, share: 100, known: true, complete: true},
		{name: "without one the ztunnels before the pods do", mesh: direct(connections(left("web", 40), arrived("web", "-", "mutual_tls", 39, 0))), of: row{"shop/web", path.EntryZtunnel}, opened: 39, share: 100, known: true, complete: true},
		{name: "a captured workload's plaintext is held against it", mesh: direct(connections(arrived("web", "-", "mutual_tls", 30, 0), arrived("web", "-", "unknown", 10, 0))), of: row{"shop/web", path.EntryZtunnel}, opened: 40, share: 75, known: true, complete: true},
		{name: "a caller outside of the mesh has no identity", mesh: canary(mt.Parts(plainPeers...), connections(fromLegacy)), of: row{"legacy/batch", path.EntryNone}, opened: 7, share: 0, known: true, complete: true},
		{name: "a sidecar calls past the waypoint", mesh: canary(mt.Parts(plainPeers...), connections(arrived("old", "-", "mutual_tls", 6, 0))), of: row{"shop/old", path.EntrySidecar}, opened: 6, share: 100, known: true, complete: true},
		{name: "nobody calls", mesh: canary(connections()), of: row{"shop/web", path.EntryZtunnel}, complete: true},
		{name: "nobody calls, as far as was read", mesh: canary(noneRead()), of: row{"shop/web", path.EntryZtunnel}},
		{name: "nothing was counted", mesh: canary(), of: row{"shop/web", path.EntryZtunnel}, cannot: true},
		{name: "plaintext of nobody is of no row", mesh: canary(mt.Parts(plainPeers...), connections(nobodys(4))), of: row{"legacy/batch", path.EntryNone}, complete: true, nameless: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := mt.Mesh(tt.mesh...)
			in := traffic.New(s).Inbound(orders)
			callers := path.Callers(s, orders, 80)
			i := slices.IndexFunc(callers, func(c path.Caller) bool { return row{c.Account.Namespace + "/" + c.Account.Name, c.Entry} == tt.of })
			if i < 0 {
				t.Fatalf("no row %+v", tt.of)
			}
			x := in.Of(&callers[i])
			share, known := x.MTLSShare()
			if x.Opened != tt.opened || share != tt.share || known != tt.known {
				t.Errorf("%g opened, %g %% under mTLS (%t)", x.Opened, share, known)
			}
			if got := in.Complete(&callers[i]); got != tt.complete {
				t.Errorf("complete %t", got)
			}
			if got := in.Why(&callers[i]) != ""; got != tt.cannot {
				t.Errorf("why: %q", in.Why(&callers[i]))
			}
			if n := in.Nameless(); (n.Plain > 0) != tt.nameless {
				t.Errorf("%+v of nobody", n)
			}
		})
	}
}

func TestInboundDoesNotGuessAmongPodsOfOneAccount(t *testing.T) {
	s := mt.Mesh(direct(mt.Deployment("shop", "web-old", mt.Sidecar, mt.ServiceAccount("web")), connections(arrived("web", "-", "mutual_tls", 9, 0)))...)
	in := traffic.New(s).Inbound(orders)
	rows := 0
	for _, c := range path.Callers(s, orders, 80) {
		if c.Account.Name != "web" {
			continue
		}
		rows++
		if x := in.Of(&c); x.Opened != 0 || in.Why(&c) == "" || in.Complete(&c) {
			t.Errorf("%s: %+v, %q", c.Entry, x, in.Why(&c))
		}
	}
	if rows != 2 {
		t.Errorf("%d rows of the account, want 2", rows)
	}
}
