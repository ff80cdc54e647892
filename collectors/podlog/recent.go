package podlog

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Bounds of Recent.
const (
	// recentPatience is how long one reading of the newest lines may take.
	recentPatience = 3 * time.Second
	// recentKept is for how long they are handed out again.
	recentKept = 5 * time.Second
	// recentLines is how many of a container's newest lines are read, recentAll
	// about how many bytes the lines of all targets take, and recentEach those of
	// one.
	recentLines = 5000
	recentAll   = 64 << 20
	recentEach  = 2 << 20
	// recentAtOnce is how many containers are read at once, for all who ask.
	recentAtOnce = 8
)

// recent remembers what was read of containers last.
type recent struct {
	turns chan struct{}
	mu    sync.Mutex
	looks map[key]*look
}

// look is one reading of a container's newest lines, shared by all who ask for
// them meanwhile.
type look struct {
	since time.Time
	done  chan struct{}
	// After done: the lines, oldest first, and what there is to say of others.
	lines []*mesh.LogLine
	gaps  []mesh.LogGap
	state *mesh.LogState // nil when all is well
}

func (r *recent) init() {
	r.turns, r.looks = make(chan struct{}, recentAtOnce), make(map[key]*look)
}

// Recent reads the newest lines since a moment of each target, within bounds of
// number, bytes and time, oldest first. It keeps them for seconds. What could not
// be read is said by states, and what was left out by gaps; both come first.
func (h *Hub) Recent(ctx context.Context, targets []mesh.LogTarget, since time.Time) []mesh.LogEvent {
	looks := make(map[*mesh.LogTarget]*look, len(targets))
	bytes := min(recentAll/max(len(targets), 1), recentEach)
	for i := range targets {
		looks[&targets[i]] = h.look(&targets[i], since, bytes)
	}
	var notes, lines []mesh.LogEvent
	for i := range targets {
		t := &targets[i]
		l := looks[t]
		select {
		case <-l.done:
		case <-ctx.Done():
			notes = append(notes, mesh.LogEvent{State: &mesh.LogState{From: t, Phase: mesh.LogReconnecting, Detail: "It was not waited for."}})
			continue
		}
		notes = append(notes, l.notes(t, since)...)
		for _, line := range l.lines {
			if !line.Time.Before(since) {
				lines = append(lines, mesh.LogEvent{Line: line, Source: t.Source})
			}
		}
	}
	slices.SortStableFunc(lines, func(a, b mesh.LogEvent) int { return a.Line.Time.Compare(b.Line.Time) })
	return append(notes, lines...)
}

// notes are the states and gaps of a look that concern what was written since.
func (l *look) notes(t *mesh.LogTarget, since time.Time) (out []mesh.LogEvent) {
	if l.state != nil {
		state := *l.state
		state.From = t
		out = append(out, mesh.LogEvent{State: &state})
	}
	for _, g := range l.gaps {
		if !g.Newest.Before(since) {
			g.From = t
			out = append(out, mesh.LogEvent{Gap: &g})
		}
	}
	return out
}

// look joins a look that was begun a moment ago, or begins one.
func (h *Hub) look(t *mesh.LogTarget, since time.Time, bytes int) *look {
	h.recent.mu.Lock()
	defer h.recent.mu.Unlock()
	k := keyOf(t)
	if l := h.recent.looks[k]; l != nil && !l.since.After(since) {
		return l
	}
	l := &look{since: since, done: make(chan struct{})}
	h.recent.looks[k] = l
	if !h.begin(func() { h.fill(l, *t, bytes) }) {
		l.state = &mesh.LogState{Phase: mesh.LogEnded, Detail: "Logs are not read any more."}
		close(l.done)
	}
	time.AfterFunc(recentKept, func() {
		h.recent.mu.Lock()
		defer h.recent.mu.Unlock()
		if h.recent.looks[k] == l {
			delete(h.recent.looks, k)
		}
	})
	return l
}

// fill reads what a look is for: from memory where somebody follows the
// container already.
func (h *Hub) fill(l *look, target mesh.LogTarget, bytes int) {
	defer close(l.done)
	if t := h.followed(&target); t != nil && l.takeHeld(t) {
		return
	}
	select {
	case h.recent.turns <- struct{}{}:
	case <-h.ctx.Done():
		return
	}
	defer func() { <-h.recent.turns }()
	ctx, cancel := context.WithTimeout(h.ctx, recentPatience)
	defer cancel()
	t := &tail{hub: h, target: &target, since: l.since, had: newHad(), mode: mode{limit: recentLines, bytes: bytes}}
	r := t.read(ctx, ctx)
	l.take(t)
	if evicted := int(t.ring.first); evicted > 0 { //nolint:gosec // at most recentLines
		l.gaps = append(l.gaps, mesh.LogGap{Oldest: l.since, Newest: t.ring.evicted, Dropped: evicted, Reason: mesh.GapLimit})
	}
	l.state = lookState(r, ctx.Err())
}

// lookState says why a look may lack lines.
func lookState(r *reading, late error) *mesh.LogState {
	failure, final := failureOf(r.err)
	switch {
	case r.complete:
		return nil
	case final:
		return &mesh.LogState{Phase: failure.Phase, Detail: failure.Detail}
	case late != nil:
		return &mesh.LogState{Phase: mesh.LogReconnecting, Detail: "It could not be read within " + recentPatience.String() + "."}
	case r.ended():
		return nil // the beginning of a line at its end comes with the next look
	}
	return &mesh.LogState{Phase: mesh.LogReconnecting, Detail: r.reason()}
}

// followed is the tail that follows a container, nil if there is none.
func (h *Hub) followed(t *mesh.LogTarget) *tail {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.shared[keyOf(t)]
}

// takeHeld takes what a tail holds, if that is all since.
func (l *look) takeHeld(t *tail) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, covered := t.covers(l.since); !covered || !t.live {
		return false
	}
	l.take(t)
	return true
}

// take takes the lines and gaps of a tail that nobody changes meanwhile.
func (l *look) take(t *tail) {
	for seq := t.ring.since(l.since); seq < t.ring.next; seq++ {
		l.lines = append(l.lines, t.ring.at(seq).line)
	}
	for _, g := range t.gaps {
		l.gaps = append(l.gaps, g.gap)
	}
}
