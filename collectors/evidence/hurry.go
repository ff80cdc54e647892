package evidence

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/waylight/waylight/mesh"
)

// atOnce is how many proxies a hurried round asks at once. It leaves some of
// the ways there are to readers of single pages.
const atOnce = 12

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
	go func() {
		defer close(came)
		var looks errgroup.Group
		looks.SetLimit(atOnce)
		for _, of := range targets {
			looks.Go(func() error { came <- t.look(ctx, of); return nil })
		}
		_ = looks.Wait() // what failed is in the readings
	}()
	for r := range came {
		t.settle(ctx, r)
	}
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
