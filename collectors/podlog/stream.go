package podlog

import (
	"cmp"
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Stream is one reader's merged view of several containers. Next belongs to one
// goroutine; the rest may be called from any.
type Stream struct {
	hub    *Hub
	wake   chan struct{}
	closed chan struct{}
	// finite streams end with what is there.
	finite bool
	since  time.Time

	mu      sync.Mutex
	cursors []*cursor // sorted by name
	queue   []mesh.LogEvent
	newest  time.Time // of the lines that were handed out
	pace    *pace     // nil for as fast as it goes
	paused  time.Time // zero while it is not
	ended   bool
}

// Follow opens a stream, which its reader must close. The error is ErrTooMany.
func (h *Hub) Follow(w mesh.LogFollow) (*Stream, error) {
	s := &Stream{
		hub: h, wake: make(chan struct{}, 1), closed: make(chan struct{}),
		finite: w.Once || h.recorded, since: w.Since,
	}
	if w.Recorded && h.recorded {
		s.pace = &pace{}
	}
	if !h.admit() {
		return nil, ErrTooMany
	}
	if !s.add(w.Targets, w.After) {
		s.Close()
		return nil, ErrTooMany
	}
	return s, nil
}

// admit counts one more reader, if there may be one.
func (h *Hub) admit() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readers >= h.limits.Readers || h.ctx.Err() != nil {
		return false
	}
	h.readers++
	return true
}

// add begins to read targets; false tells that there is no room for all. The
// caller holds mu, or is alone with the stream.
func (s *Stream) add(targets []mesh.LogTarget, after map[string]string) (all bool) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	all = true
	for _, t := range targets {
		at, twice := s.search(&t)
		if twice {
			continue
		}
		w := wish{since: s.since}
		if run, p, ok := parseID(after[t.Name()]); ok {
			w.run, w.after = run, p
		}
		c := &cursor{stream: s, target: &t, joined: time.Now()}
		var err error
		if c.parts, err = c.begin(w); err != nil {
			all = false
		}
		if len(c.parts) > 0 {
			s.cursors = slices.Insert(s.cursors, at, c)
		}
	}
	return all
}

// Next waits until there is something, and returns all there is up to a bound.
// After an End it returns io.EOF, after Close io.ErrClosedPipe.
func (s *Stream) Next(ctx context.Context) ([]mesh.LogEvent, error) {
	for {
		events, wait, err := s.collect(time.Now())
		if len(events) > 0 || err != nil {
			return events, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-s.wake:
		case <-timer.C:
		case <-s.closed:
			err = io.ErrClosedPipe
		case <-s.hub.ctx.Done():
			err = io.ErrClosedPipe
		case <-ctx.Done():
			err = ctx.Err()
		}
		timer.Stop()
		if err != nil {
			return nil, err
		}
	}
}

// Retarget replaces what is followed. A container that stays goes on without
// losing or repeating a line; of one that was restarted the run before is read
// to its end first, and of one that is gone what it still wrote.
func (s *Stream) Retarget(targets []mesh.LogTarget) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		return
	}
	var fresh []mesh.LogTarget
	stay := make(map[*cursor]bool, len(targets))
	for _, t := range targets {
		if c := s.find(&t); c != nil {
			stay[c] = true
			c.goOn(t)
		} else {
			fresh = append(fresh, t)
		}
	}
	for _, c := range s.cursors {
		if !stay[c] && c.leaves.IsZero() {
			c.leaves = time.Now().Add(leaving)
		}
	}
	if !s.add(fresh, nil) {
		s.refuse(fresh)
	}
	s.rouse()
}

// find is the cursor of a target, nil if there is none.
func (s *Stream) find(t *mesh.LogTarget) *cursor {
	i, ok := s.search(t)
	if !ok {
		return nil
	}
	return s.cursors[i]
}

func (s *Stream) search(t *mesh.LogTarget) (at int, ok bool) {
	return slices.BinarySearchFunc(s.cursors, t, func(c *cursor, t *mesh.LogTarget) int { return compareTargets(c.target, t) })
}

// compareTargets orders targets, those that one cursor reads being equal.
func compareTargets(a, b *mesh.LogTarget) int {
	order := cmp.Or(cmp.Compare(a.Name(), b.Name()), cmp.Compare(a.UID, b.UID))
	switch {
	case order != 0 || a.Previous == b.Previous:
		return order
	case a.Previous:
		return -1
	}
	return 1
}

// refuse says of which targets there is no room.
func (s *Stream) refuse(targets []mesh.LogTarget) {
	for _, t := range targets {
		if s.find(&t) == nil {
			s.queue = append(s.queue, mesh.LogEvent{State: &mesh.LogState{From: &t, Phase: mesh.LogEnded, Detail: "It is not read: " + ErrTooMany.Error() + "."}})
		}
	}
}

// Pause holds lines back until Resume. As many are kept as have room, and the
// others counted.
func (s *Stream) Pause() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paused.IsZero() {
		s.settle(mesh.GapSlow)
		s.paused = time.Now()
	}
}

// Resume goes on after Pause.
func (s *Stream) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paused.IsZero() {
		return
	}
	s.settle(mesh.GapPaused)
	s.pace.delay(time.Since(s.paused))
	s.paused = time.Time{}
	s.rouse()
}

// settle queues what was missed until now, with its reason.
func (s *Stream) settle(reason mesh.LogGapReason) {
	for _, c := range s.cursors {
		for _, p := range c.parts {
			p.tail.mu.Lock()
			s.queue = append(s.queue, c.settle(p, reason)...)
			p.tail.mu.Unlock()
		}
	}
}

// rouse makes Next look again.
func (s *Stream) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Close ends it at once.
func (s *Stream) Close() {
	s.mu.Lock()
	if s.isClosed() {
		s.mu.Unlock()
		return
	}
	close(s.closed)
	cursors := s.cursors
	s.cursors = nil
	s.mu.Unlock()
	for _, c := range cursors {
		c.close()
	}
	s.hub.mu.Lock()
	s.hub.readers--
	s.hub.mu.Unlock()
}

func (s *Stream) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// close takes a cursor off all it reads.
func (c *cursor) close() {
	for _, p := range c.parts {
		c.stream.hub.leave(c, p.tail)
	}
}
