package logline

import (
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

// find looks for the lines that a line belongs to: all that happened within it
// where it can have many, else the nearest.
func (c *Correlator) find(e *entry, wanted partner) []*entry {
	candidates := c.ends[wanted.end]
	candidates = candidates[max(0, len(candidates)-maxCandidates):]
	var within []*entry
	var best *entry
	var nearest closeness
	for _, p := range candidates {
		if p == e || p.role != wanted.role || !e.fits(p, wanted) {
			continue
		}
		near := e.near(p)
		if near.apart > e.reach(p, wanted) {
			continue
		}
		if wanted.kin == parent && near.apart == 0 {
			within = append(within, p)
		}
		if best == nil || near.less(nearest) {
			best, nearest = p, near
		}
	}
	switch {
	case len(within) > 0:
		return within
	case best == nil:
		return nil
	}
	return []*entry{best}
}

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
		if e.parents[p.role] {
			return false
		}
	case parent:
		if p.parents[e.role] {
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
		return !e.outlives(p)
	}
	return true
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

func (a closeness) less(b closeness) bool {
	return a.apart < b.apart || (a.apart == b.apart && a.skew < b.skew)
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
