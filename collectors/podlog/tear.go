package podlog

import (
	"time"

	"github.com/waylight/waylight/mesh"
)

// tear is what is known of a log that does not have the line any more at which
// reading stopped. It was rotated; or the container was restarted, and this is
// the log of another run that goes under the name of the one before until the
// kubelet has reported the restart. The run before the present one knows: it has
// the line, or it was no restart.
type tear struct {
	since time.Time // zero for none
	// askBefore tells to read the run before the present one, and rotated that it
	// does not have the line.
	askBefore, rotated bool
}

// acceptTorn decides whether what comes is of the same run, and lines before it
// are gone.
func (r *reading) acceptTorn(p place) bool {
	t := r.tail
	if t.tear.since.IsZero() {
		t.tear.since = time.Now()
	}
	patient := time.Since(t.tear.since) < reportPatience
	if r.before || (patient && !r.whole && !r.over && !t.tear.rotated) {
		return false
	}
	r.resume.torn = false
	t.addGap(mesh.LogGap{Oldest: t.had.last.at, Newest: p.at, Dropped: -1, Reason: mesh.GapRotated})
	return true
}

// disown decides about a log of a run that has ended, and that does not have the
// last line. That was the next run's, whose log went under the name of this one
// until its restart was reported, and must not be read twice. Where nothing tells
// that a line before it was this run's, its log is read from the beginning.
func (r *reading) disown() (again bool) {
	t := r.tail
	if !r.over || !t.foreign.zero() {
		return false
	}
	t.foreign = t.had.last
	if t.gapped > 0 {
		return false
	}
	t.had = newHad()
	return true
}

// judgeBefore decides what the run before the present one says of a tear.
func (t *tail) judgeBefore(r *reading, tries int) (wait time.Duration, over bool) {
	failure, final := failureOf(r.err)
	switch {
	case r.torn: // it may be yet another run, which only the pod's status can tell
		t.tear.askBefore = false
		t.setPhase(mesh.LogReconnecting, r.reason(), time.Now().Add(tornRetry))
		return tornRetry, false
	case r.resume.found && r.ended(): // it was a restart; that this is the end is made sure of
		return minRetry, false
	case final && failure.Phase == mesh.LogEnded, !r.resume.found && r.ended():
		t.tear.askBefore, t.tear.rotated = false, true
		return 0, false
	}
	return t.retry(r, tries), false
}
