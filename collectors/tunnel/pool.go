package tunnel

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"k8s.io/client-go/rest"

	"github.com/waylight/waylight/mesh"
)

// Bounds of what is done at once, and for how long.
const (
	maxFlights = 16
	// patience is how long one call may take, the wait for its turn included:
	// a dump of 22 MB over a slow link is 20 s.
	patience = 30 * time.Second
	// keep is how long a connection stays for the next call to its pod.
	keep = 5 * time.Second
	// lifetime is how long a connection may be used. Whether there is a right to
	// it is asked when it begins and never again, so that one that is always
	// busy would outlive the right.
	lifetime = 15 * time.Second
	// maxAnswer bounds what is read of any answer; decoders have bounds of
	// their own below it.
	maxAnswer = 512 << 20
)

// Pool reaches the admin ports of pods. Of one pod it asks one thing at a time,
// of all of them at most 16. Make one with New.
type Pool struct {
	config   *rest.Config
	patience time.Duration
	keep     time.Duration
	lifetime time.Duration
	flights  chan struct{}
	large    chan struct{}
	ctx      context.Context
	end      context.CancelFunc

	mu    sync.Mutex
	lanes map[mesh.Ref]*lane
	calls int // numbers the calls, for the kubelet to pair streams by
}

// lane is the way to one pod.
type lane struct {
	turn  chan struct{} // holds a token while a call or a clean-up is under way
	users int           // calls under way or waiting; Pool.mu guards it
	conn  *connection   // nil if there is none; whose turn it is has it
	idle  *time.Timer
}

// New prepares to reach pods of the cluster that cfg leads to. userAgent is for
// the API server's log. Nothing is asked before the first call.
func New(cfg *rest.Config, userAgent string) *Pool {
	config := rest.CopyConfig(cfg)
	config.UserAgent = userAgent
	ctx, end := context.WithCancel(context.Background())
	return &Pool{
		config: config, patience: patience, keep: keep, lifetime: lifetime,
		flights: make(chan struct{}, maxFlights), large: make(chan struct{}, maxLarge),
		ctx: ctx, end: end,
		lanes: make(map[mesh.Ref]*lane),
	}
}

// Close ends all calls and connections.
func (p *Pool) Close() {
	p.end()
	p.mu.Lock()
	defer p.mu.Unlock()
	for pod, l := range p.lanes {
		if l.idle != nil {
			l.idle.Stop()
		}
		go p.settle(pod, l)
	}
}

// get makes a call of whose answer the body alone counts.
func (p *Pool) get(ctx context.Context, pod mesh.Ref, to call, read func(io.Reader) error) error {
	return p.ask(ctx, pod, to, func(_ http.Header, body io.Reader) error { return read(body) })
}

// ask makes a call when it is its turn.
func (p *Pool) ask(ctx context.Context, pod mesh.Ref, to call, read reading) error {
	ctx, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	defer context.AfterFunc(p.ctx, cancel)()
	l, id := p.enter(pod)
	defer p.leave(pod, l)
	err := p.inTurn(ctx, l, func() error { return p.fly(ctx, l, pod, to, id, p.oneOfFew(ctx, read)) })
	if wrong, ok := errors.AsType[*readError](err); ok {
		return wrong.err
	}
	if err != nil {
		return explain(firstOf(ctx.Err(), err), pod, to.port, p.patience)
	}
	return nil
}

// enter finds or makes the lane of a pod and numbers the call.
func (p *Pool) enter(pod mesh.Ref) (*lane, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lanes[pod]
	if l == nil {
		l = &lane{turn: make(chan struct{}, 1)}
		p.lanes[pod] = l
	}
	l.users++
	p.calls++
	return l, p.calls
}

// leave starts the time for which the connection is kept for another call.
func (p *Pool) leave(pod mesh.Ref, l *lane) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.users--
	if l.users > 0 {
		return
	}
	if l.idle != nil {
		l.idle.Stop()
	}
	l.idle = time.AfterFunc(p.keep, func() { p.settle(pod, l) })
}

// settle ends the connection of a lane that nobody uses.
func (p *Pool) settle(pod mesh.Ref, l *lane) {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.users > 0 {
		return
	}
	if l.conn != nil {
		go l.conn.end() // it may take its time
		l.conn = nil
	}
	delete(p.lanes, pod)
}

// inTurn runs f when no other call to the same pod is under way, and few
// enough to others.
func (p *Pool) inTurn(ctx context.Context, l *lane, f func() error) error {
	for _, gate := range []chan struct{}{l.turn, p.flights} {
		select {
		case gate <- struct{}{}:
			defer func() { <-gate }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return f()
}

// fly makes a call over the lane's connection, or a new one where it has none
// that may be used.
func (p *Pool) fly(ctx context.Context, l *lane, pod mesh.Ref, to call, id int, read reading) error {
	if l.conn != nil && (!l.conn.alive() || time.Since(l.conn.began) > p.lifetime) {
		go l.conn.end() // it may take its time
		l.conn = nil
	}
	if l.conn == nil {
		conn, err := p.dial(ctx, pod)
		if err != nil {
			return err
		}
		l.conn = conn
	}
	if err := l.conn.exchange(ctx, to, id, read); err != nil {
		l.conn.end()
		l.conn = nil
		return err
	}
	return nil
}
