package prometheus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/traffic"
	"github.com/waylight/waylight/mesh"
)

// SourceName is the name of Prometheus as a source.
const SourceName = "prometheus"

// Pace of queries, beside Options.Every.
const (
	// longestWait is how long is waited at most after failures.
	longestWait = time.Minute
	// lookFor is how often it is looked whether Services are known yet.
	lookFor = time.Second
)

// Options say which Prometheus to ask, and how.
type Options struct {
	// Endpoint is the one to ask; where it has no address, Services of
	// well-known names are tried, each reached by Reach.
	Endpoint Endpoint
	Reach    func(Service) (Endpoint, error)
	// ExternalURL is where people open it in a browser; empty if unknown.
	ExternalURL string
	// Window is over how long traffic is counted, and Every how often.
	Window, Every time.Duration
	// Timeout bounds one query; zero is a quarter of a minute.
	Timeout time.Duration
	// Snapshot is the newest snapshot, nil before the first.
	Snapshot func() *mesh.Snapshot
	// Take gets the traffic that was counted, and nil when it is no longer
	// known.
	Take func(*mesh.Traffic)
	// Observe is told of each query; nil for nobody.
	Observe func(query string, took time.Duration, err error)
	Now     func() time.Time
	Log     *slog.Logger
}

// Source asks a Prometheus again and again for the traffic of the mesh, and for
// charts when somebody looks. It implements collectors.Source.
type Source struct {
	opts Options

	mu     sync.Mutex
	client *client // nil until one has answered
	charts chartCache
}

var _ collectors.Source = (*Source)(nil)

// New makes a source, which asks nothing before Run.
func New(o Options) *Source {
	if o.Observe == nil {
		o.Observe = func(string, time.Duration, error) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Timeout = cmp.Or(o.Timeout, queryTimeout)
	return &Source{opts: o, charts: newChartCache(o.Now)}
}

// Run implements collectors.Source.
func (s *Source) Run(ctx context.Context, sink collectors.Sink) error {
	failures := 0
	report(sink, mesh.SourceStarting, "It was not asked yet.", time.Time{})
	for {
		wait := lookFor
		if snap := s.opts.Snapshot(); servicesRead(snap) {
			err := s.round(ctx, snap, sink)
			switch {
			case err == nil, errors.Is(err, errNone): // to look for one costs nothing
				failures, wait = 0, s.opts.Every
			default:
				failures++
				wait = max(s.opts.Every, min(s.opts.Every<<min(failures-1, 8), longestWait))
			}
		}
		if !collectors.Sleep(ctx, wait) {
			return nil
		}
	}
}

// servicesRead tells that it was tried to read the Services: which Prometheus
// there is, and whom its numbers are about, is not known before.
func servicesRead(snap *mesh.Snapshot) bool {
	if snap == nil {
		return false
	}
	for _, name := range []string{mesh.KubernetesSource + "/" + mesh.ResourceServices, mesh.KubernetesSource} {
		if st, reported := snap.Sources.Find(name); reported {
			return st.State != mesh.SourceStarting
		}
	}
	return false
}

// round asks once for the traffic, and says how that went.
func (s *Source) round(ctx context.Context, snap *mesh.Snapshot, sink collectors.Sink) error {
	c, err := s.choose(ctx, snap)
	var t *mesh.Traffic
	var partial bool
	at := s.opts.Now().UTC()
	if err == nil {
		t, partial, err = collect(ctx, observed{c, at, s.opts.Observe}, traffic.Proxies(snap), at, s.opts.Window)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errNone):
		s.opts.Take(nil)
		report(sink, mesh.SourceAbsent, sentenceOf(err), time.Time{})
		return err
	case err != nil:
		s.fail(err, sink)
		return err
	}
	s.opts.Take(t)
	state := mesh.SourceOK
	if partial {
		state = mesh.SourcePartial
	}
	report(sink, state, strings.Join(append([]string{"At " + c.to.Name + "."}, t.Warnings...), " "), at)
	return nil
}

// fail says why Prometheus did not answer. Where it was looked for, it is looked
// for again.
func (s *Source) fail(err error, sink collectors.Sink) {
	state, detail := mesh.SourceDown, sentenceOf(err)
	if f, ok := errors.AsType[*Failure](err); ok && f.Forbidden {
		state = mesh.SourceForbidden
	}
	if s.opts.Endpoint.Address == "" {
		s.mu.Lock()
		s.client = nil
		s.mu.Unlock()
	}
	s.opts.Take(nil)
	s.opts.Log.Debug("Prometheus does not answer", "error", detail)
	report(sink, state, detail, time.Time{})
}

// errNone says that no Prometheus was found.
var errNone = errors.New("no Service of a well-known name is there, such as prometheus in istio-system or monitoring; --prometheus names one")

// choose finds the Prometheus to ask: the one that was named, the one that
// answered last, else the first found that has metrics of the mesh, else the
// first that answers.
func (s *Source) choose(ctx context.Context, snap *mesh.Snapshot) (*client, error) {
	s.mu.Lock()
	chosen := s.client
	s.mu.Unlock()
	if chosen != nil {
		return chosen, nil
	}
	if s.opts.Endpoint.Address != "" {
		c, err := newClient(s.opts.Endpoint, s.opts.Timeout)
		return s.chosen(c), err
	}
	var second *client
	err := errNone
	for _, svc := range Find(snap) {
		to, reachErr := s.opts.Reach(svc)
		if reachErr != nil {
			err = reachErr
			continue
		}
		c, clientErr := newClient(to, s.opts.Timeout)
		if clientErr != nil {
			err = clientErr
			continue
		}
		a, askErr := observed{c, s.opts.Now().UTC(), s.opts.Observe}.ask(ctx, "any connections", AnyConnections)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case askErr != nil:
			err = askErr
		case len(a.samples) > 0:
			return s.chosen(c), nil
		case second == nil:
			second = c
		}
	}
	if second != nil {
		return s.chosen(second), nil
	}
	return nil, err
}

func (s *Source) chosen(c *client) *client {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.client = c
	return c
}

// observed asks at one moment, so that all numbers are of the same, and tells of
// each query.
type observed struct {
	*client
	at      time.Time
	observe func(query string, took time.Duration, err error)
}

// ask implements asker.
func (o observed) ask(ctx context.Context, name, promQL string) (*answer, error) {
	began := time.Now()
	a, err := o.instant(ctx, promQL, o.at)
	o.observe(name, time.Since(began), err)
	return a, err
}

// report says how far Prometheus can be relied on.
func report(sink collectors.Sink, state mesh.SourceState, detail string, asOf time.Time) {
	sink.Report(mesh.SourceStatus{Name: SourceName, State: state, Detail: detail, AsOf: asOf})
}

// sentenceOf makes an error's text a sentence. A missing right stays as it is.
func sentenceOf(err error) string {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.Detail
	}
	text := plain(err.Error())
	return fmt.Sprintf("%s.", strings.ToUpper(text[:1])+strings.TrimSuffix(text[1:], "."))
}

// PromQL is what a browser can be led to: the query on the page of Prometheus
// itself; empty where that has no known address.
func (s *Source) link(promQL string) string { return openAt(s.opts.ExternalURL, promQL) }
