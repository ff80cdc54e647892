package server

import (
	"errors"
	"slices"
	"time"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
)

var errStreamEnded = errors.New("the stream of logs ended")

// take takes in what came over a stream; over tells that nothing more will.
func (d *denials) take(run *denialsRun, snap *mesh.Snapshot, now time.Time, events []mesh.LogEvent) (over bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	run.problem = ""
	for i := range events {
		switch e := &events[i]; {
		case e.Line != nil:
			run.changed = run.feed.Add(snap, e.Line, now) || run.changed
		case e.Gap != nil:
			run.miss(e.Gap)
		case e.State != nil:
			run.phases[e.State.From.Name()] = e.State
			run.changed = true
		case e.End != nil:
			over = true
		}
	}
	return over
}

// miss counts lines that were not read. Those before the window are none of
// the feed's.
func (r *denialsRun) miss(g *mesh.LogGap) {
	switch {
	case g.Dropped < 0 || r.missed < 0:
		r.missed = -1
	default:
		r.missed += g.Dropped
	}
	r.changed = true
}

// refused notes why the proxies are not followed.
func (d *denials) refused(run *denialsRun, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	run.problem = oneLine(err.Error())
	run.changed = true
}

// again empties a run whose stream begins from the start.
func (d *denials) again(run *denialsRun) {
	d.mu.Lock()
	defer d.mu.Unlock()
	run.feed, run.phases, run.missed = logline.NewFeed(0), make(map[string]*mesh.LogState), 0
}

func (d *denials) chosen(run *denialsRun) []mesh.LogTarget {
	d.mu.Lock()
	defer d.mu.Unlock()
	return run.chosen.targets
}

// retarget follows the proxies that a newer snapshot has.
func (d *denials) retarget(stream LogStream, run *denialsRun, snap *mesh.Snapshot) {
	d.mu.Lock()
	if run.snapshot == snap.Revision {
		d.mu.Unlock()
		return
	}
	run.snapshot = snap.Revision
	before := run.chosen
	run.chosen = chooseProxies(snap)
	same := slices.Equal(before.targets, run.chosen.targets)
	targets := run.chosen.targets
	for name := range run.phases {
		if !slices.ContainsFunc(targets, func(t mesh.LogTarget) bool { return t.Name() == name }) {
			delete(run.phases, name)
		}
	}
	d.mu.Unlock()
	if !same {
		stream.Retarget(targets)
	}
}

// tell has open pages look again, every other second at most.
func (d *denials) tell(run *denialsRun) {
	d.mu.Lock()
	now := d.now()
	tell := run.changed && now.Sub(run.told) >= denialsNews
	if tell {
		run.changed, run.told = false, now
	}
	d.mu.Unlock()
	if tell {
		n, _ := d.news.current()
		d.news.announce(n + 1)
	}
}
