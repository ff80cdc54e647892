package evidence

import (
	"context"
	"sync"
	"time"

	"github.com/waylight/waylight/mesh"
)

const (
	// atOnce is how many proxies a hurried round asks at once. It leaves some of
	// the ways there are to readers of single pages.
	atOnce = 12
	// largeAtOnce is how many of them when answers turn out to be large, from
	// largeAnswer bytes on: one more than a pool lets be read of such, so that
	// the next is on its way.
	largeAtOnce = 4
	largeAnswer = 4 << 20
	// headStart is how long the first of them is waited for.
	headStart = 500 * time.Millisecond
)

// reading is what came of reading a target.
type reading struct {
	of     target
	object mesh.Object
	status mesh.SourceStatus
	err    error
}

// hurriedRound reads all targets, many at once and without rests, and tells of
// each as it comes. What is forbidden is asked again.
func (t *tour) hurriedRound(ctx context.Context, targets []target) {
	clear(t.barred)
	came := make(chan reading)
	go t.lookAtAll(ctx, targets, came, t.look)
	for r := range came {
		t.settle(ctx, r)
	}
}

// lookAtAll begins with one target alone: there is something to see soon, and
// its size says how many of the others there should be at once.
func (t *tour) lookAtAll(ctx context.Context, targets []target, came chan<- reading, look func(context.Context, target) reading) {
	defer close(came)
	if len(targets) == 0 {
		return
	}
	var looks sync.WaitGroup
	defer looks.Wait()
	before := t.sweep.Spent()
	first := make(chan struct{})
	looks.Go(func() { defer close(first); came <- look(ctx, targets[0]) })
	select {
	case <-first:
	case <-time.After(headStart):
	}
	turns := make(chan struct{}, t.width(before))
	for _, of := range targets[1:] {
		turns <- struct{}{}
		looks.Go(func() { defer func() { <-turns }(); came <- look(ctx, of) })
	}
}

// width is how many targets are read at once, by what was read since before.
func (t *tour) width(before int64) int {
	if t.sweep.Spent()-before > largeAnswer {
		return largeAtOnce
	}
	return atOnce
}

// pause waits, but not when there is a hurry. It answers false when ctx has
// ended.
func (t *tour) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-t.hurry:
		t.hurried = true
	case <-timer.C:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// oneAtATime is a comparer for many goroutines.
type oneAtATime struct {
	mu sync.Mutex
	by Comparer
}

// Ztunnel implements Comparer.
func (o *oneAtATime) Ztunnel(s *mesh.Snapshot, d *mesh.ZtunnelDump) (mesh.Comparison, mesh.ZtunnelDigest) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.by.Ztunnel(s, d)
}

// Envoy implements Comparer.
func (o *oneAtATime) Envoy(s *mesh.Snapshot, d *mesh.EnvoyDump) mesh.Comparison {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.by.Envoy(s, d)
}
