package logline

import (
	"cmp"
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

// How far apart in time two lines of one call can be beyond the time they both
// take. Clocks of nodes differ by milliseconds; a request that several Envoys
// pass on ends at each of them within seconds.
const (
	nearInTime   = 250 * time.Millisecond
	sameRequests = 10 * time.Second
	// asOne is what Envoy's times are rounded by and more.
	asOne = 2 * time.Millisecond
	// unlike is how much farther away a line counts whose outcome or size is
	// another.
	unlike = 20 * time.Millisecond
)

// find looks for the lines that a line belongs to: the nearest, and where it can
// have many, others that happened within it.
func (c *Correlator) find(e *entry, wanted partner) []*entry {
	var fit []*entry
	for _, p := range c.candidates(e, wanted) {
		if e.fits(p, wanted) && e.near(p).apart <= e.reach(p, wanted) {
			fit = append(fit, p)
		}
	}
	if len(fit) <= 1 {
		return fit
	}
	slices.SortStableFunc(fit, func(a, b *entry) int { return e.near(a).compare(e.near(b)) })
	found := fit[:1]
	if wanted.kin != parent || e.near(found[0]).apart > 0 {
		return found
	}
	for _, p := range fit[1:] {
		if e.near(p).apart == 0 && !c.doubtful(p, found, wanted) {
			found = append(found, p)
		}
	}
	return found
}

// doubtful tells whether a line within another may be of a different call.
// Requests on one connection follow each other, and those that overlap are as
// well of connections side by side. A try may be that of any request that was
// under way.
func (c *Correlator) doubtful(p *entry, found []*entry, wanted partner) bool {
	others := found
	if wanted.role != request {
		others = c.candidates(p, partner{end: wanted.end, role: request})
	}
	return slices.ContainsFunc(others, func(o *entry) bool { return o != p && o.near(p).apart == 0 })
}

// candidates are the lines with an end in common that ended at about the time
// of this one, or within it where it can have many.
func (c *Correlator) candidates(e *entry, wanted partner) []*entry {
	all := c.ends[place{wanted.end, wanted.role}]
	if len(all) <= maxCandidates {
		return all
	}
	first, _ := slices.BinarySearchFunc(all, e.end, endedBefore)
	last := min(first+maxCandidates, len(all))
	if wanted.kin == parent {
		first, _ = slices.BinarySearchFunc(all, e.start, endedBefore)
	}
	first = max(first-maxCandidates, 0)
	return all[max(first, last-maxGroup):last]
}

func endedBefore(p *entry, t time.Time) int { return p.end.Compare(t) }

// reach is how far apart the two may be. What has a child takes another only
// if that happened within it: the next call of the client comes soon after.
func (e *entry) reach(p *entry, wanted partner) time.Duration {
	switch {
	case wanted.end.kind == sameRequest:
		return sameRequests
	case wanted.kin == child && p.children[e.role], wanted.kin == parent && e.children[p.role]:
		return 0
	}
	return nearInTime
}

// fits tells whether a line that shares an end can be of the same call.
func (e *entry) fits(p *entry, wanted partner) bool {
	switch wanted.kin {
	case pair:
		if e.paired[p.role] || p.paired[e.role] {
			return false
		}
	case child:
		if e.parents[p.role] != nil {
			return false
		}
	case parent:
		if p.parents[e.role] != nil {
			return false
		}
	}
	if wanted.end.kind == sameConnection {
		return e.opening() != p.opening() && e.line.From.Name() == p.line.From.Name()
	}
	if e.opening() != p.opening() {
		return false
	}
	switch wanted.end.kind {
	case sameRequest:
		// A client can send one ID with all its requests: an Envoy that has
		// told of it already means another of them.
		return !p.group.has(e.line.From)
	case behindWaypoint:
		return !e.outlives(p) && !e.around(p)
	}
	return true
}

// around tells of a request and a connection at the pod, one of which belongs
// to a tunnel already: they are joined by that, or not at all.
func (e *entry) around(p *entry) bool {
	switch {
	case e.role == request && p.role == podConnection:
		return e.children[tunnelOut] || p.paired[tunnelOut]
	case e.role == podConnection && p.role == request:
		return p.children[tunnelOut] || e.paired[tunnelOut]
	}
	return false
}

// opening tells a line of the beginning of a connection.
func (e *entry) opening() bool {
	return e.line.Connection != nil && e.line.Connection.Event == "opened"
}

// outlives tells of a connection at a pod that served other requests before
// this one or after it: waypoints keep them.
func (e *entry) outlives(p *entry) bool {
	connection, other := e, p
	if p.role == podConnection {
		connection, other = p, e
	}
	if connection.role != podConnection {
		return false
	}
	return connection.start.Before(other.start.Add(-nearInTime)) || connection.end.After(other.end.Add(nearInTime))
}

// has tells whether an Envoy has told of a request of the group.
func (g *group) has(from *mesh.LogTarget) bool {
	for _, e := range g.entries {
		if e.role == request && e.line.From.Name() == from.Name() {
			return true
		}
	}
	return false
}

// closeness is how well two lines fit: how far they are apart, and where that
// is the same, how far their beginnings and ends are.
type closeness struct{ apart, skew time.Duration }

func (a closeness) compare(b closeness) int {
	return cmp.Or(cmp.Compare(a.apart, b.apart), cmp.Compare(a.skew, b.skew))
}

func (e *entry) near(p *entry) closeness {
	apart := max(e.start.Sub(p.end), p.start.Sub(e.end))
	out := closeness{apart: max(apart-asOne, 0), skew: e.start.Sub(p.start).Abs() + e.end.Sub(p.end).Abs()}
	if e.differs(p) {
		out.skew += unlike
	}
	return out
}

// differs tells two ends of a connection whose outcomes or sizes do not fit:
// what one sent the other received.
func (e *entry) differs(p *entry) bool {
	a, b := e.line.Connection, p.line.Connection
	if a == nil || b == nil || a.Direction == b.Direction {
		return false
	}
	if (a.Error == "") != (b.Error == "") {
		return true
	}
	return a.Error == "" && (a.BytesSent != b.BytesReceived || a.BytesReceived != b.BytesSent)
}
