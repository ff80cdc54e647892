package traffic

import (
	"context"
	"sync"
	"time"

	"github.com/waylight/waylight/collectors"
)

// Twice reads the counters of all proxies, and again when a time has passed
// since it began: what they grew by is the traffic of who judges a mesh once. It
// ends early with ctx.
func (s *Scraper) Twice(ctx context.Context, apart time.Duration) {
	began := s.Now()
	s.readEach(ctx)
	if collectors.Sleep(ctx, apart-s.Now().Sub(began)) {
		s.readEach(ctx)
	}
	s.Take(s.Traffic())
}

// readEach reads each proxy once, those of both kinds side by side.
func (s *Scraper) readEach(ctx context.Context) {
	var running sync.WaitGroup
	for _, ztunnels := range []bool{true, false} {
		running.Go(func() { s.round(ctx, ztunnels) })
	}
	running.Wait()
}
