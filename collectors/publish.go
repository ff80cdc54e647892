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
	// stillness is the longest time between two live snapshots: what depends on
	// an age (a pod younger than a minute) changes without any event.
	stillness = 15 * time.Second
)

// Run publishes a snapshot at once, then whenever something changed and, of a
// live cluster, after each stillness, until ctx ends. publish is called from
// one goroutine, with the snapshot and how long it took to build.
func (a *Assembler) Run(ctx context.Context, publish func(snap *mesh.Snapshot, built time.Duration)) {
	for {
		a.forgetChanges()
		began := time.Now()
		snap := a.Snapshot()
		publish(snap, time.Since(began))
		rest := max(settle, restFactor*time.Since(began))
		if !Sleep(ctx, rest) || !a.waitForChange(ctx) || !Sleep(ctx, settle) {
			return
		}
	}
}

// forgetChanges takes the token away that changes have left since the loop was
// woken: the snapshot made next shows them.
func (a *Assembler) forgetChanges() {
	select {
	case <-a.wake:
	default:
	}
}

func (a *Assembler) waitForChange(ctx context.Context) bool {
	t := time.NewTimer(stillness)
	defer t.Stop()
	aging := t.C
	if a.recorded() {
		aging = nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-a.wake:
	case <-aging:
	}
	return true
}

// Sleep waits for d and tells whether it did: false means that ctx ended first.
func Sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
