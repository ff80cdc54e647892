package views

import (
	"io"
	"testing"

	"github.com/waylight/waylight/analysis"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// countedBudget is the mesh of the design's budgets with traffic: 80,000 flows.
func countedBudget(b *testing.B) *analysis.Report {
	b.Helper()
	s := mt.Mesh(append(mt.LargeParts(200, 4000, 20000, 200), mt.LargeTraffic(200, 4000))...)
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
