package podlog

import (
	"io"
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Bounds of what Next returns at once.
const (
	maxEvents     = 1024
	maxEventBytes = 1 << 20
)

// idle is how long to wait where nothing is due.
const idle = time.Minute

// collect takes what is due; where that is nothing, wait is how long it takes
// until something is, unless something new comes.
func (s *Stream) collect(now time.Time) (events []mesh.LogEvent, wait time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		return nil, 0, io.ErrClosedPipe
	}
	if s.ended {
		return nil, 0, io.EOF
	}
	events, s.queue = s.queue, nil
	wait = idle
	if s.paused.IsZero() {
		events, wait = s.merge(events, now)
	}
	for _, c := range s.cursors {
		if event, ok := c.news(now); ok {
			events = append(events, event)
		}
	}
	if wait > 0 { // else there is more to take, which goes first
		events, wait = s.dismiss(events, now, wait)
	}
	if s.finite && !slices.ContainsFunc(s.cursors, func(c *cursor) bool { return !c.done }) {
		s.ended = true
		events = append(events, mesh.LogEvent{End: &mesh.LogEnd{Reason: s.endReason()}})
	}
	return events, wait, nil
}

func (s *Stream) endReason() string {
	if s.hub.recorded {
		return "The recording ends here."
	}
	return "This is all there is."
}

// merge takes lines by their time, as long as none older can be expected.
func (s *Stream) merge(events []mesh.LogEvent, now time.Time) ([]mesh.LogEvent, time.Duration) {
	var holds hold
	for _, c := range s.cursors {
		events = s.advance(c, events, &holds)
	}
	for size := 0; len(events) < maxEvents && size < maxEventBytes; {
		c := s.oldest()
		if c == nil {
			return events, holds.wait(now)
		}
		if due := s.due(c.head, holds, now); due.After(now) {
			return events, due.Sub(now)
		}
		line := c.head.line
		events = append(events, mesh.LogEvent{Line: line, Source: c.target.Source, Late: line.Time.Before(s.newest)})
		s.newest = latest(s.newest, line.Time)
		size += len(line.Raw)
		c.head = nil
		events = s.advance(c, events, &holds)
	}
	return events, 0
}

// advance finds a cursor's next line, and what the want of one holds back.
func (s *Stream) advance(c *cursor, events []mesh.LogEvent, holds *hold) []mesh.LogEvent {
	events = append(events, c.advance()...)
	if c.head == nil {
		h := c.hold()
		holds.until = latest(holds.until, h.until)
		holds.live = holds.live || h.live
	}
	return events
}

// wait is how long a hold takes.
func (h hold) wait(now time.Time) time.Duration {
	if h.until.After(now) {
		return h.until.Sub(now)
	}
	return idle
}

// oldest is the cursor with the oldest line, nil where none has one.
func (s *Stream) oldest() *cursor {
	var first *cursor
	for _, c := range s.cursors {
		if c.head != nil && (first == nil || c.head.line.Time.Before(first.head.line.Time)) {
			first = c
		}
	}
	return first
}

// due is when a line may be handed out.
func (s *Stream) due(e *entry, holds hold, now time.Time) time.Time {
	due := holds.until
	if holds.live {
		due = latest(due, e.arrived.Add(window))
	}
	if s.pace != nil && !due.After(now) { // the first line that is due begins it
		due = latest(due, s.pace.due(e.line.Time))
	}
	return due
}

// pace hands lines out at the speed they were written.
type pace struct {
	began time.Time // by the clock
	first time.Time // the line of that moment
}

// due is when the turn of a line comes that was written at a time.
func (p *pace) due(at time.Time) time.Time {
	if p.began.IsZero() {
		p.began, p.first = time.Now(), at
	}
	return p.began.Add(at.Sub(p.first))
}

// delay makes everything come later, after a pause.
func (p *pace) delay(by time.Duration) {
	if p != nil && !p.began.IsZero() {
		p.began = p.began.Add(by)
	}
}
