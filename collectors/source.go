package collectors

import (
	"context"

	"github.com/waylight/waylight/mesh"
)

// Source reads a mesh, or one kind of evidence about it, into a sink.
type Source interface {
	// Run reads until ctx ends. What goes wrong on the way is reported to the
	// sink as a source state and tried again; an error returned is final (a
	// bundle that is no bundle, a kubeconfig that cannot be used).
	Run(ctx context.Context, sink Sink) error
}

// Sink takes what sources read. It is safe for concurrent use, and what it is
// given must not be changed afterwards.
type Sink interface {
	// Apply puts and drops objects as one step: no snapshot shows half of it.
	Apply(put []mesh.Object, drop []mesh.Ref)
	// Report states how far a source can be relied on. Reporting the state it
	// already has, only with a newer AsOf, makes no new snapshot.
	Report(status mesh.SourceStatus)
	// Describe says what cluster this is.
	Describe(info mesh.ClusterInfo)
}
