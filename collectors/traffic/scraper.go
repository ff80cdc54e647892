package traffic

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
)

// Pace and bounds of scrapes, beside Scraper.Every.
const (
	// lookFor is how often it is looked whether there are any proxies yet.
	lookFor = time.Second
	// readFor bounds one reading.
	readFor = 10 * time.Second
	// maxOfKind bounds the ztunnels, and the waypoints, that are followed: each
	// takes up to some megabytes of memory, and of the API server a connection.
	maxOfKind = 100
	// oldAfter is after how many windows without a reading a proxy counts as
	// unread.
	oldAfter = 2
)

// Scraper reads the counters of all proxies of a live cluster in turn, for want
// of a Prometheus. It implements collectors.Source.
type Scraper struct {
	Reader ScrapeReader
	// Spent is how many bytes were read so far, Rate how many a second may be
	// on average, zero for any number.
	Spent func() int64
	Rate  int64
	// Window is over how long traffic is counted. Every is how long a round over
	// all proxies of a kind takes at least, and how often the result is handed
	// on.
	Window, Every time.Duration
	// Snapshot is the newest snapshot, nil before the first.
	Snapshot func() *mesh.Snapshot
	// Needed tells whether anybody wants the result; while not, nothing is read.
	Needed func() bool
	// Take gets the traffic, nil while there is none.
	Take func(*mesh.Traffic)
	Now  func() time.Time

	mu     sync.Mutex
	meters map[mesh.Ref]*Metered
}

var _ collectors.Source = (*Scraper)(nil)

// Run implements collectors.Source.
func (s *Scraper) Run(ctx context.Context, _ collectors.Sink) error {
	var running sync.WaitGroup
	for _, ztunnels := range []bool{true, false} {
		running.Go(func() { s.tour(ctx, ztunnels) })
	}
	for collectors.Sleep(ctx, s.Every) {
		if s.Needed() {
			s.Take(s.Traffic())
		}
	}
	running.Wait()
	return nil
}

// tour reads the proxies of one kind, round after round.
func (s *Scraper) tour(ctx context.Context, ztunnels bool) {
	for ctx.Err() == nil {
		began := s.Now()
		found := s.Needed() && s.round(ctx, ztunnels)
		wait := lookFor
		if found {
			wait = s.Every - s.Now().Sub(began)
		}
		collectors.Sleep(ctx, max(wait, 0))
	}
}

// round reads each proxy of one kind once, and tells whether there are any.
func (s *Scraper) round(ctx context.Context, ztunnels bool) bool {
	list := s.targets(ztunnels)
	for _, p := range list {
		before := s.Spent()
		s.read(ctx, p)
		if !collectors.Sleep(ctx, s.rest(before)) {
			return true
		}
	}
	return len(list) > 0
}

// targets are the proxies of one kind to read. Meters of those that are gone are
// let go, and those beyond the bound say so.
func (s *Scraper) targets(ztunnels bool) []Proxy {
	snap := s.Snapshot()
	if snap == nil || !snap.Sources.Kind(mesh.ResourcePods).State.Readable() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.meters == nil {
		s.meters = make(map[mesh.Ref]*Metered)
	}
	var out []Proxy
	present := make(map[mesh.Ref]bool)
	for _, p := range Proxies(snap) {
		if p.Ztunnel() != ztunnels {
			continue
		}
		present[p.Pod] = true
		if s.meters[p.Pod] == nil {
			s.meters[p.Pod] = &Metered{Proxy: p, Why: "It was not read yet."}
		}
		if len(out) >= maxOfKind {
			s.meters[p.Pod].Meter, s.meters[p.Pod].Why = nil, fmt.Sprintf("Without a Prometheus no more than %d ztunnels and as many waypoints are read.", maxOfKind)
			continue
		}
		out = append(out, p)
	}
	for pod, m := range s.meters {
		if m.Ztunnel() == ztunnels && !present[pod] {
			delete(s.meters, pod)
		}
	}
	return out
}

// read reads one proxy. A failure leaves what was counted before.
func (s *Scraper) read(ctx context.Context, p Proxy) {
	ctx, cancel := context.WithTimeout(ctx, readFor)
	defer cancel()
	scrapes, err := read(ctx, p, s.Reader)
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.meters[p.Pod]
	if m == nil {
		return
	}
	if err != nil {
		m.Why = sentence(err)
		return
	}
	m.Why = ""
	if m.Meter == nil || s.old(m.Meter) {
		m.Meter = NewMeter(s.Window)
	}
	for _, one := range scrapes {
		m.Meter.Add(one)
	}
}

// rest is how long what was read since before takes by the budget.
func (s *Scraper) rest(before int64) time.Duration {
	if s.Rate <= 0 {
		return 0
	}
	return time.Duration(float64(s.Spent()-before) / float64(s.Rate) * float64(time.Second))
}

// Traffic is what was counted so far, nil where nothing was read twice.
func (s *Scraper) Traffic() *mesh.Traffic {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Metered, 0, len(s.meters))
	for _, m := range s.meters {
		one := *m
		if one.Meter != nil && s.old(one.Meter) {
			one.Meter, one.Why = nil, "It was last read long ago. "+one.Why
		}
		all = append(all, one)
	}
	return FromScrapes(all)
}

// old tells that what a meter saw is no longer of now.
func (s *Scraper) old(m *Meter) bool {
	return m.Scrapes() > 0 && s.Now().Sub(m.Last()) > oldAfter*s.Window
}
