package evidence

import (
	"context"
	"sync"
	"time"

	"github.com/waylight/waylight/mesh"
)

// kept is how long a dump serves everybody who asks. A reader who goes through
// its lists asks again and again, and a dump is too large to keep for long.
const kept = 10 * time.Second

// Cache lets many ask for the same proxy at the cost of one, who need not wait
// to its end. It implements Reader.
type Cache struct {
	from  Reader
	end   context.CancelFunc
	dumps flights[mesh.ZtunnelDump]
	envoy flights[mesh.EnvoyDump]
	syncs flights[mesh.SyncEvidence]
}

var _ Reader = (*Cache)(nil)

// NewCache makes a cache before a reader. Nobody may change what it answers.
func NewCache(from Reader) *Cache {
	ctx, end := context.WithCancel(context.Background())
	return &Cache{
		from: from, end: end,
		dumps: newFlights[mesh.ZtunnelDump](ctx),
		envoy: newFlights[mesh.EnvoyDump](ctx),
		syncs: newFlights[mesh.SyncEvidence](ctx),
	}
}

// Close ends what is under way.
func (c *Cache) Close() { c.end() }

// Ztunnel implements Reader.
func (c *Cache) Ztunnel(ctx context.Context, node string, pod mesh.Ref) (*mesh.ZtunnelDump, error) {
	return c.dumps.join(ctx, target{kindZtunnel, node, pod}, func(ctx context.Context) (*mesh.ZtunnelDump, error) {
		return c.from.Ztunnel(ctx, node, pod)
	})
}

// Envoy implements Reader.
func (c *Cache) Envoy(ctx context.Context, pod mesh.Ref) (*mesh.EnvoyDump, error) {
	return c.envoy.join(ctx, target{kind: kindEnvoy, pod: pod}, func(ctx context.Context) (*mesh.EnvoyDump, error) {
		return c.from.Envoy(ctx, pod)
	})
}

// Sync implements Reader.
func (c *Cache) Sync(ctx context.Context, pod mesh.Ref) (*mesh.SyncEvidence, error) {
	return c.syncs.join(ctx, target{kind: kindIstiod, pod: pod}, func(ctx context.Context) (*mesh.SyncEvidence, error) {
		return c.from.Sync(ctx, pod)
	})
}

// FreshZtunnel is Ztunnel for who wants no answer from before: it joins a read
// that is under way, and else asks the proxy.
func (c *Cache) FreshZtunnel(ctx context.Context, node string, pod mesh.Ref) (*mesh.ZtunnelDump, error) {
	c.dumps.forget(target{kindZtunnel, node, pod})
	return c.Ztunnel(ctx, node, pod)
}

// FreshEnvoy is Envoy in the same way.
func (c *Cache) FreshEnvoy(ctx context.Context, pod mesh.Ref) (*mesh.EnvoyDump, error) {
	c.envoy.forget(target{kind: kindEnvoy, pod: pod})
	return c.Envoy(ctx, pod)
}

// FreshSync is Sync in the same way.
func (c *Cache) FreshSync(ctx context.Context, pod mesh.Ref) (*mesh.SyncEvidence, error) {
	c.syncs.forget(target{kind: kindIstiod, pod: pod})
	return c.Sync(ctx, pod)
}

// flights are reads under way and just ended, by what they read.
type flights[T any] struct {
	ctx context.Context // of all reads: who asked first may leave before the end

	mu    *sync.Mutex
	known map[target]*flight[T]
}

type flight[T any] struct {
	done   chan struct{} // closed when answer and err are there
	answer *T
	err    error
}

func newFlights[T any](ctx context.Context) flights[T] {
	return flights[T]{ctx: ctx, mu: new(sync.Mutex), known: make(map[target]*flight[T])}
}

// join waits for the read of a target, which it starts if there is none.
func (f *flights[T]) join(ctx context.Context, of target, read func(context.Context) (*T, error)) (*T, error) {
	f.mu.Lock()
	one, ok := f.known[of]
	if !ok {
		one = &flight[T]{done: make(chan struct{})}
		f.known[of] = one
		go f.fly(one, of, read)
	}
	f.mu.Unlock()
	select {
	case <-one.done:
		return one.answer, one.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fly reads, and lets go of the answer after a while. A failure serves only
// those who waited for it.
func (f *flights[T]) fly(one *flight[T], of target, read func(context.Context) (*T, error)) {
	one.answer, one.err = read(f.ctx)
	if one.err != nil {
		f.drop(one, of)
	} else {
		time.AfterFunc(kept, func() { f.drop(one, of) })
	}
	close(one.done)
}

// drop lets go of a flight, unless another has taken its place.
func (f *flights[T]) drop(one *flight[T], of target) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known[of] == one {
		delete(f.known, of)
	}
}

// forget lets go of an answer. A read under way stays: what it brings is new.
func (f *flights[T]) forget(of target) {
	f.mu.Lock()
	defer f.mu.Unlock()
	one, ok := f.known[of]
	if !ok {
		return
	}
	select {
	case <-one.done:
		delete(f.known, of)
	default:
	}
}
