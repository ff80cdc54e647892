package views

import (
	"fmt"
	"io"
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// countedBudget is the mesh of the design's budgets with traffic: each service
// is called by five others, answers in two ways, and its ztunnels count both
// ends of each connection. That is 80,000 flows.
func countedBudget(b *testing.B) *analysis.Report {
	b.Helper()
	const services, callers = 4000, 5
	counted := mt.Counted(func(t *mesh.Traffic) {
		for i := range services {
			ns, name := fmt.Sprintf("ns-%d", i%200), fmt.Sprintf("svc-%d", i)
			for j := range callers {
				from := (i*7 + j*13) % services
				peer := mesh.TrafficPeer{Workload: fmt.Sprintf("svc-%d", from), Namespace: fmt.Sprintf("ns-%d", from%200)}
				peer.Principal = "spiffe://cluster.local/ns/" + peer.Namespace + "/sa/" + peer.Workload
				for _, code := range []string{"200", "503"} {
					f := mt.Flow(ns, name, name, "v1", code, 40)
					f.Source = peer
					t.Requests = append(t.Requests, f)
				}
				for _, reporter := range []string{traffic.ReporterSource, traffic.ReporterDestination} {
					f := mesh.ConnectionFlow{Reporter: reporter, Host: name + "." + ns + ".svc.cluster.local", ServiceNamespace: ns, ServiceName: name, Flags: "-", Security: "mutual_tls", Opened: 12, Source: peer}
					f.Destination = mesh.TrafficPeer{Workload: name, Namespace: ns}
					t.Connections = append(t.Connections, f)
				}
			}
		}
	})
	s := mt.Mesh(append(mt.LargeParts(200, services, 20000, 200), counted)...)
	r := analysis.Assess(analysis.Input{Snap: s, Now: s.At})
	s.Waypoints()
	return r
}

// BenchmarkCountedServicePage makes and draws a service with everything that
// was counted of it, in the tab that opens first and in the one of rates.
func BenchmarkCountedServicePage(b *testing.B) {
	r := countedBudget(b)
	for _, tab := range []string{"", TabRates, TabCallers} {
		b.Run("tab="+tab, func(b *testing.B) {
			for b.Loop() {
				m, _ := NewService(r, "ns-0", "svc-0", tab, Query{})
				if err := ServiceContent(m).Render(b.Context(), io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCountedTriage lists what fails in it.
func BenchmarkCountedTriage(b *testing.B) {
	r := countedBudget(b)
	for b.Loop() {
		if err := failingNow(newFailingNow(r, Query{})).Render(b.Context(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
