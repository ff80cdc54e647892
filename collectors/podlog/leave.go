package podlog

import (
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

// dismiss lets go of the cursors that are not asked for any more: those that had
// all, or were waited for long enough. wait is until the next is due.
func (s *Stream) dismiss(events []mesh.LogEvent, now time.Time, wait time.Duration) ([]mesh.LogEvent, time.Duration) {
	s.cursors = slices.DeleteFunc(s.cursors, func(c *cursor) bool {
		if c.leaves.IsZero() {
			return false
		}
		at, goesOn := c.givenUp()
		if !c.done && !now.After(at) {
			wait = min(wait, at.Sub(now)+1)
			return false
		}
		if !c.done && !goesOn {
			events = append(events, c.leftover(s.slowness())...)
		}
		c.close()
		return true
	})
	return events, wait
}

// slowness is why a reader does not take lines now.
func (s *Stream) slowness() mesh.LogGapReason {
	if s.paused.IsZero() {
		return mesh.GapSlow
	}
	return mesh.GapPaused
}

// givenUp is when a cursor that is not asked for any more is given up, if it has
// not had all before. goesOn tells that its container was read and goes on
// writing.
func (c *cursor) givenUp() (at time.Time, goesOn bool) {
	t := c.parts[0].tail
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(c.parts) > 1 || t.ended || t.state.phase != mesh.LogFollowing {
		return c.leaves.Add(leavingPatience), false
	}
	return latest(c.leaves, t.opened.Add(leaving)), true
}

// leftover are the gaps of what a cursor that is given up was not given.
func (c *cursor) leftover(reason mesh.LogGapReason) (gaps []mesh.LogEvent) {
	for _, p := range c.parts {
		gaps = append(gaps, c.abandon(p, reason)...)
	}
	return gaps
}

// abandon counts the lines of a part that were not taken, and tells of those that
// were not read.
func (c *cursor) abandon(p *part, reason mesh.LogGapReason) []mesh.LogEvent {
	t := p.tail
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.head != nil {
		p.missed.add(c.head.at.at)
		c.head = nil
	}
	for ; p.seq < t.ring.next; p.seq++ {
		if e := t.ring.at(p.seq); p.wants(e) {
			p.missed.add(e.at.at)
		}
	}
	gaps := append(c.settle(p, reason), c.gapsBefore(p)...)
	if !t.ended {
		last := t.ring.newest()
		gaps = append(gaps, c.gap(mesh.LogGap{Oldest: last, Newest: last, Dropped: -1, Reason: mesh.GapUnread}))
	}
	return gaps
}
