package logline

import (
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Bounds of a Correlator: how far apart lines of one call can be, how many
// lines it remembers and how many bytes of them, how many can be of one group,
// and among how many on either side in time the nearest with the same ends is
// looked for.
const (
	correlationWindow = time.Minute
	maxRemembered     = 16 << 10
	maxBytes          = 8 << 20
	maxGroup          = 256
	maxCandidates     = 16
)

// Correlator finds the lines that are of one connection or request, as they
// come: those of the client's ztunnel, the waypoint, and the ztunnel on the
// destination's node. It remembers a bounded number of lines for a bounded
// time, measured by the lines' own times. It is not safe for concurrent use.
//
// Nothing in these logs names a call from end to end: ztunnels write addresses,
// and a waypoint opens connections of its own. What joins two lines is that
// their ends fit and that they are of the same moment (correlate_ends.go); of
// several that fit the nearest counts, and a connection that was joined to one
// is not joined to another. With calls of one client to one destination within
// a few milliseconds of each other the wrong ones can be joined; they are alike.
type Correlator struct {
	remembered []*entry // oldest first
	ends       map[place][]*entry
	groups     map[string]*group
	newest     time.Time
	seen       int
	bytes      int // of the lines that are remembered
}

// NewCorrelator returns one that knows no lines.
func NewCorrelator() *Correlator {
	return &Correlator{ends: map[place][]*entry{}, groups: map[string]*group{}}
}

// place is where lines of one role with a common end are remembered, in the
// order they came, which is about that of their ends in time.
type place struct {
	end  end
	role role
}

// entry is a line that others may belong to.
type entry struct {
	line       *mesh.LogLine
	role       role
	start, end time.Time
	order      int
	ends       []end
	group      *group
	// paired and children are the roles of lines that were joined to this one as
	// such; parents are those lines. There is one pair and one parent of a role.
	paired, children [roles]bool
	parents          [roles]*entry
}

// adopt makes a line the child of this one.
func (e *entry) adopt(p *entry) {
	if p.parents[e.role] == nil {
		p.parents[e.role], e.children[p.role] = e, true
	}
}

// shareParents makes a pair the children of the same lines.
func (e *entry) shareParents(p *entry) {
	for _, above := range e.parents {
		if above != nil {
			above.adopt(p)
		}
	}
}

// group are lines of one call.
type group struct {
	id      string // of the first line
	order   int
	entries []*entry
}

// Placement tells which group a line belongs to.
type Placement struct {
	// Group is the ID of the first line of the group, empty for a line that is
	// of no connection or request.
	Group string
	// Merged are groups that turned out to be of this one: what was in them is
	// in it now.
	Merged []string
}

// Add finds the group of a line. The line needs its ID and must not change any
// more.
func (c *Correlator) Add(l *mesh.LogLine) Placement {
	e := newEntry(l)
	if e == nil {
		return Placement{}
	}
	c.forget(l.Time)
	e.order = c.seen
	c.seen++
	e.group = &group{id: l.ID, order: e.order, entries: []*entry{e}}
	c.groups[l.ID] = e.group

	var merged []string
	for _, wanted := range e.partners() {
		for _, p := range c.find(e, wanted) {
			merged = append(merged, c.join(e, p, wanted.kin)...)
		}
	}
	c.remember(e)
	return Placement{Group: e.group.id, Merged: merged}
}

// Lines are those of a group that are still remembered, in the order they came;
// nil for one that is forgotten or was merged into another.
func (c *Correlator) Lines(id string) []*mesh.LogLine {
	g := c.groups[id]
	if g == nil {
		return nil
	}
	out := make([]*mesh.LogLine, len(g.entries))
	for i, e := range g.entries {
		out[i] = e.line
	}
	return out
}

// join puts two lines into one group, the older of theirs, and tells which
// other group is gone by that: the new line's own was never told of.
func (c *Correlator) join(e, p *entry, k kin) (merged []string) {
	keep, drop := p.group, e.group
	if drop.order < keep.order {
		keep, drop = drop, keep
	}
	if keep != drop && len(keep.entries)+len(drop.entries) > maxGroup {
		return nil
	}
	switch k {
	case pair:
		e.paired[p.role], p.paired[e.role] = true, true
		e.shareParents(p)
		p.shareParents(e)
	case child:
		p.adopt(e)
	case parent:
		e.adopt(p)
	}
	if keep == drop {
		return nil
	}
	for _, x := range drop.entries {
		x.group = keep
	}
	keep.entries = append(keep.entries, drop.entries...)
	slices.SortFunc(keep.entries, func(a, b *entry) int { return a.order - b.order })
	c.disband(drop)
	if drop.id == e.line.ID {
		return nil
	}
	return []string{drop.id}
}

// remember lets later lines find this one.
func (c *Correlator) remember(e *entry) {
	c.remembered = append(c.remembered, e)
	c.bytes += len(e.line.Raw)
	for _, k := range e.ends {
		p := place{k, e.role}
		c.ends[p] = append(c.ends[p], e)
	}
}

// forget drops what is too old, or too much.
func (c *Correlator) forget(now time.Time) {
	if now.After(c.newest) {
		c.newest = now
	}
	gone := 0
	for _, e := range c.remembered {
		if len(c.remembered)-gone < maxRemembered && c.bytes < maxBytes && c.newest.Sub(e.line.Time) <= correlationWindow {
			break
		}
		c.drop(e)
		gone++
	}
	clear(c.remembered[:gone])
	c.remembered = c.remembered[gone:]
}

// drop forgets the oldest line, which is the first wherever it stands.
func (c *Correlator) drop(e *entry) {
	c.bytes -= len(e.line.Raw)
	for _, k := range e.ends {
		p := place{k, e.role}
		all := c.ends[p]
		all[0] = nil
		if c.ends[p] = all[1:]; len(all) == 1 {
			delete(c.ends, p)
		}
	}
	g := e.group
	for i, x := range g.entries {
		if x == e {
			g.entries = append(g.entries[:i:i], g.entries[i+1:]...)
			break
		}
	}
	if len(g.entries) == 0 {
		c.disband(g)
	}
}

// disband forgets a group. A line that is read twice has begun another of its
// name.
func (c *Correlator) disband(g *group) {
	if c.groups[g.id] == g {
		delete(c.groups, g.id)
	}
}
