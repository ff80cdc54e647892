package prometheus

import (
	"context"
	"time"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
)

// Once asks a single time, for who judges a mesh once. What came of it is in
// the state of the source, also where ctx ended before the last answer.
func (s *Source) Once(ctx context.Context, sink collectors.Sink) {
	snap := s.opts.Snapshot()
	if !servicesRead(snap) {
		return
	}
	if s.round(ctx, snap, sink) != nil && ctx.Err() != nil {
		report(sink, mesh.SourceDown, "It had not answered every query when the time for it was over.", time.Time{})
	}
}
