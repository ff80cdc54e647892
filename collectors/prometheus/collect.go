package prometheus

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/waylight/waylight/collectors/traffic"
	"github.com/waylight/waylight/mesh"
)

// asker answers one of the named queries.
type asker interface {
	ask(ctx context.Context, name, promQL string) (*answer, error)
}

// collection is the traffic of the mesh while it is asked for.
type collection struct {
	from   asker
	window time.Duration
	t      *mesh.Traffic
	// partial is set when something is missing that can be done without.
	partial bool
	// twins tells that some proxies are read more than once, and are to be
	// counted once.
	twins bool
}

// collect asks for the traffic within the window up to a moment. The error is
// why there is none; partial tells that something is missing, which the
// warnings name.
func collect(ctx context.Context, from asker, proxies []traffic.Proxy, at time.Time, window time.Duration) (t *mesh.Traffic, partial bool, err error) {
	c := &collection{from: from, window: window, t: &mesh.Traffic{
		Meta: mesh.Meta{Kind: mesh.KindTraffic}, Source: mesh.TrafficFromPrometheus, At: at, Window: window,
	}}
	failures, err := c.proxies(ctx, proxies)
	if err != nil {
		return nil, false, err
	}
	if err := c.flows(ctx, failures); err != nil {
		return nil, false, err
	}
	if err := c.existence(ctx); err != nil {
		return nil, false, err
	}
	slices.Sort(c.t.Warnings)
	c.t.Warnings = slices.Compact(c.t.Warnings)
	return c.t, c.partial, nil
}

// existence looks whether waypoints' requests are there at all.
func (c *collection) existence(ctx context.Context) error {
	a, err := c.from.ask(ctx, "any requests of waypoints", AnyWaypointRequests)
	if err != nil {
		return err
	}
	c.note("any requests of waypoints", a)
	c.t.NoRequestsAtAll = len(a.samples) == 0
	return nil
}

// flows asks for what went from whom to whom.
func (c *collection) flows(ctx context.Context, failures bool) error {
	sum := traffic.NewSum()
	for _, q := range flowQueries {
		a, err := c.from.ask(ctx, q.name, c.query(q.promQL, q.labels))
		if err != nil {
			if !q.spare || ctx.Err() != nil {
				return err
			}
			c.without(q.name, err)
			continue
		}
		c.note(q.name, a)
		if q.series == traffic.LatencyBucket && a.dropped > 0 {
			continue // a histogram with bounds missing would be a wrong one
		}
		failures = failures || q.series == traffic.Failed && len(a.samples) > 0
		for _, one := range a.samples {
			sum.Add(q.series, one.labels, one.value, traffic.Of{Window: c.window.Seconds(), CountsFailures: failures})
		}
		c.t.Dropped += a.dropped
	}
	sum.Into(c.t)
	c.partial = c.partial || c.t.Dropped > 0
	return nil
}

// query writes a query for the window. Where proxies are read more than once,
// each is counted once.
func (c *collection) query(promQL, labels string) string {
	if c.twins {
		promQL = once(promQL, labels)
	}
	return over(promQL, c.window)
}

// findTwins looks for proxies that are read more than once, and says so: what
// people ask Prometheus themselves counts them so often.
func (c *collection) findTwins(ctx context.Context) error {
	a, err := c.part(ctx, "proxies that are read twice", Twins, "")
	if err != nil || a == nil {
		return err
	}
	var twins []string
	for _, s := range a.samples {
		if of := podOf(s); of != (pod{}) {
			twins = append(twins, of.namespace+"/"+of.name)
		}
	}
	if c.twins = len(twins) > 0; c.twins {
		which := slices.Min(twins)
		if n := len(twins) - 1; n > 0 {
			which += fmt.Sprintf(" and %d more", n)
		}
		c.t.Warnings = append(c.t.Warnings, fmt.Sprintf("Prometheus reads %s more than once: two jobs scrape the same pod, or two servers answer as one. "+
			"Counted is each pod once, but charts and queries of single services count it as often as it is read.", plain(which)))
	}
	return nil
}

// without notes that a part is missing.
func (c *collection) without(name string, err error) {
	c.partial = true
	c.t.Warnings = append(c.t.Warnings, fmt.Sprintf("Of %s nothing is known: %s", name, err))
}

// note keeps what was said beside the numbers, and that some of them were too
// many.
func (c *collection) note(name string, a *answer) {
	c.partial = c.partial || len(a.warnings) > 0 || a.dropped > 0
	c.t.Warnings = append(c.t.Warnings, a.warnings...)
	if a.dropped > 0 {
		c.t.Warnings = append(c.t.Warnings, fmt.Sprintf("Of %s not all is known: there are %d series more than are kept.", name, a.dropped))
	}
}

// proxyQuery is a query by pod, and the number of a proxy that it tells.
type proxyQuery struct {
	name, promQL string
	number       func(t *mesh.ProxyTraffic) *float64
}

var proxyQueries = []proxyQuery{
	{"connections by proxy", ProxyOpened, func(t *mesh.ProxyTraffic) *float64 { return &t.Opened }},
	{"failures by proxy", ProxyFailed, func(t *mesh.ProxyTraffic) *float64 { return &t.Failed }},
	{"open sockets", ProxySockets, func(t *mesh.ProxyTraffic) *float64 { return &t.SocketsOpen }},
	{"connections of Envoys", ProxyConnections, func(t *mesh.ProxyTraffic) *float64 { return &t.Connections }},
	{"names not resolved", ProxyDNSFailures, func(t *mesh.ProxyTraffic) *float64 { return &t.DNSFailures }},
	{"requests by proxy", ProxyRequests, func(t *mesh.ProxyTraffic) *float64 { return &t.Requests }},
	{"processor time", ProxyCPU, func(t *mesh.ProxyTraffic) *float64 { return &t.CPU }},
	{"memory", ProxyMemory, func(t *mesh.ProxyTraffic) *float64 { return &t.Memory }},
}

// notScraped is why a proxy is unread, and unnamed why all of them are.
const (
	notScraped = "Prometheus has no two readings of it within the window."
	unnamed    = "Prometheus names no proxy by the labels namespace and pod."
)

// proxies asks for the counters of single proxies. It answers whether any
// ztunnel counts failures.
func (c *collection) proxies(ctx context.Context, list []traffic.Proxy) (failures bool, err error) {
	a, err := c.from.ask(ctx, "scrapes", over(Scrapes, c.window))
	if err != nil {
		return false, err
	}
	c.note("scrapes", a)
	known, named := c.known(list, a)
	if err := c.findTwins(ctx); err != nil {
		return false, err
	}
	for _, q := range proxyQueries {
		a, err := c.part(ctx, q.name, q.promQL, podLabels)
		if err != nil {
			return false, err
		}
		failures = failures || q.promQL == ProxySockets && a != nil && len(a.samples) > 0
		put(known, a, q.number)
	}
	if err := c.linksAndRestarts(ctx, known); err != nil {
		return false, err
	}
	c.list(list, known, named)
	return failures, nil
}

// part asks for what the rest is worth something without: then the answer is
// nil. The error is that of ctx.
func (c *collection) part(ctx context.Context, name, promQL, labels string) (*answer, error) {
	a, err := c.from.ask(ctx, name, c.query(promQL, labels))
	switch {
	case err == nil:
		c.note(name, a)
		return a, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	c.without(name, err)
	return nil, nil
}

// put writes a number of each proxy; without an answer it is unknown.
func put(known map[pod]*mesh.ProxyTraffic, a *answer, number func(*mesh.ProxyTraffic) *float64) {
	if a == nil {
		for _, t := range known {
			*number(t) = -1
		}
		return
	}
	for _, s := range a.samples {
		if t := known[podOf(s)]; t != nil {
			*number(t) = s.value
		}
	}
}

// linksAndRestarts asks for what is no single number of a proxy.
func (c *collection) linksAndRestarts(ctx context.Context, known map[pod]*mesh.ProxyTraffic) error {
	lost, err := c.part(ctx, "lost links to istiod", ProxyTerminations, reasonLabels)
	if err != nil {
		return err
	}
	restarts, err := c.part(ctx, "restarts", ProxyRestarts, "")
	if err != nil {
		return err
	}
	if lost == nil {
		for _, t := range known {
			t.XDSTerminations = nil
		}
	}
	for _, s := range samplesOf(lost) {
		if t := known[podOf(s)]; t != nil && t.XDSTerminations != nil && s.value > 0 {
			t.XDSTerminations[s.labels.Get("reason")] += s.value
		}
	}
	for _, s := range samplesOf(restarts) {
		if t := known[podOf(s)]; t != nil {
			t.Restarted = true
		}
	}
	return nil
}

func samplesOf(a *answer) []sample {
	if a == nil {
		return nil
	}
	return a.samples
}

// pod is how series name one.
type pod struct{ namespace, name string }

func podOf(s sample) pod { return pod{s.labels.Get("namespace"), s.labels.Get("pod")} }

// known are the proxies that were scraped at least twice. Named tells that
// Prometheus names any pod at all.
func (c *collection) known(list []traffic.Proxy, scrapes *answer) (known map[pod]*mesh.ProxyTraffic, named bool) {
	times := make(map[pod]int)
	for _, s := range scrapes.samples {
		times[podOf(s)] = int(s.value)
		named = named || podOf(s) != pod{}
	}
	known = make(map[pod]*mesh.ProxyTraffic)
	for _, p := range list {
		of := pod{p.Pod.Namespace, p.Pod.Name}
		if times[of] >= 2 {
			t := traffic.Silent(p)
			t.Scrapes, t.Window = times[of], c.window
			known[of] = &t
		}
	}
	return known, named
}

// list puts the proxies into the traffic: those that are known, and the others
// with the reason.
func (c *collection) list(list []traffic.Proxy, known map[pod]*mesh.ProxyTraffic, named bool) {
	reason := notScraped
	if !named {
		reason = unnamed
	}
	for _, p := range list {
		if t := known[pod{p.Pod.Namespace, p.Pod.Name}]; t != nil {
			c.t.Proxies = append(c.t.Proxies, *t)
			continue
		}
		c.t.Unread = append(c.t.Unread, mesh.TrafficGap{Proxy: p.Pod, Reason: reason})
	}
	slices.SortFunc(c.t.Proxies, func(a, b mesh.ProxyTraffic) int { return a.Pod.Compare(b.Pod) })
}
