package podlog

import (
	"cmp"
	"context"
	"time"
)

// append adds lines for all readers. It makes room by taking away the oldest;
// for as long as patience says, only those that a reader has had.
func (t *tail) append(ctx context.Context, batch []entry, patience func() time.Duration) error {
	for len(batch) > 0 {
		rest, moved := t.fit(batch, patience)
		batch = rest
		if moved == nil {
			continue
		}
		timer := time.NewTimer(patience())
		select {
		case <-moved:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// fit adds as many lines as there is room for; moved tells when there may be
// room for the rest.
func (t *tail) fit(batch []entry, patience func() time.Duration) (rest []entry, moved <-chan struct{}) {
	limit := cmp.Or(t.mode.bytes, t.hub.share())
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.wake()
	t.arrived = time.Now()
	for i := range batch {
		if t.ring.full(&batch[i], limit) && !t.makeRoom(&batch[i], limit, patience) {
			if t.moved == nil {
				t.moved = make(chan struct{})
			}
			return batch[i:], t.moved
		}
		batch[i].arrived = t.arrived
		t.ring.push(batch[i])
	}
	return nil, nil
}

// makeRoom takes away the oldest lines until e fits. Those that nobody had it
// takes only when there is no patience left.
func (t *tail) makeRoom(e *entry, limit int, patience func() time.Duration) bool {
	fastest := t.fastest()
	for t.ring.full(e, limit) {
		if t.ring.first >= fastest && patience() > 0 {
			return false
		}
		at := t.ring.at(t.ring.first).line.Time
		for _, p := range t.readers {
			p.overtaken(t.ring.first, at)
		}
		t.ring.evict()
	}
	return true
}

// fastest is the line that the fastest reader wants next; the first of all if
// there is no reader.
func (t *tail) fastest() uint64 {
	fastest := uint64(0)
	for _, p := range t.readers {
		fastest = max(fastest, p.seq)
	}
	return fastest
}

// hasMoved lets a reading go on that waits for its readers. The caller holds mu.
func (t *tail) hasMoved() {
	if t.moved != nil {
		close(t.moved)
		t.moved = nil
	}
}
