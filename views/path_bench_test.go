package views

import (
	"io"
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// largeReport is a report of the target mesh without its findings, which no
// page of a call shows.
func largeReport(b *testing.B) *analysis.Report {
	b.Helper()
	s := meshtest.Large(200, 4000, 20000, 200)
	return &analysis.Report{Snap: s, At: s.At}
}

// firstCall is a call between two workloads of different namespaces.
func firstCall(s *mesh.Snapshot) path.Request {
	var services []*mesh.Service
	for _, sh := range s.Shards {
		for _, svc := range sh.Services {
			if len(svc.Ports) > 0 && svc.Labels[mesh.LabelGatewayName] == "" && svc.Namespace != "istio-system" && svc.Namespace != "default" {
				services = append(services, svc)
			}
		}
	}
	to, from := services[0], services[len(services)/2]
	return path.Request{From: from.Namespace + "/deployment/" + from.Name, To: to.Ref().NamespacedName() + ":" + number(int(to.Ports[0].Port))}
}

// BenchmarkPathPage makes and draws the page of a call, without reading dumps.
func BenchmarkPathPage(b *testing.B) {
	r := largeReport(b)
	request := firstCall(r.Snap)
	for b.Loop() {
		e, err := path.Explain(r.Snap, nil, request)
		if err != nil {
			b.Fatal(err)
		}
		m := NewPath(r, PathAnswer{Request: request, Explanation: e, Seen: &PathSeen{}}, Query{})
		if err := PathContent(m).Render(b.Context(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCallersTab makes the matrix of one service over all identities, with
// the drawing it stands beside.
func BenchmarkCallersTab(b *testing.B) {
	r := largeReport(b)
	to := r.Snap.Shards[len(r.Snap.Shards)/2].Services[0]
	for b.Loop() {
		g := path.ForService(r.Snap, to.Ref(), 0, path.Options{})
		t := newCallersTab(r, Query{}, &g)
		if err := accessTab(t).Render(b.Context(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCalleesTab makes the matrix of one workload over all services.
func BenchmarkCalleesTab(b *testing.B) {
	r := largeReport(b)
	sh := r.Snap.Shards[len(r.Snap.Shards)/2]
	for b.Loop() {
		t := newCalleesTab(r.Snap, Query{}, sh.Workloads[0])
		if err := accessTab(t).Render(b.Context(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
