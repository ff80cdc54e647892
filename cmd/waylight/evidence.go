package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/rest"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/collectors/evidence"
	"github.com/waylight/waylight/collectors/loglevel"
	"github.com/waylight/waylight/collectors/tunnel"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/server"
	"github.com/waylight/waylight/views"
)

// proxies reads what the proxies of one mesh say: all of them in turn for the
// snapshot, and one of them when a page shows it. A nil one reads nothing.
type proxies struct {
	cache *evidence.Cache
	// sweep and pool are nil for a bundle, which has its evidence from the
	// start.
	sweep *evidence.Sweep
	pool  *tunnel.Pool
	// levels is nil for a bundle, which holds none.
	levels *loglevel.Keeper
	snap   atomic.Pointer[mesh.Snapshot]
}

// liveProxies reads the proxies of the cluster that cfg leads to, the sweep at
// so many bytes a second.
func liveProxies(cfg *rest.Config, rate int64, log *slog.Logger) *proxies {
	pool := tunnel.New(cfg, "waylight/"+buildVersion())
	p := &proxies{pool: pool, cache: evidence.NewCache(evidence.NewLive(pool, time.Now))}
	swept := evidence.NewLive(pool, time.Now)
	p.sweep = &evidence.Sweep{
		Reader: swept, Spent: swept.Spent, Rate: rate,
		Snapshot: p.snap.Load, Compare: newDriftLooks(), Log: log,
	}
	p.levels = levelKeeper(cfg, p, log)
	return p
}

// recordedProxies reads the proxies of a bundle.
func recordedProxies(b *bundle.Bundle) *proxies {
	return &proxies{cache: evidence.NewCache(evidence.Files{Bundle: b})}
}

// allowLogLevel lets log levels be changed, and has each change counted. It is
// called before run.
func (p *proxies) allowLogLevel(allowed bool, observe func(action string, err error)) {
	if p != nil && p.levels != nil {
		p.levels.Allowed, p.levels.Observe = allowed, observe
	}
}

// run sweeps a live cluster until ctx ends.
func (p *proxies) run(ctx context.Context, sink collectors.Sink) error {
	if p == nil {
		return nil
	}
	defer p.cache.Close()
	if p.sweep == nil {
		<-ctx.Done()
		return nil
	}
	defer p.pool.Close()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.sweep.Run(ctx, sink) })
	group.Go(func() error { return p.levels.Run(ctx, sink) })
	return group.Wait()
}

// close ends what is under way, for who does not run them.
func (p *proxies) close() {
	p.cache.Close()
	if p.pool != nil {
		p.pool.Close()
	}
}

// see tells which pods there are.
func (p *proxies) see(snap *mesh.Snapshot) {
	if p != nil {
		p.snap.Store(snap)
	}
}

var _ server.Dumps = (*proxies)(nil)

// dumpsOf finds the proxies of a world for the server.
func dumpsOf(feeds []feed) func(world string) server.Dumps {
	return func(world string) server.Dumps {
		for _, f := range feeds {
			if f.world == world && f.proxies != nil {
				return f.proxies
			}
		}
		return nil
	}
}

// Ztunnel implements server.Dumps.
func (p *proxies) Ztunnel(ctx context.Context, node, pod string, fresh bool) (*mesh.ZtunnelDump, error) {
	of, err := p.ztunnelPod(node, pod)
	if err != nil {
		return nil, err
	}
	read := p.cache.Ztunnel
	if fresh {
		read = p.cache.FreshZtunnel
	}
	dump, err := read(ctx, node, of)
	if err != nil {
		return nil, unread(err)
	}
	return dump, nil
}

// ztunnelPod finds a node's ztunnel by its name, and the Ready one without. A
// bundle holds one dump of a node, and may lack the pod.
func (p *proxies) ztunnelPod(node, name string) (mesh.Ref, error) {
	var pods []*mesh.Workload
	if snap := p.snap.Load(); snap != nil {
		pods = snap.Ztunnels(node)
	}
	ready := mesh.ReadyPod(pods)
	for _, w := range pods {
		if w.Ref().NamespacedName() == name && (w == ready || p.sweep != nil) {
			return w.Ref(), nil
		}
	}
	switch {
	case name != "" && p.sweep == nil:
		return mesh.Ref{}, &server.UnreadError{Reason: views.ReadAbsent, Detail: "The bundle holds the dump of the node's Ready ztunnel only."}
	case name == "" && ready != nil:
		return ready.Ref(), nil
	case p.sweep == nil:
		return mesh.Ref{}, nil
	}
	return mesh.Ref{}, &server.UnreadError{Reason: views.ReadAbsent, Detail: "There is no Ready ztunnel on " + node + "."}
}

// unread says in the server's terms why a proxy was not read.
func unread(err error) error {
	failed, unanswered := errors.AsType[*tunnel.Error](err)
	switch {
	case unanswered:
		return &server.UnreadError{Reason: cmp.Or(failures[failed.Reason], views.ReadFailed), Detail: failed.Error()}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, evidence.ErrNotRecorded):
		return &server.UnreadError{Reason: views.ReadFailed, Detail: err.Error()}
	}
	return &server.UnreadError{Reason: views.ReadMalformed, Detail: err.Error()}
}

// failures are the reasons of a tunnel in the words of pages.
var failures = map[tunnel.Reason]views.ReadFailure{
	tunnel.Forbidden: views.ReadForbidden,
	tunnel.NoPod:     views.ReadAbsent,
	tunnel.TimedOut:  views.ReadTimedOut,
}
