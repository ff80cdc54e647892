package podlog

import (
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"time"
)

// place is where a line stands in the log of one run: n counts the lines of one
// time from 0.
type place struct {
	at time.Time
	n  int
}

// zero is the place before every line.
func (p place) zero() bool { return p.at.IsZero() }

func (p place) is(q place) bool { return p.n == q.n && p.at.Equal(q.at) }

func (p place) before(q place) bool {
	return p.at.Before(q.at) || (p.at.Equal(q.at) && p.n < q.n)
}

// id is the ID of the line at a place in a run.
func (p place) id(run string) string {
	var room [160]byte // than which few are longer
	id := append(append(room[:0], run...), '/')
	id = p.at.UTC().AppendFormat(id, time.RFC3339Nano)
	return string(strconv.AppendInt(append(id, '/'), int64(p.n), 10))
}

// parseID reads the ID of a line, which may come from a browser.
func parseID(id string) (run string, p place, ok bool) {
	run, rest, _ := strings.Cut(id, "/")
	stamp, number, found := strings.Cut(rest, "/")
	at, err := time.Parse(time.RFC3339Nano, stamp)
	n, wrong := strconv.Atoi(number)
	if !found || run == "" || err != nil || wrong != nil || n < 0 {
		return "", place{}, false
	}
	return run, place{at.UTC(), n}, true
}

// boundary is where another reading of the same log began. An exact one is the
// first line that was had there; else it is the time from which on lines were
// asked for.
type boundary struct {
	place
	exact bool
}

// disorder is by how much lines of one container may be out of order.
const disorder = time.Second

// takes tells whether a line belongs to what is before the boundary, and done
// that nothing after it does.
func (b boundary) takes(p place) (takes, done bool) {
	switch {
	case b.zero():
		return true, false
	case p.at.Sub(b.at) > disorder, b.exact && p.is(b.place):
		return false, true
	}
	return b.exact || p.before(b.place), false
}

// memory is how many lines back a run is remembered: two streams of a container
// are stamped independently, so that lines are out of order by a little.
const memory = 64

// numbering gives lines their places. Given the same lines it gives the same
// places, wherever in the log it begins, as long as that is where a second does.
type numbering struct {
	recent [memory]place
	next   int
	newest time.Time
}

// give numbers the line that comes next.
func (c *numbering) give(at time.Time) place {
	p := place{at: at}
	if at.After(c.newest) {
		c.newest = at // as nearly always: nothing to look for
	} else {
		for _, q := range c.recent {
			if q.at.Equal(at) && q.n >= p.n {
				p.n = q.n + 1
			}
		}
	}
	c.recent[c.next%memory] = p
	c.next++
	return p
}

// last is the place that was given last.
func (c *numbering) last() place { return c.recent[(c.next+memory-1)%memory] }

// has tells whether a place is among the newest that were given.
func (c *numbering) has(p place) bool {
	return slices.ContainsFunc(c.recent[:], p.is)
}

// had is what a reader of a run has had of it, by which a log that is read again
// is recognised.
type had struct {
	numbering
	last place
	sum  uint64 // of the last line's text
	seed maphash.Seed
}

func newHad() *had { return &had{seed: maphash.MakeSeed()} }

// note remembers a line as the last.
func (h *had) note(p place, text []byte) {
	h.last, h.sum = p, maphash.Bytes(h.seed, text)
	h.recent[h.next%memory] = p
	h.next++
}

// from is the time to read again from. The API takes whole seconds, and what
// was stamped a little out of order may be in the second before.
func (h *had) from() time.Time {
	if h.last.zero() {
		return time.Time{}
	}
	return h.last.at.Truncate(time.Second).Add(-disorder)
}

// resumption finds the line in a log from which on everything is new.
type resumption struct {
	had *had
	// found is true from the line after the last that was had.
	found bool
	// torn is true when that line is not there any more.
	torn bool
}

// skips tells whether a line was had before.
func (r *resumption) skips(p place, text []byte) bool {
	switch {
	case r.found:
		return false
	case p.is(r.had.last) && r.same(text):
		r.found = true
		return true
	case !p.is(r.had.last) && (p.before(r.had.last) || r.had.has(p)):
		return true
	}
	// It is newer than the last line, and that did not come: what was between
	// them is gone with a rotation, if there was anything.
	r.found, r.torn = true, true
	return false
}

// same tells whether a text is that of the last line. One that is known only by
// its ID has no text to compare.
func (r *resumption) same(text []byte) bool {
	return r.had.sum == 0 || r.had.sum == maphash.Bytes(r.had.seed, text)
}
