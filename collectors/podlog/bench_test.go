package podlog

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
)

// flood opens logs that are written as fast as it is read.
type flood struct{ lines int }

// Open implements Opener.
func (f flood) Open(_ context.Context, req Request) (*Opened, error) {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	read, write := io.Pipe()
	go func() {
		defer write.Close()
		for i := range f.lines {
			line := at.Add(time.Duration(i)*50*time.Microsecond).Format(time.RFC3339Nano) + " " + at.Format(time.RFC3339Nano) +
				"\tinfo\taccess\tconnection complete\tsrc.addr=10.244.1.10:46238 src.workload=\"sleep-7656cf8794-qpvbm\" src.namespace=\"sleep\"" +
				" dst.addr=10.244.2.59:15008 dst.hbone_addr=10.96.74.131:9080 direction=\"outbound\" bytes_sent=112 bytes_recv=438 duration=\"13ms\"\n"
			if _, err := io.WriteString(write, line); err != nil {
				return
			}
		}
	}()
	return &Opened{Body: read, Run: req.Target.ContainerID, Over: true, Whole: true}, nil
}

// BenchmarkStream reads lines of 20 containers through one stream. The time is
// that of one line, with the writing of it.
func BenchmarkStream(b *testing.B) {
	const containers = 20
	var targets []mesh.LogTarget
	for i := range containers {
		targets = append(targets, target(fmt.Sprintf("shop/web-%d/app", i), fmt.Sprintf("id%d", i)))
	}
	each := b.N/containers + 1
	h := New(Options{Opener: flood{each}, Decoder: nothing{}, Recorded: true})
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
