package collectors

import (
	"context"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Pace of publication. A change waits settle for its companions (a rollout
// touches many objects at once); after a publication that took d the next one
// waits at least d times restFactor, so that a mesh that changes all the time
// costs a bounded share of the machine.
const (
	settle     = 100 * time.Millisecond
	restFactor = 3
)

// Run publishes a snapshot at once and then whenever something changed, until
// ctx ends. publish is called from one goroutine.
func (a *Assembler) Run(ctx context.Context, publish func(*mesh.Snapshot)) {
	for {
		began := time.Now()
		publish(a.Snapshot())
		rest := max(settle, restFactor*time.Since(began))
		if !sleep(ctx, rest) || !a.waitForChange(ctx) || !sleep(ctx, settle) {
			return
		}
	}
}

func (a *Assembler) waitForChange(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-a.wake:
		return true
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
