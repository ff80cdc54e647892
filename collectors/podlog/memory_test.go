package podlog

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waylight/waylight/mesh"
)

// connections decodes as ztunnel's lines are: into parts of Raw.
type connections struct{}

func (connections) Decode(l *mesh.LogLine) {
	l.Kind, l.Connection = mesh.LogZtunnelAccess, &mesh.ConnectionLog{Event: l.Raw, Error: l.Raw}
	l.Extra = []mesh.LogField{{Name: l.Raw}, {Name: l.Raw}}
}

// TestMemoryStaysWithinItsLimit holds the bytes that lines are said to take to
// what they take, while nobody takes them.
func TestMemoryStaysWithinItsLimit(t *testing.T) {
	for _, tt := range []struct {
		words  string
		length int
	}{
		{"empty lines", 0},
		{"lines of a usual length", 300},
		{"the longest lines", 2 * maxLine},
	} {
		t.Run(tt.words, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const containers, limit = 4, 4 << 20
				var log []byte
				for len(log) < 4*limit/containers {
					log = append(log, stamped(time.Now().Add(time.Duration(len(log))), strings.Repeat("x", tt.length))...)
				}
				var targets []mesh.LogTarget
				for i := range containers {
					targets = append(targets, target(fmt.Sprintf("shop/web-%d/app", i), fmt.Sprintf("%064d", i)))
				}
				before := heap()
				h := New(Options{Opener: written{log}, Decoder: connections{}, Limits: Limits{Bytes: limit, Past: 1 << 30}})
				s, err := h.Follow(mesh.LogFollow{Targets: targets, Once: true})
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				used := heap() - before
				runtime.KeepAlive(log)
				s.Close()
				h.Close()
				t.Logf("%d KiB", used>>10)
				if used > limit*5/4 || used < limit/2 {
					t.Errorf("%d KiB are used, of %d", used>>10, limit>>10)
				}
			})
		})
	}
}

// heap is how many bytes are in use.
func heap() int {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}
