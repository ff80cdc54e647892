package server

import (
	"context"
	"sync"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

const (
	// denialsLinger is how long the proxies are followed after the last look at
	// what failed. An open page looks again with each snapshot.
	denialsLinger = 2 * time.Minute
	// denialsNews is how often open pages are told at most that calls failed.
	denialsNews = 2 * time.Second
	// denialsTick is how often a quiet stream is left to look at the clock and
	// for a newer snapshot.
	denialsTick = time.Second
	// denialsRetry is how long a stream that was refused or broke is let be.
	denialsRetry = 5 * time.Second
	// denialsPatience is how long the first to ask waits for lines that were
	// written already.
	denialsPatience = 1500 * time.Millisecond
)

// denials reads from the logs of the proxies of one world which calls fail, as
// long as somebody looks: nobody's logs are followed for nothing.
type denials struct {
	logs    func() Logs // nil answer: not wired
	report  func() *analysis.Report
	now     func() time.Time
	news    *announcer // tells open pages, with the number of the news
	closing <-chan struct{}

	mu    sync.Mutex
	asked time.Time
	run   *denialsRun
}

// denialsRun is one time of following; its fields are guarded by denials.mu.
type denialsRun struct {
	feed *logline.Feed
	// started is when it began, recorded of which moment it is, zero for a live
	// cluster.
	started  time.Time
	recorded time.Time
	snapshot uint64 // revision
	chosen   proxyChoice
	phases   map[string]*mesh.LogState // by container
	missed   int                       // lines, -1 where nobody can know
	problem  string
	// ready is closed when what was written already has been read.
	ready   chan struct{}
	once    sync.Once
	changed bool // since the last news
	told    time.Time
}

// look says what fails, and has the proxies followed from now on. With wait it
// takes its time for what was written already.
func (d *denials) look(ctx context.Context, wait bool) views.Denials {
	report := d.report()
	run := d.ensure(report.Snap)
	if run == nil {
		return views.Denials{State: views.DenialsUnwired, Window: logline.DefaultWindow}
	}
	if wait || !run.recorded.IsZero() {
		patience, cancel := context.WithTimeout(ctx, denialsPatience)
		defer cancel()
		select {
		case <-run.ready:
		case <-patience.Done():
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	out := run.state(d.now())
	out.Unlogged = views.Unlogged(report)
	return out
}

// ensure notes that somebody looks, and starts to follow if nobody did.
func (d *denials) ensure(snap *mesh.Snapshot) *denialsRun {
	logs := d.logs()
	if logs == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = d.now()
	// A recording is read once, and stands still.
	if d.run != nil && (d.run.recorded.IsZero() || d.run.snapshot == snap.Revision) {
		return d.run
	}
	run := newDenialsRun(snap, d.now())
	d.run = run
	if run.recorded.IsZero() {
		go d.follow(logs, run)
	} else {
		go d.replay(logs, run, snap)
	}
	return run
}

func newDenialsRun(snap *mesh.Snapshot, now time.Time) *denialsRun {
	run := &denialsRun{
		feed: logline.NewFeed(0), started: now, snapshot: snap.Revision, chosen: chooseProxies(snap),
		phases: make(map[string]*mesh.LogState), ready: make(chan struct{}),
	}
	if origin := snap.Cluster.Origin; origin == mesh.OriginRecorded || origin == mesh.OriginDemo {
		run.recorded = snap.At
	}
	return run
}

// replay reads the logs of a recording, back from its moment.
func (d *denials) replay(logs Logs, run *denialsRun, snap *mesh.Snapshot) {
	defer run.begun()
	ctx, cancel := d.context()
	defer cancel()
	stream, err := logs.Follow(mesh.LogFollow{Targets: run.chosen.targets, Since: snap.At.Add(-logline.DefaultWindow), Once: true})
	if err != nil {
		d.refused(run, err)
		return
	}
	defer stream.Close()
	for {
		events, err := stream.Next(ctx)
		if over := d.take(run, snap, snap.At, events); over || err != nil {
			break
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	run.feed.Settle()
}

// follow reads on until nobody looks any more.
func (d *denials) follow(logs Logs, run *denialsRun) {
	defer d.stop(run)
	ctx, cancel := d.context()
	defer cancel()
	for d.wanted(ctx) {
		stream, err := logs.Follow(mesh.LogFollow{Targets: d.chosen(run), Since: d.now().Add(-logline.DefaultWindow)})
		if err == nil {
			err = d.listen(ctx, stream, run)
			stream.Close()
		}
		if err == nil {
			return
		}
		d.refused(run, err)
		run.begun()
		pause(ctx, denialsRetry)
		d.again(run)
	}
}

// listen takes what comes over a stream. It returns nil when nobody looks any
// more.
func (d *denials) listen(ctx context.Context, stream LogStream, run *denialsRun) error {
	for d.wanted(ctx) {
		tick, cancel := context.WithTimeout(ctx, denialsTick)
		events, err := stream.Next(tick)
		quiet := tick.Err() != nil
		cancel()
		snap := d.report().Snap
		over := d.take(run, snap, d.now(), events)
		switch {
		case err != nil && !quiet:
			return err
		case over:
			return errStreamEnded
		}
		run.begun()
		d.retarget(stream, run, snap)
		d.tell(run)
	}
	return nil
}

// context ends with the server.
func (d *denials) context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		select {
		case <-d.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// wanted tells whether somebody looked lately.
func (d *denials) wanted(ctx context.Context) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return ctx.Err() == nil && d.now().Sub(d.asked) < denialsLinger
}

// stop makes room for another run.
func (d *denials) stop(run *denialsRun) {
	run.begun()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.run == run {
		d.run = nil
	}
}

// begun says that what was written already has been read.
func (r *denialsRun) begun() { r.once.Do(func() { close(r.ready) }) }

func pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// newDenials reads what fails in a world.
func (s *Server) newDenials(w *world) *denials {
	return &denials{
		logs: func() Logs { return s.logs(w.name) }, report: w.report.Load,
		now: s.now, news: newAnnouncer(), closing: s.closing,
	}
}
