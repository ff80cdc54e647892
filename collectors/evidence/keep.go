package evidence

import (
	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
)

// KeepZtunnel hands on what a snapshot keeps of a ztunnel that somebody has
// read, as a sweep does with those it reads itself. compare may be nil.
func KeepZtunnel(sink collectors.Sink, snap *mesh.Snapshot, compare Comparer, d *mesh.ZtunnelDump) {
	compared, digest := orNotCompared(compare).Ztunnel(snap, d)
	sink.Apply([]mesh.Object{FromZtunnel(d, compared, digest)}, nil)
	sink.Report(ztunnelStatus(d))
}

// KeepEnvoy is KeepZtunnel for the Envoy of a waypoint.
func KeepEnvoy(sink collectors.Sink, snap *mesh.Snapshot, compare Comparer, d *mesh.EnvoyDump) {
	sink.Apply([]mesh.Object{FromEnvoy(d, orNotCompared(compare).Envoy(snap, d))}, nil)
	sink.Report(envoyStatus(d))
}
