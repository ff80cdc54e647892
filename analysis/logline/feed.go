package logline

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// DefaultWindow is how long a failed call stays in a feed.
const DefaultWindow = 10 * time.Minute

// maxFailureGroups bounds what a feed tells apart. More kinds of failures at
// once are no list that anybody reads, and a feed must not grow with them.
const maxFailureGroups = 300

// Feed counts the calls that failed in the last minutes, by who called what
// and why it failed, from the lines that proxies write. A call that several
// proxies write of is counted once, under the reason of the one that decided.
// It is for one goroutine at a time.
//
// A Correlator joins lines as well, for another purpose: it takes every line of
// a call, also of calls that arrived, keeps them, and may join again what was
// apart before, since a reader sees lines of one group move together. A Feed
// sees the lines of all proxies all day, so it looks at failures only, keeps
// none of their lines but the newest of a group, and counts a call once and for
// good, when the others who might know better had their time to write.
type Feed struct {
	window time.Duration
	groups map[groupKey]*feedGroup
	open   openCalls
	// beyond counts the calls for which there was no group left.
	beyond slots
}

// NewFeed makes a feed of the failures within a window; 0 is DefaultWindow.
func NewFeed(window time.Duration) *Feed {
	return &Feed{window: cmp.Or(window, DefaultWindow), groups: make(map[groupKey]*feedGroup), open: newOpenCalls()}
}

// Failures is what a feed holds at a moment.
type Failures struct {
	// Window is how far back it reaches.
	Window time.Duration
	// Groups are those with most calls first.
	Groups []FailureGroup
	// Calls counts the failed calls of all groups, Beyond those that are in no
	// group because there are too many.
	Calls, Beyond int
}

// FailureGroup are failed calls of one source to one destination for one
// reason, which one kind of proxy gave: what policies say at a waypoint is
// another matter than what they say at a ztunnel.
type FailureGroup struct {
	Source, Destination End
	// Code is the hop code, or the code of a finding, that explains them.
	Code string
	// Denied tells that a policy refused them.
	Denied bool
	// By is the kind of proxy that decided.
	By mesh.LogWriter
	// Count is how many fell into the window, to five seconds; First and Last
	// are the times of the first and last since there was a pause of a window.
	Count       int
	First, Last time.Time
	// Deciders are the proxies that decided, the busiest first; MoreDeciders
	// tells that there were others, for whom there was no room.
	Deciders     []Decider
	MoreDeciders bool
	// Sample is the newest line of the proxy that decided, or of the nearest
	// one that wrote of it; Explanation says what it means.
	Sample      *mesh.LogLine
	Explanation mesh.LogExplanation
	// Method and Path are of the newest request, empty where no proxy saw one.
	Method, Path string
}

// Decider is a proxy that decided about calls.
type Decider struct {
	Writer mesh.LogWriter
	Node   string
	// Pod is zero where the proxy's own line was not read: then it is told from
	// another's line, and Node by where the destination runs.
	Pod   mesh.Ref
	Count int
}

// Read tells that the decision itself was read.
func (d *Decider) Read() bool { return !d.Pod.IsZero() }

// groupKey is what makes calls one group.
type groupKey struct {
	source, destination, code string
	by                        mesh.LogWriter
}

// feedGroup is a group as it is kept.
type feedGroup struct {
	FailureGroup
	calls    slots
	deciders map[Decider]*slots // by proxy, with a Count of 0
}

// maxDeciders bounds the proxies of a group.
const maxDeciders = 16

// Add takes a line in, which came at now; lines of one container come in their
// order. Whoever calls and is called is told by the snapshot. It tells whether
// the line is about a call that failed.
func (f *Feed) Add(s *mesh.Snapshot, l *mesh.LogLine, now time.Time) bool {
	x, ok := sightingOf(s, l)
	if !ok {
		return false
	}
	// The clock of a node that is ahead must not push the others' lines out.
	if x.at.After(now) {
		x.at = now
	}
	for _, c := range f.open.add(x, now) {
		f.count(c)
	}
	return true
}

// Settle counts what still waits for the lines of other proxies, as at the end
// of a recording.
func (f *Feed) Settle() {
	for _, c := range f.open.takeAll() {
		f.count(c)
	}
}

// count puts a call into its group.
func (f *Feed) count(c *failedCall) {
	if c.attempt() {
		return
	}
	add(f.groups, c, &f.beyond, f.window)
}

// add puts a call into its group, or counts it as beyond the bound.
func add(groups map[groupKey]*feedGroup, c *failedCall, beyond *slots, window time.Duration) {
	key := c.key()
	g := groups[key]
	if g == nil {
		if len(groups) >= maxFailureGroups && !dropOld(groups, c.at(), window) {
			beyond.add(c.at(), window)
			return
		}
		g = &feedGroup{deciders: make(map[Decider]*slots)}
		groups[key] = g
	}
	g.take(c, window)
}

// dropOld makes room by groups that are out of the window.
func dropOld(groups map[groupKey]*feedGroup, now time.Time, window time.Duration) bool {
	before := len(groups)
	for key, g := range groups {
		if g.Last.Before(now.Add(-window)) {
			delete(groups, key)
		}
	}
	return len(groups) < before
}

// take adds a call to the group. The newest call describes it.
func (g *feedGroup) take(c *failedCall, window time.Duration) {
	at := c.at()
	if g.First.IsZero() || at.Before(g.First) || at.Sub(g.Last) > window {
		g.First = at
	}
	g.calls.add(at, window)
	g.decided(c.decider(), at, window)
	if at.Before(g.Last) {
		return
	}
	reason := c.reason()
	g.Last, g.Sample, g.Explanation = at, reason.line, reason.means
	g.Code, g.Denied, g.By = reason.means.Code, reason.means.Denied, c.decider().Writer
	g.Source, g.Destination = c.source(), c.destination()
	g.Method, g.Path = c.request()
}

// decided counts a call for the proxy that decided about it.
func (g *feedGroup) decided(d Decider, at time.Time, window time.Duration) {
	calls := g.deciders[d]
	if calls == nil {
		if len(g.deciders) >= maxDeciders { // proxies that were replaced make room
			maps.DeleteFunc(g.deciders, func(_ Decider, c *slots) bool { return c.sum(at, window) == 0 })
		}
		if g.MoreDeciders = len(g.deciders) >= maxDeciders; g.MoreDeciders {
			return
		}
		calls = new(slots)
		g.deciders[d] = calls
	}
	calls.add(at, window)
}

// Failures is what the feed holds at now. Calls whose other lines may still
// come are in it as far as they are known.
func (f *Feed) Failures(now time.Time) Failures {
	out := Failures{Window: f.window, Beyond: f.beyond.sum(now, f.window)}
	for _, c := range f.open.due(now) {
		f.count(c)
	}
	groups := f.groups
	if waiting := f.open.visible(now); len(waiting) > 0 {
		groups = cloned(groups)
		for _, c := range waiting {
			if !c.attempt() {
				add(groups, c, &slots{}, f.window)
			}
		}
	}
	for _, g := range groups {
		if x := g.at(now, f.window); x.Count > 0 {
			out.Groups = append(out.Groups, x)
			out.Calls += x.Count
		}
	}
	slices.SortFunc(out.Groups, func(a, b FailureGroup) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.name(), b.name()))
	})
	return out
}

// at is the group as it is at a moment.
func (g *feedGroup) at(now time.Time, window time.Duration) FailureGroup {
	out := g.FailureGroup
	out.Count, out.Deciders = g.calls.sum(now, window), nil
	for d, calls := range g.deciders {
		if d.Count = calls.sum(now, window); d.Count > 0 {
			out.Deciders = append(out.Deciders, d)
		}
	}
	slices.SortFunc(out.Deciders, func(a, b Decider) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Node, b.Node), strings.Compare(a.Pod.String(), b.Pod.String()))
	})
	return out
}

// cloned copies groups, so that calls can be added for one look.
func cloned(groups map[groupKey]*feedGroup) map[groupKey]*feedGroup {
	out := make(map[groupKey]*feedGroup, len(groups))
	for key, g := range groups {
		x := *g
		x.deciders = make(map[Decider]*slots, len(g.deciders))
		for d, calls := range g.deciders {
			own := *calls
			x.deciders[d] = &own
		}
		out[key] = &x
	}
	return out
}

// name orders groups of equally many calls.
func (g *FailureGroup) name() string {
	return g.Source.key() + " " + g.Destination.key() + " " + g.Code + " " + string(g.By)
}
