package evidence

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"github.com/waylight/waylight/collectors/envoy"
	"github.com/waylight/waylight/collectors/istiod"
	"github.com/waylight/waylight/collectors/tunnel"
	"github.com/waylight/waylight/collectors/ztunnel"
	"github.com/waylight/waylight/mesh"
)

// Live reads the proxies of a cluster, through its API server. Its errors are
// *tunnel.Error where there was no answer, else what is wrong with the answer.
type Live struct {
	pool *tunnel.Pool
	now  func() time.Time
	read atomic.Int64
}

var _ Reader = (*Live)(nil)

// NewLive reads through pool; now says when something was read.
func NewLive(pool *tunnel.Pool, now func() time.Time) *Live { return &Live{pool: pool, now: now} }

// Spent is how many bytes proxies have answered so far.
func (l *Live) Spent() int64 { return l.read.Load() }

// Ztunnel implements Reader.
func (l *Live) Ztunnel(ctx context.Context, node string, pod mesh.Ref) (d *mesh.ZtunnelDump, err error) {
	at := l.now().UTC()
	err = l.pool.ZtunnelDump(ctx, pod, func(r io.Reader) error {
		var err error
		d, err = ztunnel.Decode(l.counted(r), node, pod, at)
		return err
	})
	return d, err
}

// Envoy implements Reader.
func (l *Live) Envoy(ctx context.Context, pod mesh.Ref) (d *mesh.EnvoyDump, err error) {
	at := l.now().UTC()
	err = l.pool.EnvoyDump(ctx, pod, func(r io.Reader) error {
		var err error
		d, err = envoy.Decode(l.counted(r), pod, at)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = l.pool.EnvoyClusters(ctx, pod, func(r io.Reader) error { return envoy.AddStatus(d, l.counted(r)) })
	if err != nil {
		return withoutCounters(d, err), nil
	}
	return d, nil
}

// Sync implements Reader.
func (l *Live) Sync(ctx context.Context, pod mesh.Ref) (e *mesh.SyncEvidence, err error) {
	at := l.now().UTC()
	err = l.pool.IstiodSync(ctx, pod, func(r io.Reader) error {
		var err error
		e, err = istiod.Decode(l.counted(r), pod, at)
		return err
	})
	return e, err
}

// counted counts what is read of an answer.
func (l *Live) counted(r io.Reader) io.Reader { return &counter{r, &l.read} }

type counter struct {
	io.Reader
	n *atomic.Int64
}

// Read implements io.Reader.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}
