package podlog

import (
	"time"

	"github.com/waylight/waylight/mesh"
)

// maxRingLines bounds the lines that are kept of a container; bytes bound them
// as well.
const maxRingLines = 16 << 10

// entry is a line that waits for readers.
type entry struct {
	line    *mesh.LogLine
	at      place
	arrived time.Time
}

// lineCost is about what a decoded line takes beside its text.
const lineCost = 700

func (e *entry) cost() int { return len(e.line.Raw) + len(e.line.ID) + lineCost }

// ring holds the newest lines of one container, numbered from 0 as they come.
type ring struct {
	entries []entry // a circle, of 0 or a power of two
	mask    uint64  // one less
	first   uint64  // the oldest that is held
	next    uint64  // the one that will come
	bytes   int
	// evicted is the time of the line before first.
	evicted time.Time
}

func (r *ring) len() int { return int(r.next - r.first) } //nolint:gosec // at most maxRingLines

// at is a line that is held.
func (r *ring) at(seq uint64) *entry { return &r.entries[seq&r.mask] }

// full tells that a line has to go before e can come. One line always fits.
func (r *ring) full(e *entry, limit int) bool {
	return r.len() > 0 && (r.len() == maxRingLines || r.bytes+e.cost() > limit)
}

func (r *ring) push(e entry) {
	if r.len() == len(r.entries) {
		r.grow()
	}
	r.bytes += e.cost()
	*r.at(r.next) = e
	r.next++
}

func (r *ring) grow() {
	mask := max(64-1, 2*r.mask+1)
	larger := make([]entry, mask+1)
	for seq := r.first; seq < r.next; seq++ {
		larger[seq&mask] = *r.at(seq)
	}
	r.entries, r.mask = larger, mask
}

// evict lets the oldest line go.
func (r *ring) evict() {
	e := r.at(r.first)
	r.evicted = e.line.Time
	r.bytes -= e.cost()
	*e = entry{}
	r.first++
}

// newest is the time of the line that came last.
func (r *ring) newest() time.Time {
	if r.len() == 0 {
		return r.evicted
	}
	return r.at(r.next - 1).line.Time
}

// since is the number of the first line that is not older than a time.
func (r *ring) since(t time.Time) uint64 {
	for seq := r.first; seq < r.next; seq++ {
		if !r.at(seq).at.at.Before(t) {
			return seq
		}
	}
	return r.next
}
