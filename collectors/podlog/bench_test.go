package podlog

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
)

// written opens logs that were written before: for each container the same.
type written struct{ log []byte }

// writtenLog is a log with a line every 50 µs.
func writtenLog(lines int) written {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	var log []byte
	for i := range lines {
		log = at.Add(time.Duration(i)*50*time.Microsecond).AppendFormat(log, time.RFC3339Nano)
		log = append(log, " 2026-11-23T08:00:00.000000Z\tinfo\taccess\tconnection complete\tsrc.addr=10.244.1.10:46238 src.workload=\"sleep-7656cf8794-qpvbm\" src.namespace=\"sleep\""+
			" dst.addr=10.244.2.59:15008 dst.hbone_addr=10.96.74.131:9080 direction=\"outbound\" bytes_sent=112 bytes_recv=438 duration=\"13ms\"\n"...)
	}
	return written{log}
}

// Open implements Opener.
func (w written) Open(_ context.Context, req Request) (*Opened, error) {
	return &Opened{Body: io.NopCloser(bytes.NewReader(w.log)), Run: req.Target.ContainerID, Over: true, Whole: true}, nil
}

// BenchmarkStream reads lines of 20 containers through one stream. The time is
// that of one line.
func BenchmarkStream(b *testing.B) {
	const containers = 20
	var targets []mesh.LogTarget
	for i := range containers {
		targets = append(targets, target(fmt.Sprintf("shop/web-%d/app", i), fmt.Sprintf("id%d", i)))
	}
	each := b.N/containers + 1
	h := New(Options{Opener: writtenLog(each), Decoder: nothing{}, Recorded: true})
	defer h.Close()
	b.ReportAllocs()
	b.ResetTimer()
	s, err := h.Follow(mesh.LogFollow{Targets: targets})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	lines := 0
	for {
		events, err := s.Next(b.Context())
		for _, e := range events {
			if e.Line != nil {
				lines++
			}
		}
		if err != nil {
			break
		}
	}
	if lines != each*containers {
		b.Errorf("%d of %d lines", lines, each*containers)
	}
}
