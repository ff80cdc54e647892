package podlog

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/waylight/waylight/mesh"
)

// pump reads a log until it has ended or ctx does, however often it has to be
// opened for that.
func (t *tail) pump(ctx context.Context) {
	defer close(t.done)
	for tries := 0; ctx.Err() == nil; tries++ {
		r := t.read(ctx)
		if ctx.Err() != nil {
			return
		}
		if r.progress || r.lasted > steady {
			tries = 0
		}
		wait, over := t.judge(r, tries)
		if over {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// judge decides what becomes of a tail after a reading: a wait before the next,
// or its end.
func (t *tail) judge(r *reading, tries int) (wait time.Duration, over bool) {
	failure, final := failureOf(r.err)
	switch {
	case final && failure.Phase == mesh.LogForbidden && t.mode.follow:
		t.setPhase(mesh.LogForbidden, failure.Detail, time.Time{})
		// An API server that has just started knows no rights for a moment.
		return min(time.Second<<min(tries, 16), forbiddenRetry), false
	case final:
		t.end(failure)
		return 0, true
	case r.torn:
		t.setPhase(mesh.LogReconnecting, r.reason(), time.Now().Add(tornRetry))
		return tornRetry, false
	case r.complete:
		t.setPhase(mesh.LogEnded, "", time.Time{})
		return 0, true
	case !t.mode.follow && tries >= onceRetries:
		t.setPhase(mesh.LogEnded, r.reason(), time.Time{})
		return 0, true
	case r.over && r.ended(): // it is only made sure of
		return minRetry, false
	}
	wait = backoff(tries)
	t.setPhase(mesh.LogReconnecting, r.reason(), time.Now().Add(wait))
	return wait, false
}

// backoff is how long to wait before a try, spread so that containers do not
// come back all at once.
func backoff(tries int) time.Duration {
	wait := min(minRetry<<min(tries, 16), maxRetry)
	return wait*4/5 + rand.N(wait*2/5) //nolint:gosec // it spreads load, and is no secret
}

// end ends a tail that will not be read any more.
func (t *tail) end(f *Failure) {
	if f.Lost {
		t.addGap(mesh.LogGap{Oldest: t.had.last.at, Newest: t.had.last.at, Dropped: -1, Reason: mesh.GapRemoved})
	}
	t.setPhase(f.Phase, f.Detail, time.Time{})
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	t.wake()
}

// request is what to ask for: everything since the last line that was had.
func (t *tail) request() Request {
	req := Request{Target: *t.target, Follow: t.mode.follow, Since: t.had.from()}
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
