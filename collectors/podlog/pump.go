package podlog

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"github.com/waylight/waylight/mesh"
)

// pump reads a log until it has ended or ctx does, however often it has to be
// opened for that.
func (t *tail) pump(ctx context.Context) {
	defer close(t.done)
	for tries := 0; ctx.Err() == nil; {
		turn, interrupt := context.WithCancel(ctx)
		t.onInterrupt(interrupt)
		r := t.read(ctx, turn)
		if r.progress || r.lasted > steady {
			tries = 0
		}
		wait, over := t.judge(r, tries)
		tries++
		if !over && !sleep(turn, wait) {
			tries = 0 // they were about another state of things
		}
		interrupt()
		if over {
			return
		}
	}
}

// sleep waits for a time; false when ctx ended before.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// judge decides what becomes of a tail after a reading: a wait before the next,
// or its end.
func (t *tail) judge(r *reading, tries int) (wait time.Duration, over bool) {
	failure, final := failureOf(r.err)
	forbidden := final && failure.Phase == mesh.LogForbidden
	switch {
	case r.before && !r.complete:
		return t.judgeBefore(r, tries)
	case r.torn:
		t.tear.askBefore = true
		return 0, false
	case forbidden && t.stands():
		return t.forbid(r, failure), false
	case final && (!forbidden || !t.precedes()):
		t.end(failure)
		return 0, true
	case r.complete:
		t.setPhase(mesh.LogEnded, "", time.Time{})
		return 0, true
	case tries >= t.maxTries():
		t.giveUp(r.reason())
		return 0, true
	case r.over && r.ended(): // it is only made sure of
		return minRetry, false
	}
	return t.retry(r, tries), false
}

// forbid tells that a right is missing. Where it was there before that is doubted
// at first: an API server that has just started knows no rights for a moment.
func (t *tail) forbid(r *reading, f *Failure) (wait time.Duration) {
	t.refusals++
	if t.refusals <= doubts && t.run != "" {
		return t.retry(r, t.refusals-1)
	}
	t.setPhase(mesh.LogForbidden, f.Detail, time.Time{})
	return min(time.Second<<min(t.refusals-1, 16), forbiddenRetry)
}

// retry tells that a log is opened again, and when.
func (t *tail) retry(r *reading, tries int) (wait time.Duration) {
	wait = backoff(tries)
	t.setPhase(mesh.LogReconnecting, r.reason(), time.Now().Add(wait))
	return wait
}

// precedes tells that another tail goes on where this one ends, and stands that
// this one is followed until nobody wants it. What is neither is read once.
func (t *tail) precedes() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.mode.prelude || t.superseded
}

func (t *tail) stands() bool { return t.mode.follow && !t.precedes() }

// maxTries is how often a log is tried again that cannot be read.
func (t *tail) maxTries() int {
	switch {
	case t.stands():
		return math.MaxInt
	case t.precedes():
		return precedingRetries
	}
	return onceRetries
}

// backoff is how long to wait before a try, spread so that containers do not
// come back all at once.
func backoff(tries int) time.Duration {
	wait := min(minRetry<<min(tries, 16), maxRetry)
	return wait*4/5 + rand.N(wait*2/5) //nolint:gosec // it spreads load, and is no secret
}

// end ends a tail whose log is not there any more, or must not be read.
func (t *tail) end(f *Failure) {
	switch {
	case f.Lost, t.broken && f.Phase == mesh.LogEnded:
		t.addGap(t.unknown(mesh.GapRemoved))
	case t.precedes():
		t.addGap(t.unknown(mesh.GapUnread))
	}
	t.setPhase(f.Phase, f.Detail, time.Time{})
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	t.wake()
}

// giveUp ends a tail that could not be read for long.
func (t *tail) giveUp(reason string) {
	if t.broken || t.precedes() {
		t.addGap(t.unknown(mesh.GapUnread))
	}
	t.setPhase(mesh.LogEnded, reason, time.Time{})
}

// unknown is the gap after the last line that was had, of which nobody knows
// whether it is one.
func (t *tail) unknown(reason mesh.LogGapReason) mesh.LogGap {
	from := latest(t.had.last.at, t.since)
	return mesh.LogGap{Oldest: from, Newest: latest(from, t.until.at), Dropped: -1, Reason: reason}
}

// request is what to ask for: everything since the last line that was had.
func (t *tail) request() Request {
	req := Request{Target: *t.target, Follow: t.mode.follow, Since: t.had.from(), Before: t.tear.askBefore}
	if t.run != "" && !req.Target.Previous {
		req.Target.ContainerID = t.run
	}
	if t.had.last.zero() {
		req.Since, req.Tail = t.since, t.mode.limit
	}
	return req
}

// pending tells readers that a log was asked for and nothing came yet.
func (t *tail) pending() {
	t.setPhase(mesh.LogFollowing, "It has written nothing yet, or its node does not answer.", time.Time{})
}

// begin notes that the log is open.
func (t *tail) begin(run string) {
	t.refusals = 0
	t.setPhase(mesh.LogFollowing, "", time.Time{})
	t.mu.Lock()
	defer t.mu.Unlock()
	t.opened = time.Now()
	if run != "" {
		t.run, t.known = run, run
	}
}

// setLive notes that what comes from now on is no past.
func (t *tail) setLive() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live = true
	t.wake()
}

// onInterrupt keeps what ends a reading, or the wait for the next.
func (t *tail) onInterrupt(interrupt context.CancelFunc) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.interrupt = interrupt
}

// supersede tells that another run has the container's name by now. What is open
// may be the log of that one, so it is opened anew.
func (t *tail) supersede() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.superseded {
		t.superseded = true
		t.interrupt()
	}
}
