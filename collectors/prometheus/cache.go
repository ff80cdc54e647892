package prometheus

import (
	"context"
	"sync"
	"time"
)

// How charts are shared.
const (
	// kept is how long an answer serves all who ask.
	kept = 10 * time.Second
	// maxKeptCharts bounds what is kept, and perMinute what is asked for.
	maxKeptCharts = 200
	perMinute     = 60
)

// chartKey tells charts apart.
type chartKey struct {
	promQL   string
	from, to time.Time
}

// chartCache lets many ask for the same chart at the cost of one.
type chartCache struct {
	now func() time.Time

	mu    *sync.Mutex
	known map[chartKey]*flight
	// asked are the moments of queries within the last minute.
	asked []time.Time
}

// flight is a query under way, or just answered.
type flight struct {
	done  chan struct{}
	at    time.Time
	chart *Chart
	err   error
}

func newChartCache(now func() time.Time) chartCache {
	return chartCache{now: now, mu: new(sync.Mutex), known: make(map[chartKey]*flight)}
}

// join waits for an answer, which it asks for if nobody does.
func (c *chartCache) join(ctx context.Context, key chartKey, ask func(context.Context) (*Chart, error)) (*Chart, error) {
	c.mu.Lock()
	c.forget()
	one, ok := c.known[key]
	if !ok {
		if !c.spend() {
			c.mu.Unlock()
			return nil, ErrTooMany
		}
		one = &flight{done: make(chan struct{}), at: c.now()}
		c.known[key] = one
		// Who asked first may leave before the others have their answer.
		go one.fly(context.WithoutCancel(ctx), ask)
	}
	c.mu.Unlock()
	select {
	case <-one.done:
		return one.chart, one.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (f *flight) fly(ctx context.Context, ask func(context.Context) (*Chart, error)) {
	defer close(f.done)
	f.chart, f.err = ask(ctx)
}

// forget lets go of what has been kept for long enough; mu is held.
func (c *chartCache) forget() {
	now := c.now()
	for key, f := range c.known {
		select {
		case <-f.done:
			if now.Sub(f.at) > kept || len(c.known) > maxKeptCharts {
				delete(c.known, key)
			}
		default:
		}
	}
}

// spend takes one query of the minute's; mu is held.
func (c *chartCache) spend() bool {
	now := c.now()
	for len(c.asked) > 0 && now.Sub(c.asked[0]) >= time.Minute {
		c.asked = c.asked[1:]
	}
	if len(c.asked) >= perMinute {
		return false
	}
	c.asked = append(c.asked, now)
	return true
}
