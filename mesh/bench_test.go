package mesh_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// BenchmarkWaypoints finds the waypoints of the mesh Waylight is made for and who
// depends on them, which every snapshot that is looked at pays for once.
func BenchmarkWaypoints(b *testing.B) {
	s := mt.Large(200, 4000, 20000, 200)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		s = mesh.NewSnapshot(mesh.Content{At: s.At, Sources: s.Sources, Shards: s.Shards})
		b.StartTimer()
		s.Waypoints()
	}
}
