package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/rest"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/evidence"
	"github.com/waylight/waylight/collectors/kube"
	"github.com/waylight/waylight/collectors/prometheus"
	"github.com/waylight/waylight/collectors/traffic"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/server"
)

// What --prometheus says beside a URL.
const (
	prometheusAuto = "auto"
	prometheusNone = "none"
)

// metricsFlags say how traffic is counted.
type metricsFlags struct {
	prometheus string
	tokenFile  string
	caFile     string
	external   string
	headers    []string
	window     time.Duration
	every      time.Duration
}

func addMetricsFlags(flags *pflag.FlagSet, f *metricsFlags) {
	addPrometheusFlags(flags, f)
	flags.StringVar(&f.external, "prometheus-external-url", "", "URL at which people open Prometheus in a browser, for links to queries")
	flags.DurationVar(&f.every, "rates-every", defaultEvery, "how often traffic is counted anew, by queries or by reading proxies")
}

// addPrometheusFlags adds which Prometheus is asked, and about how long, for
// commands that ask it once too.
func addPrometheusFlags(flags *pflag.FlagSet, f *metricsFlags) {
	flags.StringVar(&f.prometheus, "prometheus", prometheusAuto, "URL of a Prometheus (or Thanos, Mimir) to ask for rates; auto looks for one in the cluster, none asks none")
	flags.StringVar(&f.tokenFile, "prometheus-token-file", "", "file with a bearer token for Prometheus, read anew for each query")
	flags.StringVar(&f.caFile, "prometheus-ca-file", "", "file with certificates to trust for Prometheus, beside those of the system")
	flags.StringArrayVar(&f.headers, "prometheus-header", nil, `header for every query, as "X-Scope-OrgID: tenant" (repeatable)`)
	flags.DurationVar(&f.window, "window", defaultWindow, "how far back traffic is counted for rates, splits and checks")
}

// Bounds of --window and --rates-every.
const (
	defaultWindow  = 5 * time.Minute
	shortestWindow = time.Minute
	longestWindow  = 24 * time.Hour
	defaultEvery   = 30 * time.Second
	shortestEvery  = 5 * time.Second
)

// pace refuses times that nothing can be counted over: it takes two readings
// within the window.
func (f *metricsFlags) pace() error {
	if f.window < shortestWindow || f.window > longestWindow {
		return fmt.Errorf("--window %s is not between %s and %s", f.window, shortestWindow, longestWindow)
	}
	if f.every < shortestEvery || f.every > f.window/2 {
		return fmt.Errorf("--rates-every %s is not between %s and half of --window %s", f.every, shortestEvery, f.window)
	}
	return nil
}

// counting counts the traffic of one live mesh, and draws charts of it. A nil
// one does neither.
type counting struct {
	// source and scraper are nil where no Prometheus is asked, or no proxies
	// are read.
	source  *prometheus.Source
	scraper *traffic.Scraper
	choice  *traffic.Choice
	snap    atomic.Pointer[mesh.Snapshot]
	observe func(query string, took time.Duration, err error)
}

// liveCounting counts the traffic of the cluster that cfg leads to. Without
// proxies only a Prometheus counts.
func (f *sourceFlags) liveCounting(cfg *rest.Config, p *proxies, log *slog.Logger) (*counting, error) {
	if err := f.metrics.pace(); err != nil {
		return nil, err
	}
	c := newCounting()
	if p != nil {
		live := evidence.NewLive(p.pool, time.Now)
		c.scraper = &traffic.Scraper{
			Reader: live, Spent: live.Spent, Rate: f.sweepRate.Value(), Window: f.metrics.window, Every: f.metrics.every,
			Snapshot: c.snap.Load, Needed: c.choice.NeedsScrapes, Take: c.choice.Scrapes, Now: time.Now,
		}
	}
	if f.metrics.prometheus == prometheusNone {
		return c, nil
	}
	options, err := f.metrics.options(cfg)
	if err != nil {
		return nil, err
	}
	options.Log = log
	c.ask(options)
	return c, nil
}

func newCounting() *counting {
	return &counting{choice: &traffic.Choice{Now: time.Now}, observe: func(string, time.Duration, error) {}}
}

// ask has a Prometheus count.
func (c *counting) ask(o prometheus.Options) {
	o.Snapshot, o.Take = c.snap.Load, c.choice.Prometheus
	o.Observe = func(query string, took time.Duration, err error) { c.observe(query, took, err) }
	c.source = prometheus.New(o)
}

// options say which Prometheus to ask, and how.
func (f *metricsFlags) options(cfg *rest.Config) (prometheus.Options, error) {
	access := prometheus.Access{TokenFile: f.tokenFile, CAFile: f.caFile}
	var err error
	if access.Header, err = prometheus.ParseHeaders(f.headers); err != nil {
		return prometheus.Options{}, fmt.Errorf("--prometheus-header %w", err)
	}
	direct, err := access.Transport()
	if err != nil {
		return prometheus.Options{}, fmt.Errorf("--prometheus-ca-file: %w", err)
	}
	if f.external != "" {
		if _, err := webAddress(f.external); err != nil {
			return prometheus.Options{}, fmt.Errorf("--prometheus-external-url %w", err)
		}
	}
	options := prometheus.Options{ExternalURL: f.external, Window: f.window, Every: f.every, Now: time.Now}
	if f.prometheus != prometheusAuto {
		u, err := webAddress(f.prometheus)
		if err != nil {
			return prometheus.Options{}, fmt.Errorf("--prometheus %w", err)
		}
		options.Endpoint = prometheus.Endpoint{Name: u.Redacted(), Address: f.prometheus, Transport: direct}
		return options, nil
	}
	if kube.Inside(cfg) {
		options.Reach = func(s prometheus.Service) (prometheus.Endpoint, error) {
			return prometheus.Endpoint{Name: s.Address(), Address: s.Address(), Transport: direct}, nil
		}
		return options, nil
	}
	proxy, err := kube.NewServiceProxy(cfg, "waylight/"+buildVersion())
	if err != nil {
		return prometheus.Options{}, err
	}
	options.Reach = func(s prometheus.Service) (prometheus.Endpoint, error) {
		return prometheus.Endpoint{
			Name:    s.Address() + ", through the API server",
			Address: proxy.URL(s.Namespace, s.Name, s.Scheme, s.Port).String() + s.Path,
			// A token for Prometheus does not go this way: the API server would
			// take it for its own.
			Transport: access.WithHeader(proxy.Transport()), Proxied: s.Namespace,
		}, nil
	}
	return options, nil
}

// webAddress reads a URL that was given by hand.
func webAddress(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q is no URL of http or https", text)
	}
	return u, nil
}

// observed has queries counted. It is called before run.
func (c *counting) observed(by func(query string, took time.Duration, err error)) {
	if c != nil {
		c.observe = by
	}
}

// run counts until ctx ends.
func (c *counting) run(ctx context.Context, sink collectors.Sink) error {
	if c == nil {
		return nil
	}
	c.choice.Sink = sink
	group, ctx := errgroup.WithContext(ctx)
	if c.scraper != nil {
		group.Go(func() error { return c.scraper.Run(ctx, sink) })
	}
	if c.source != nil {
		group.Go(func() error { return c.source.Run(ctx, sink) })
	}
	return group.Wait()
}

// once counts for a single look: it asks the Prometheus, and where none tells of
// the mesh, watches the proxies' counters if that is wished.
func (c *counting) once(ctx context.Context, sink collectors.Sink, limits *liveFlags) {
	if c == nil {
		return
	}
	c.choice.Sink = sink
	if c.source != nil {
		asking, cancel := context.WithTimeout(ctx, limits.proxyTimeout)
		defer cancel()
		c.source.Once(asking, sink)
	}
	if c.scraper != nil && limits.watch > 0 && c.choice.NeedsScrapes() {
		watching, cancel := context.WithTimeout(ctx, limits.watch+limits.proxyTimeout)
		defer cancel()
		c.scraper.Twice(watching, limits.watch)
	}
}

// see tells which pods and Services there are.
func (c *counting) see(snap *mesh.Snapshot) {
	if c != nil {
		c.snap.Store(snap)
	}
}

// chartsOf finds the charts of a world for the server.
func chartsOf(feeds []feed) func(world string) server.Metrics {
	return func(world string) server.Metrics {
		for _, f := range feeds {
			if f.world == world && f.counting != nil && f.counting.source != nil {
				return drawing{f.counting.source}
			}
		}
		return nil
	}
}

// drawing draws charts as the server asks for them.
type drawing struct{ from *prometheus.Source }

var _ server.Metrics = drawing{}

// Range implements server.Metrics.
func (d drawing) Range(ctx context.Context, wish server.MetricRange) (*server.MetricLines, error) {
	chart, err := d.from.Chart(ctx, string(wish.Chart), wish.Host, wish.From, wish.To)
	switch {
	case errors.Is(err, prometheus.ErrNoChart), errors.Is(err, prometheus.ErrBadPeriod):
		return nil, server.ErrNoSuchChart
	case errors.Is(err, prometheus.ErrNotAsked):
		return nil, server.ErrNoMetrics
	case errors.Is(err, prometheus.ErrTooMany):
		return nil, server.ErrTooManyCharts
	case err != nil:
		return nil, err
	}
	out := &server.MetricLines{
		From: chart.From, To: chart.To, Step: chart.Step, Dropped: chart.Dropped, Warnings: chart.Warnings,
		Query: server.MetricQuery{Name: string(wish.Chart), PromQL: chart.PromQL, URL: chart.Link},
	}
	for _, l := range chart.Lines {
		line := server.MetricLine{Name: l.Name, Points: make([]server.MetricPoint, 0, len(l.Points))}
		for _, p := range l.Points {
			line.Points = append(line.Points, server.MetricPoint(p))
		}
		out.Lines = append(out.Lines, line)
	}
	return out, nil
}

// Queries implements server.Metrics.
func (d drawing) Queries(host string) []server.MetricQuery { return asQueries(d.from.Queries(host)) }

// WaypointQueries implements server.Metrics.
func (d drawing) WaypointQueries() []server.MetricQuery { return asQueries(d.from.WaypointQueries()) }

// ZtunnelQueries implements server.Metrics.
func (d drawing) ZtunnelQueries() []server.MetricQuery { return asQueries(d.from.ZtunnelQueries()) }

func asQueries(list []prometheus.NamedQuery) []server.MetricQuery {
	out := make([]server.MetricQuery, 0, len(list))
	for _, q := range list {
		out = append(out, server.MetricQuery{Name: q.Name, PromQL: q.PromQL, URL: q.Link})
	}
	return out
}
