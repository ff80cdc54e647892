package analysis_test

import (
	"slices"
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// BenchmarkAssess runs every check over the mesh Waylight is made for. What a
// snapshot derives once (waypoints and their dependents) is part of it, since
// each new snapshot pays for it.
func BenchmarkAssess(b *testing.B) {
	parts := mt.LargeParts(200, 4000, 20000, 200)
	broken := slices.Concat(parts, []mt.Part{
		mt.Namespace("typo", mt.Ambient, mt.UseWaypoint("wayponit")), mt.Service("typo", "svc"),
		mt.Node("node-7", mt.NoZtunnel()), mt.Node("node-9", mt.NoCNI()),
		mt.Deployment("ns-3", "lost", mt.Replicas(100), mt.NotCaptured),
	})
	read := slices.Concat(parts, []mt.Part{mt.ProxiesRead()})
	for name, parts := range map[string][]mt.Part{"clean": parts, "broken": broken, "proxies read": read} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				s := mt.Mesh(parts...)
				b.StartTimer()
				analysis.Assess(analysis.Input{Snap: s, Now: s.At})
			}
		})
	}
}

// BenchmarkReassess assesses the same mesh after one pod changed: another
// object in its place, a new shard for its namespace, a new snapshot.
func BenchmarkReassess(b *testing.B) {
	parts := append(mt.LargeParts(200, 4000, 20000, 200), mt.ProxiesRead())
	for _, test := range []struct {
		name  string
		parts []mt.Part
	}{
		{"no traffic", parts},
		{"80000 flows", append(slices.Clip(parts), mt.LargeTraffic(200, 4000))},
	} {
		b.Run(test.name, func(b *testing.B) {
			s := mt.Mesh(test.parts...)
			var assessor analysis.Assessor
			assessor.Assess(analysis.Input{Snap: s, Now: s.At})
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				pods := s.Shards[i%len(s.Shards)].Workloads
				changed := *pods[len(pods)/2]
				changed.Ready = !changed.Ready
				s = s.With([]mesh.Object{&changed}, nil)
				b.StartTimer()
				assessor.Assess(analysis.Input{Snap: s, Now: s.At})
			}
		})
	}
}
