package podlog

import (
	"time"

	"github.com/waylight/waylight/mesh"
)

// cursor is where a stream is in what one container of a pod writes: in one run
// after the other. The stream's mutex guards it, and of a part's numbers that of
// its tail.
type cursor struct {
	stream *Stream
	target *mesh.LogTarget // as it was asked for
	parts  []*part
	joined time.Time
	// head is the line that comes next, once it is known: it points to taken.
	head  *entry
	taken entry
	// leaves is when it is given up, if it is still being written then; zero
	// unless it is not asked for any more.
	leaves time.Time
	// said is what was told of the newest part's state, and done that the last
	// was.
	said int
	done bool
}

// part is a place in one tail.
type part struct {
	tail *tail
	seq  uint64 // the line that comes next
	gaps int    // how many of the tail's gaps were told
	// since is the oldest line of interest.
	since time.Time
	// resume skips what was had before; nil where nothing was.
	resume *resumption
	missed missed
	// skipped tells that between the part before and this one were runs that
	// nobody saw in time.
	skipped bool
}

// missed counts lines that were taken away before a reader had them.
type missed struct {
	count          int
	oldest, newest time.Time
}

// overtaken notes that a line is taken away. The caller holds the tail's mu.
func (p *part) overtaken(seq uint64, at time.Time) {
	if p.seq > seq {
		return
	}
	p.missed.add(at)
	p.seq = seq + 1
}

func (m *missed) add(at time.Time) {
	if m.count == 0 || at.Before(m.oldest) {
		m.oldest = at
	}
	m.count++
	m.newest = latest(m.newest, at)
}

// newest is the run of the container that was asked for last.
func (c *cursor) newest() *part { return c.parts[len(c.parts)-1] }

// advance finds the next line, unless it is known, and returns the gaps before
// it.
func (c *cursor) advance() (gaps []mesh.LogEvent) {
	for c.head == nil {
		p := c.parts[0]
		more, over := c.look(p)
		gaps = append(gaps, more...)
		if !over || len(c.parts) == 1 {
			break
		}
		gaps = append(gaps, c.between(p, c.parts[1])...)
		c.parts = c.parts[1:]
		c.stream.hub.leave(c, p.tail)
	}
	return gaps
}

// look takes the next line of a part; over tells that there will be none.
func (c *cursor) look(p *part) (gaps []mesh.LogEvent, over bool) {
	t := p.tail
	t.mu.Lock()
	defer t.mu.Unlock()
	gaps = c.settle(p, mesh.GapSlow)
	for p.seq < t.ring.next {
		gaps = append(gaps, c.gapsBefore(p)...)
		e := t.ring.at(p.seq)
		p.seq++
		if p.wants(e) {
			if p.resume != nil && p.resume.torn {
				p.resume.torn = false
				gaps = append(gaps, c.gap(mesh.LogGap{Oldest: p.resume.had.last.at, Newest: e.at.at, Dropped: -1, Reason: mesh.GapRotated}))
			}
			c.taken = *e
			c.head = &c.taken
			break
		}
	}
	t.hasMoved()
	if c.head == nil {
		gaps = append(gaps, c.gapsBefore(p)...)
	}
	return gaps, c.head == nil && t.ended
}

// wants tells whether a line is of interest.
func (p *part) wants(e *entry) bool {
	if p.resume != nil {
		return !p.resume.skips(e.at, nil)
	}
	return !e.at.at.Before(p.since)
}

// settle tells of what was missed until now, and for what reason. The caller
// holds the tail's mu.
func (c *cursor) settle(p *part, reason mesh.LogGapReason) []mesh.LogEvent {
	m := p.missed
	if m.count == 0 {
		return nil
	}
	p.missed = missed{}
	return []mesh.LogEvent{c.gap(mesh.LogGap{Oldest: m.oldest, Newest: m.newest, Dropped: m.count, Reason: reason})}
}

// gapsBefore are those of the log's own gaps that come before the next line.
func (c *cursor) gapsBefore(p *part) (gaps []mesh.LogEvent) {
	for _, g := range p.tail.gaps {
		if g.number > p.gaps && g.seq <= p.seq {
			p.gaps = g.number
			gaps = append(gaps, c.gap(g.gap))
		}
	}
	return gaps
}

func (c *cursor) gap(g mesh.LogGap) mesh.LogEvent {
	g.From = c.target
	return mesh.LogEvent{Gap: &g}
}

// hold is how long a cursor without a next line keeps back those of others.
type hold struct {
	until time.Time // zero for not at all
	// live adds that a line waits for a moment after it came.
	live bool
}

// hold says how long to wait for the next line of a cursor that has none.
func (c *cursor) hold() hold {
	t := c.parts[0].tail
	t.mu.Lock()
	defer t.mu.Unlock()
	news := latest(c.joined, t.opened, t.arrived)
	switch {
	case t.ended, t.state.phase == mesh.LogReconnecting, t.state.phase == mesh.LogForbidden:
		return hold{}
	case t.mode.patience == endless:
		return hold{until: news.Add(wholePatience)}
	case !t.mode.follow:
		return hold{until: news.Add(pastPatience)}
	case t.live:
		return hold{live: true}
	case t.opened.IsZero():
		return hold{until: c.joined.Add(openPatience), live: true}
	}
	until := news.Add(quiet)
	if limit := c.joined.Add(pastPatience); until.After(limit) {
		until = limit
	}
	return hold{until: until, live: true}
}

func latest(first time.Time, others ...time.Time) time.Time {
	for _, t := range others {
		if t.After(first) {
			first = t
		}
	}
	return first
}

// news is what has become of the newest run, if it was not told yet. The end of
// it is told after its last line.
func (c *cursor) news(now time.Time) (mesh.LogEvent, bool) {
	t := c.newest().tail
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.state
	if c.done || s.phase == "" || (t.ended && !c.drained(t)) {
		return mesh.LogEvent{}, false
	}
	c.done = t.ended
	if s.n == c.said {
		return mesh.LogEvent{}, false
	}
	c.said = s.n
	state := mesh.LogState{From: c.target, Phase: s.phase, Detail: s.detail}
	if s.phase == mesh.LogReconnecting {
		state.RetryIn = max(s.retry.Sub(now), 0)
	}
	return mesh.LogEvent{State: &state}, true
}

// between goes from a part that has ended to the next. The gaps are those of what
// neither of them has.
func (c *cursor) between(p, next *part) []mesh.LogEvent {
	gaps := c.unfound(p)
	if foreign := p.tail.foreign; !foreign.zero() {
		next.resume, next.since = resumeAfter(foreign), time.Time{}
	}
	if next.skipped && p.tail.readOut() {
		at := p.tail.had.last.at
		gaps = append(gaps, c.gap(mesh.LogGap{Oldest: at, Newest: at, Dropped: -1, Reason: mesh.GapRemoved}))
	}
	return gaps
}

// unfound is the gap after a line that was had before, and that its log does not
// have any more.
func (c *cursor) unfound(p *part) []mesh.LogEvent {
	if p.resume == nil || p.resume.found || !p.tail.readOut() {
		return nil
	}
	at := p.resume.had.last.at
	return []mesh.LogEvent{c.gap(mesh.LogGap{Oldest: at, Newest: at, Dropped: -1, Reason: mesh.GapRotated})}
}

// drained tells that no line is left of a tail that has ended. The caller holds
// its mu.
func (c *cursor) drained(t *tail) bool {
	return t.ended && c.head == nil && len(c.parts) == 1 && c.parts[0].seq == t.ring.next
}
