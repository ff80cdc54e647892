package prometheus

import (
	"context"
	"io"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
)

// Round asks once, and tells whether there was an answer.
func (s *Source) Round(ctx context.Context, snap *mesh.Snapshot, sink collectors.Sink) bool {
	return s.round(ctx, snap, sink) == nil
}

// Decoded is what an answer holds.
type Decoded struct {
	Samples          []mesh.Series
	Warnings         []string
	Dropped, Skipped int
}

// Decode reads an answer.
func Decode(r io.Reader) (*Decoded, error) { return DecodeWithin(r, maxAnswer) }

// DecodeWithin reads no more than so many bytes of one.
func DecodeWithin(r io.Reader, size int64) (*Decoded, error) {
	a, err := decodeWithin(r, size)
	if err != nil {
		return nil, err
	}
	d := &Decoded{Warnings: a.warnings, Dropped: a.dropped, Skipped: a.skipped}
	for _, s := range a.samples {
		d.Samples = append(d.Samples, mesh.Series{Labels: s.labels, Value: s.value})
	}
	return d, nil
}
