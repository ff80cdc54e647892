package podlog

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// wish is what a stream wants of one container.
type wish struct {
	since time.Time
	// run and after are the last line that was had before; run is empty if there
	// is none.
	run   string
	after place
}

// runID is a container ID as IDs of lines begin with it: without the runtime's
// scheme. Where nobody knows it the container's place in its pod stands in.
func runID(t *mesh.LogTarget, known string) string {
	if id := bareID(known); id != "" {
		return id
	}
	id := cmp.Or(bareID(t.ContainerID), cmp.Or(t.UID, t.Pod.Namespace+"."+t.Pod.Name)+"."+t.Container)
	if t.Previous {
		id += ".previous"
	}
	return id
}

func bareID(containerID string) string {
	if _, id, ok := strings.Cut(containerID, "://"); ok {
		return id
	}
	return containerID
}

// begin finds the parts that a container is read through, in their order. The
// caller holds Hub.mu; what was begun is returned also beside an error.
func (c *cursor) begin(w wish) ([]*part, error) {
	switch {
	case c.stream.finite || c.target.Previous:
		return c.finite(w)
	case w.run == "" || w.run == runID(c.target, ""):
		return c.follow(c.target, w)
	}
	// It was restarted since: first what was left of the run before.
	before := *c.target
	before.ContainerID = w.run
	rest, err := c.alone(&tail{target: &before, since: w.after.at, mode: mode{prelude: true}})
	if err != nil {
		return nil, err
	}
	rest.resume = resumeAfter(w.after)
	parts, err := c.follow(c.target, wish{})
	return append([]*part{rest}, parts...), err
}

// finite reads what there is and ends.
func (c *cursor) finite(w wish) ([]*part, error) {
	p, err := c.alone(&tail{target: c.target, since: w.since})
	if err != nil {
		return nil, err
	}
	p.since = w.since
	if w.run != "" && w.run == runID(c.target, "") {
		p.resume, p.since = resumeAfter(w.after), time.Time{}
	}
	return []*part{p}, nil
}

// alone reads a log for this cursor only.
func (c *cursor) alone(t *tail) (*part, error) {
	if err := c.stream.hub.private(t); err != nil {
		return nil, err
	}
	p := &part{tail: t}
	t.join(c, p)
	return p, nil
}

// resumeAfter skips what was had up to a line.
func resumeAfter(p place) *resumption { return &resumption{had: &had{last: p}} }

// follow follows a container. What somebody else follows already is joined; what
// of the past is not held there any more is read once more.
func (c *cursor) follow(target *mesh.LogTarget, w wish) ([]*part, error) {
	live := &part{since: w.since}
	since := w.since
	if w.run != "" {
		live.resume, live.since = resumeAfter(w.after), time.Time{}
		since = live.resume.had.from()
	}
	t, began, err := c.stream.hub.follow(target, since)
	if err != nil {
		return nil, err
	}
	live.tail = t
	t.join(c, live)
	if began {
		return []*part{live}, nil
	}
	until, covered := t.enter(live, since)
	if covered {
		return []*part{live}, nil
	}
	past, err := c.alone(&tail{target: target, since: since, until: until, mode: mode{prelude: true}})
	if err != nil {
		return []*part{live}, err
	}
	past.since, past.resume = live.since, live.resume
	live.since, live.resume = time.Time{}, nil
	return []*part{past, live}, nil
}

// goOn takes a target up that is read already; of another run of it the one that
// is read goes first. The caller holds the stream's mu.
func (c *cursor) goOn(t mesh.LogTarget) {
	c.leaves = time.Time{}
	if t.Previous || t.ContainerID == "" || c.reads(t.ContainerID) {
		return
	}
	c.stream.hub.mu.Lock()
	defer c.stream.hub.mu.Unlock()
	parts, err := c.follow(&t, wish{})
	if err != nil {
		return // there may be room at the next snapshot
	}
	c.newest().tail.supersede()
	parts[0].skipped = t.Restarts > c.target.Restarts+1
	c.target, c.parts = &t, append(c.parts, parts...)
	c.said, c.done = 0, false
}

// reads tells whether a run is among those that are read, or may be: whose run
// is unknown may be any.
func (c *cursor) reads(containerID string) bool {
	return slices.ContainsFunc(c.parts, func(p *part) bool {
		p.tail.mu.Lock()
		defer p.tail.mu.Unlock()
		return p.tail.known == "" || bareID(p.tail.known) == bareID(containerID)
	})
}

// enter makes a part begin with what a tail that is under way holds of since.
// Where that is not all, until is where the tail begins.
func (t *tail) enter(p *part, since time.Time) (until boundary, covered bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p.seq = t.ring.first
	if until, covered = t.covers(since); !covered {
		p.gaps = t.gapped // they are about a past that is read anew
		return until, false
	}
	for _, g := range t.gaps {
		if g.gap.Newest.Before(since) {
			p.gaps = g.number
		}
	}
	return boundary{}, true
}

// covers tells whether a tail holds all lines since a time. If not, until is
// where it begins. The caller holds mu.
func (t *tail) covers(since time.Time) (until boundary, covered bool) {
	switch {
	case t.ring.first == 0 && !t.since.After(since):
		return boundary{}, true
	case t.ring.len() == 0:
		return boundary{place: place{at: t.since}}, false
	}
	first := t.ring.at(t.ring.first).at
	return boundary{place: first, exact: true}, !first.at.After(since)
}
