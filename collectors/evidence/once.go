package evidence

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/tunnel"
	"github.com/waylight/waylight/mesh"
)

// Why a target was not read in a round that had too little time.
const (
	noAnswer = "It had not answered when the time for reading proxies was over."
	noTurn   = "Its turn had not come when the time for reading proxies was over."
)

// Round says how every proxy is read a single time.
type Round struct {
	// Rank orders proxies of a kind by when to read them, the least first; nil
	// for any order.
	Rank func(pod mesh.Ref) int
	// Tell is told how many of all were read or tried so far, by one goroutine at
	// a time; nil for nobody.
	Tell func(done, all int)
}

// Once reads every ztunnel, waypoint and istiod a single time, many at once,
// for who judges a mesh once. It returns when that is done or ctx ends; what was
// not read by then has a state that says so. Where the first proxy of a
// namespace may not be reached the others in it are not tried.
func (s *Sweep) Once(ctx context.Context, sink collectors.Sink, r Round) {
	snap := s.Snapshot()
	if snap == nil || !readable(snap) {
		return
	}
	compare := &oneAtATime{by: orNotCompared(s.Compare)}
	var rounds []*onceOver
	all := 0
	for _, find := range []func(*mesh.Snapshot) []target{istiodsOf, waypointsOf, ztunnelsOf} {
		o := &onceOver{tour: newTour(s, sink, find, nil), targets: r.sort(find(snap)), refused: make(map[string]error)}
		o.compare = compare
		o.announce(o.targets)
		all += len(o.targets)
		rounds = append(rounds, o)
	}
	tell := counted(all, r.Tell)
	var running sync.WaitGroup
	for _, o := range rounds {
		running.Go(func() { o.run(ctx, tell) })
	}
	running.Wait()
}

// sort puts targets in the order in which they are read.
func (r Round) sort(list []target) []target {
	if r.Rank != nil {
		slices.SortStableFunc(list, func(a, b target) int { return cmp.Compare(r.Rank(a.pod), r.Rank(b.pod)) })
	}
	return list
}

// counted makes a function that tells of one more.
func counted(all int, tell func(done, all int)) func() {
	if tell == nil {
		return func() {}
	}
	tell(0, all)
	var mu sync.Mutex
	done := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		done++
		tell(done, all)
	}
}

func waypointsOf(snap *mesh.Snapshot) []target { return ofKind(proxiesOf(snap), kindEnvoy) }

func ztunnelsOf(snap *mesh.Snapshot) []target { return ofKind(proxiesOf(snap), kindZtunnel) }

func ofKind(list []target, kind string) []target {
	return slices.DeleteFunc(list, func(t target) bool { return t.kind != kind })
}

// onceOver is a tour of a single round.
type onceOver struct {
	*tour
	targets []target

	mu      sync.Mutex
	refused map[string]error // the first refusal in a namespace
}

func (o *onceOver) run(ctx context.Context, tell func()) {
	came := make(chan reading)
	go o.lookAtAll(ctx, o.targets, came, o.lookOnce)
	for r := range came {
		o.conclude(ctx, r)
		tell()
	}
}

// errNoTurn says that a target was not asked.
var errNoTurn = errors.New("there was no time left")

// lookOnce reads a target, unless there is no time or no right for it.
func (o *onceOver) lookOnce(ctx context.Context, of target) reading {
	if ctx.Err() != nil {
		return reading{of: of, err: errNoTurn}
	}
	if err := o.refusal(of); err != nil {
		return reading{of: of, err: err}
	}
	r := o.look(ctx, of)
	if reasonOf(r.err) == tunnel.Forbidden {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.refused[of.pod.Namespace] = r.err
	}
	return r
}

func (o *onceOver) refusal(of target) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.refused[of.pod.Namespace]
}

// conclude says how reading a target went. Whatever else failed when the time
// was over failed for that.
func (o *onceOver) conclude(ctx context.Context, r reading) {
	why := noAnswer
	switch {
	case r.err == nil, ctx.Err() == nil, reasonOf(r.err) == tunnel.Forbidden:
		o.settle(context.WithoutCancel(ctx), r)
		return
	case errors.Is(r.err, errNoTurn):
		why = noTurn
	}
	o.sink.Report(mesh.SourceStatus{Name: r.of.source(), State: mesh.SourceDown, Detail: why})
}

// reasonOf is why there was no answer; empty where there was one.
func reasonOf(err error) tunnel.Reason {
	if unanswered, ok := errors.AsType[*tunnel.Error](err); ok {
		return unanswered.Reason
	}
	return ""
}
