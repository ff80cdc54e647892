package views

import (
	"context"
	"io"
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// budget is the mesh of the design's budgets: 20,000 pods behind 4,000
// services on 200 nodes.
func budget(b *testing.B) *analysis.Report {
	b.Helper()
	s := mt.Large(200, 4000, 20000, 200)
	r := analysis.Assess(analysis.Input{Snap: s, Now: s.At})
	s.Waypoints() // derived once for a snapshot, by whoever asks first
	return r
}

func BenchmarkServicesPage(b *testing.B) {
	r := budget(b)
	for b.Loop() {
		if err := ServicesContent(NewServices(r, Query{})).Render(context.Background(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkServicePage(b *testing.B) {
	r := budget(b)
	for b.Loop() {
		m, _ := NewService(r, "ns-0", "svc-0", "", Query{})
		if err := ServiceContent(m).Render(context.Background(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWorkloadsPage(b *testing.B) {
	r := budget(b)
	for b.Loop() {
		if err := WorkloadsContent(NewWorkloads(r, Query{})).Render(context.Background(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNodesPage(b *testing.B) {
	r := budget(b)
	for b.Loop() {
		if err := NodesContent(NewNodes(r, Query{})).Render(context.Background(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPoliciesPage(b *testing.B) {
	r := budget(b)
	r.Snap = mt.Mesh(append(mt.LargeParts(200, 4000, 20000, 200), mt.Objects(&mesh.PeerAuthentication{
		Meta: mesh.Meta{Kind: "PeerAuthentication", Namespace: "istio-system", Name: "default"}, Mode: "STRICT",
	}))...)
	for b.Loop() {
		if err := PoliciesContent(NewPolicies(r, Query{})).Render(context.Background(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
