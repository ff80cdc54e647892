package podlog

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/waylight/waylight/mesh"
)

// ErrTooMany refuses one more container or reader than are allowed.
var ErrTooMany = errors.New("too many logs are open")

// Options are what a Hub is made of.
type Options struct {
	Opener  Opener
	Decoder Decoder
	// Recorded tells that nothing will be added to the logs: each reader reads
	// them for itself, and to their end.
	Recorded bool
	Limits   Limits
}

// Hub follows containers, each once for all its readers. Make one with New and
// end it with Close.
type Hub struct {
	opener   Opener
	decoder  Decoder
	recorded bool
	limits   Limits

	ctx      context.Context
	end      context.CancelFunc
	running  sync.WaitGroup
	openings chan struct{}
	// perTail is how many bytes of lines a container may hold now.
	perTail atomic.Int64
	recent  recent

	mu      sync.Mutex
	shared  map[key]*tail
	open    int // tails
	readers int
}

// key is what makes two readers follow the same.
type key struct {
	pod                         mesh.Ref
	uid, container, containerID string
	previous                    bool
}

func keyOf(t *mesh.LogTarget) key { return key{t.Pod, t.UID, t.Container, t.ContainerID, t.Previous} }

// New makes a hub that has nothing to do yet.
func New(opts Options) *Hub {
	ctx, end := context.WithCancel(context.Background())
	h := &Hub{
		opener: opts.Opener, decoder: opts.Decoder, recorded: opts.Recorded, limits: opts.Limits.withDefaults(),
		ctx: ctx, end: end, openings: make(chan struct{}, openings), shared: make(map[key]*tail),
	}
	h.recent.init()
	h.perTail.Store(int64(h.limits.share(1)))
	return h
}

// begin runs something that Close waits for; false after Close.
func (h *Hub) begin(f func()) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ctx.Err() != nil {
		return false
	}
	h.running.Go(f)
	return true
}

// Close ends everything and waits for it. Streams end, and none can be opened.
func (h *Hub) Close() {
	h.mu.Lock()
	h.end()
	h.mu.Unlock()
	h.running.Wait()
}

// share is how many bytes of lines one container may hold.
func (h *Hub) share() int { return int(h.perTail.Load()) }

// start begins to read a tail. The caller holds mu.
func (h *Hub) start(t *tail) error {
	if h.open >= h.limits.Containers || h.ctx.Err() != nil {
		return ErrTooMany
	}
	ctx, cancel := context.WithCancel(h.ctx)
	t.hub, t.cancel, t.done = h, cancel, make(chan struct{})
	t.had, t.readers, t.interrupt = newHad(), make(map[*cursor]*part), cancel
	t.known = t.target.ContainerID
	h.open++
	h.perTail.Store(int64(h.limits.share(h.open)))
	h.running.Go(func() { t.pump(ctx) })
	return nil
}

// stop ends a tail that has no reader. The caller holds mu.
func (h *Hub) stop(t *tail) {
	t.cancel()
	h.open--
	h.perTail.Store(int64(h.limits.share(h.open)))
}

// private reads a log for one reader alone, to where it ends now or until
// another reading began. The caller holds mu.
func (h *Hub) private(t *tail) error {
	t.mode.patience, t.mode.limit = endless, h.limits.Past
	if !t.until.zero() {
		t.mode.patience = backfillPatience // somebody else is waiting behind it
	}
	if h.recorded {
		t.mode.limit = 0
	}
	return h.start(t)
}

// follow finds the tail that follows a container, or begins it. The caller holds
// mu.
func (h *Hub) follow(target *mesh.LogTarget, since time.Time) (t *tail, began bool, err error) {
	if t := h.shared[keyOf(target)]; t != nil {
		return t, false, nil
	}
	t = &tail{target: target, since: since.Truncate(time.Second), mode: mode{follow: true, patience: backfillPatience, limit: h.limits.Past}, shared: true}
	if err := h.start(t); err != nil {
		return nil, false, err
	}
	h.shared[keyOf(target)] = t
	return t, true, nil
}

// join makes a cursor a reader of a tail, by a part of it. The caller holds
// Hub.mu.
func (t *tail) join(c *cursor, p *part) {
	if t.idle != nil {
		t.idle.Stop()
		t.idle = nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.readers[c] = p
}

// leave takes a reader off a tail. One that was shared goes on for a while, for
// the next.
func (h *Hub) leave(c *cursor, t *tail) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t.mu.Lock()
	delete(t.readers, c)
	left := len(t.readers)
	t.hasMoved()
	t.mu.Unlock()
	switch {
	case left > 0:
	case !t.shared:
		h.stop(t)
	default:
		t.idle = time.AfterFunc(linger, func() { h.retire(t) })
	}
}

// retire ends a tail that nobody has joined since.
func (h *Hub) retire(t *tail) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t.mu.Lock()
	used := len(t.readers) > 0
	t.mu.Unlock()
	if used || h.shared[keyOf(t.target)] != t {
		return
	}
	delete(h.shared, keyOf(t.target))
	h.stop(t)
}

// openLog opens a log, with few others at the same time. pending is called when
// there is no answer for long.
func (h *Hub) openLog(ctx context.Context, req Request, pending func()) (*Opened, error) {
	select {
	case h.openings <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	turn := time.AfterFunc(openingTurn, func() { <-h.openings })
	said := make(chan struct{})
	timer := time.AfterFunc(pendingPatience, func() { defer close(said); pending() })
	opened, err := h.opener.Open(ctx, req)
	if turn.Stop() {
		<-h.openings
	}
	if !timer.Stop() {
		<-said
	}
	return opened, err
}
