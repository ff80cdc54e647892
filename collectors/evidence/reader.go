package evidence

import (
	"context"
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// Reader reads what one proxy or istiod says, as a whole and anew each time. An
// error is one sentence without its full stop that says why there is no answer.
type Reader interface {
	// Ztunnel reads the ztunnel of a node, which is the given pod.
	Ztunnel(ctx context.Context, node string, pod mesh.Ref) (*mesh.ZtunnelDump, error)
	// Envoy reads a waypoint's Envoy. Without its counters the rest still
	// counts.
	Envoy(ctx context.Context, pod mesh.Ref) (*mesh.EnvoyDump, error)
	// Sync reads whom an istiod is connected to.
	Sync(ctx context.Context, pod mesh.Ref) (*mesh.SyncEvidence, error)
}

// withoutCounters notes on a dump why it has no counters.
func withoutCounters(d *mesh.EnvoyDump, err error) *mesh.EnvoyDump {
	if d.Skipped == nil {
		d.Skipped = make(map[string]int)
	}
	d.Skipped[mesh.EnvoySkippedCounters+plain(err.Error())]++
	return d
}

// target is one proxy or istiod to read.
type target struct {
	kind string // kindZtunnel, kindEnvoy or kindIstiod
	node string // of a ztunnel
	pod  mesh.Ref
}

const (
	kindZtunnel = "ztunnel"
	kindEnvoy   = "envoy"
	kindIstiod  = "istiod"
)

// source is the name of the target as a source.
func (t target) source() string {
	switch t.kind {
	case kindZtunnel:
		return ztunnelSource(t.node)
	case kindEnvoy:
		return kindEnvoy + "/" + t.pod.NamespacedName()
	}
	return kindIstiod + "/" + t.pod.Name
}

// evidence names what a snapshot keeps of the target.
func (t target) evidence() mesh.Ref {
	switch t.kind {
	case kindZtunnel:
		return mesh.Ref{Kind: mesh.KindZtunnelEvidence, Name: t.node}
	case kindEnvoy:
		return mesh.Ref{Kind: mesh.KindEnvoyEvidence, Name: t.pod.NamespacedName()}
	}
	return mesh.Ref{Kind: mesh.KindSyncEvidence, Name: t.pod.Name}
}

// examination reads targets into what a snapshot keeps of them.
type examination struct {
	from    Reader
	compare Comparer
	// snapshot is the mesh as it is when a dump is there.
	snapshot func() *mesh.Snapshot
}

// read gives what a target says, and the state of its source.
func (x examination) read(ctx context.Context, t target) (mesh.Object, mesh.SourceStatus, error) {
	switch t.kind {
	case kindZtunnel:
		d, err := x.from.Ztunnel(ctx, t.node, t.pod)
		if err != nil {
			return nil, mesh.SourceStatus{}, err
		}
		compared, digest := orNotCompared(x.compare).Ztunnel(x.snapshot(), d)
		return FromZtunnel(d, compared, digest), ztunnelStatus(d), nil
	case kindEnvoy:
		d, err := x.from.Envoy(ctx, t.pod)
		if err != nil {
			return nil, mesh.SourceStatus{}, err
		}
		return FromEnvoy(d, orNotCompared(x.compare).Envoy(x.snapshot(), d)), envoyStatus(d), nil
	}
	e, err := x.from.Sync(ctx, t.pod)
	if err != nil {
		return nil, mesh.SourceStatus{}, err
	}
	status := mesh.SourceStatus{Name: t.source(), State: mesh.SourceOK, AsOf: e.At}
	if e.Skipped > 0 {
		status.State = mesh.SourcePartial
		status.Detail = fmt.Sprintf("Of its syncz %s could not be read.", entries(e.Skipped))
	}
	return e, status, nil
}
