package evidence

import (
	"context"
	"log/slog"
	"time"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/tunnel"
	"github.com/waylight/waylight/mesh"
)

const (
	// forbiddenFor is how long a namespace whose pods may not be reached is left
	// alone: one request a minute is what it costs to notice a new right.
	forbiddenFor = time.Minute
	// staleFor is how long what a proxy said stands while it does not answer.
	staleFor = 5 * time.Minute
)

// tour reads the same targets round after round, one at a time.
type tour struct {
	sweep *Sweep
	sink  collectors.Sink
	find  func(*mesh.Snapshot) []target
	log   *slog.Logger
	// reported are the targets whose source has a state, by its name; read is
	// when a target was read last, and gives way with its evidence.
	reported map[string]target
	read     map[target]time.Time
	// barred is until when a namespace is left alone.
	barred map[string]time.Time
	// hurry delivers when all targets shall be read at once, and hurried says
	// that it did; nil is for never.
	hurry   <-chan struct{}
	hurried bool
	compare Comparer
}

func newTour(s *Sweep, sink collectors.Sink, find func(*mesh.Snapshot) []target, hurry <-chan struct{}) *tour {
	t := &tour{
		sweep: s, sink: sink, find: find, log: s.Log, hurry: hurry,
		compare:  &oneAtATime{by: orNotCompared(s.Compare)},
		reported: make(map[string]target), read: make(map[target]time.Time), barred: make(map[string]time.Time),
	}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	return t
}

func (t *tour) run(ctx context.Context) {
	for {
		wait := lookFor
		if snap := t.sweep.Snapshot(); snap != nil && readable(snap) {
			t.round(ctx, snap)
			wait = lookAgain
		}
		if !t.hurried && !t.pause(ctx, wait) {
			return
		}
	}
}

// readable tells whether it is known which pods there are.
func readable(snap *mesh.Snapshot) bool {
	return snap.Sources.Kind(mesh.ResourcePods).State.Readable()
}

// round reads every target once, or until there is a hurry. Which ones there
// are is as it was when the round began.
func (t *tour) round(ctx context.Context, snap *mesh.Snapshot) {
	targets := t.find(snap)
	t.announce(targets)
	if t.hurried {
		t.hurried = false
		t.hurriedRound(ctx, targets)
		return
	}
	for _, of := range targets {
		before := t.sweep.Spent()
		t.visit(ctx, of)
		if !t.pause(ctx, t.sweep.rest(before)) || t.hurried {
			return
		}
	}
}

// announce gives each new target a state, and takes back what those said that
// are gone.
func (t *tour) announce(targets []target) {
	present := make(map[string]bool, len(targets))
	for _, of := range targets {
		name := of.source()
		present[name] = true
		if _, known := t.reported[name]; !known {
			t.sink.Report(mesh.SourceStatus{Name: name, State: mesh.SourceStarting, Detail: "It was not read yet."})
		}
		if last := t.reported[name]; last != of {
			delete(t.read, last) // another pod in its place
			t.reported[name] = of
		}
	}
	for name, of := range t.reported {
		if !present[name] {
			t.drop(of)
			delete(t.reported, name)
			t.sink.Report(mesh.SourceStatus{Name: name, State: mesh.SourceAbsent, Detail: "There is no Ready pod to read any more."})
		}
	}
}

// drop takes back what a target said.
func (t *tour) drop(of target) {
	delete(t.read, of)
	t.sink.Apply(nil, []mesh.Ref{of.evidence()})
}

// visit reads one target, and says how that went.
func (t *tour) visit(ctx context.Context, of target) {
	if time.Now().Before(t.barred[of.pod.Namespace]) {
		t.forbid(of)
		return
	}
	t.settle(ctx, t.look(ctx, of))
}

// look reads one target. It may be called for many at once.
func (t *tour) look(ctx context.Context, of target) reading {
	examine := examination{from: t.sweep.Reader, compare: t.compare, snapshot: t.sweep.Snapshot}
	object, status, err := examine.read(ctx, of)
	return reading{of, object, status, err}
}

// settle says how reading a target went.
func (t *tour) settle(ctx context.Context, r reading) {
	switch {
	case ctx.Err() != nil:
	case r.err == nil:
		delete(t.barred, r.of.pod.Namespace)
		t.read[r.of] = time.Now()
		t.sink.Apply([]mesh.Object{r.object}, nil)
		t.sink.Report(r.status)
	default:
		t.fail(r.of, r.err)
	}
}

// fail says why a target was not read. What it said before stands for a while,
// unless it is another pod by now.
func (t *tour) fail(of target, err error) {
	reason := reasonOf(err) // empty where the answer is what is wrong
	last, has := t.read[of]
	switch {
	case reason == tunnel.Forbidden:
		if _, known := t.barred[of.pod.Namespace]; !known {
			t.log.Warn("Proxies cannot be read", "missing_right", err.Error(), "again_in", forbiddenFor)
		}
		t.barred[of.pod.Namespace] = time.Now().Add(forbiddenFor)
		t.forbid(of)
	case has && time.Since(last) < staleFor && reason != tunnel.NoPod:
		t.sink.Report(mesh.SourceStatus{Name: of.source(), State: mesh.SourceStale, Detail: sentence(err.Error())})
	default:
		t.drop(of)
		t.sink.Report(mesh.SourceStatus{Name: of.source(), State: mesh.SourceDown, Detail: sentence(err.Error())})
	}
}

// forbid says that the right is missing to read a target.
func (t *tour) forbid(of target) {
	t.drop(of)
	t.sink.Report(mesh.SourceStatus{Name: of.source(), State: mesh.SourceForbidden, Detail: tunnel.Right(of.pod.Namespace)})
}
