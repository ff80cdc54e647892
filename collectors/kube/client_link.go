package kube

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/waylight/waylight/collectors"
)

// Pace of the probe.
const (
	probeInterval = 5 * time.Second
	// retryInterval is short, since during an outage the probe is the only
	// request there is, and everybody waits for its success.
	retryInterval = time.Second
	// breather is the least time between two probes: when a connection breaks,
	// everybody who used it asks for one.
	breather = 200 * time.Millisecond
	// silentProbes is after how many unanswered probes in a row all connections
	// are closed. They may lead nowhere after a change of network, which TCP
	// alone notices minutes later; one unanswered probe may be a busy server.
	silentProbes = 2
	// deniedProbes is after how many denied probes in a row an API server that
	// once told whether it is ready counts as ready without: its rights may have
	// been changed. Before, it is taken for one that starts and has not read its
	// roles, which denies everything.
	deniedProbes = 30
)

// link is the connection to the API server: up or down, as the probe found it.
// While it is down nothing but the probe asks the server, and when it comes up
// all who wait go on at once; so that recovery takes no longer than a probe, and
// no herd of retries meets a server that is starting.
type link struct {
	doubted chan struct{} // holds one token when somebody met an error

	mu sync.Mutex
	up chan struct{} // closed while the connection is up
}

func newLink() *link {
	return &link{doubted: make(chan struct{}, 1), up: make(chan struct{})}
}

// await waits until the connection is up.
func (l *link) await(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err() //nolint:wrapcheck // the caller's own context
	case <-l.opened():
		return nil
	}
}

func (l *link) opened() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.up
}

// set notes what a probe found and tells whether that is news.
func (l *link) set(up bool) (changed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := isClosed(l.up)
	switch {
	case up && !was:
		close(l.up)
	case !up && was:
		l.up = make(chan struct{})
	}
	return up != was
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// doubt asks for a probe now.
func (l *link) doubt() {
	select {
	case l.doubted <- struct{}{}:
	default:
	}
}

// probe keeps the link's state, and the board's idea of it, until ctx ends.
func (s *Source) probe(ctx context.Context) {
	var p probes
	for {
		err := p.judge(s.client.ready(ctx))
		if ctx.Err() != nil {
			return
		}
		if p.silent >= silentProbes {
			p.silent = 0
			s.client.dialer.CloseAll()
		}
		s.observe(ctx, err)
		interval := probeInterval
		if err != nil {
			interval = retryInterval
		}
		if !s.pauseProbe(ctx, interval) {
			return
		}
	}
}

// observe tells everybody what the newest probe found. The board hears of a
// failure first and of a success last, so that nothing is called current which
// may not be.
func (s *Source) observe(ctx context.Context, err error) {
	if err != nil {
		s.board.disconnected(explain(err, s.client.server))
		s.link.set(false)
		return
	}
	if s.link.set(true) {
		s.describe(ctx)
		if s.board.isSynced() {
			s.rediscover() // an upgrade may be why the connection broke
		}
	}
	s.board.connected(time.Now())
}

// probes remembers what cannot be seen in a single probe.
type probes struct {
	silent, denied int  // in a row
	answered       bool // ever, with the answer that it is ready
}

// judge answers what a probe's result means; nil if the connection is good.
func (p *probes) judge(err error) error {
	if notReady, ok := errors.AsType[*notReadyError](err); ok && notReady.status == http.StatusForbidden {
		p.silent = 0
		if p.denied++; !p.answered || p.denied > deniedProbes {
			return nil
		}
		return err
	}
	p.denied = 0
	p.answered = p.answered || err == nil
	if p.silent++; err == nil || !timedOut(err) {
		p.silent = 0
	}
	return err
}

// pauseProbe waits for the time of the next probe, or for somebody's doubt.
func (s *Source) pauseProbe(ctx context.Context, interval time.Duration) bool {
	if !collectors.Sleep(ctx, breather) {
		return false
	}
	timer := time.NewTimer(interval - breather)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-s.link.doubted:
	}
	return true
}
