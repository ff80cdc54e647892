package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"github.com/waylight/waylight/collectors/evidence"
	"github.com/waylight/waylight/mesh"
)

// liveFlags bound what a single look at a cluster reads.
type liveFlags struct {
	timeout      time.Duration
	proxyTimeout time.Duration
	// watch is how long traffic is watched at the proxies where no Prometheus
	// tells of it; zero is not at all.
	watch time.Duration
}

// addLiveFlags adds what check takes for a live cluster.
func addLiveFlags(flags *pflag.FlagSet, f *liveFlags, src *sourceFlags) {
	flags.DurationVar(&f.timeout, "timeout", time.Minute, "how long reading the Kubernetes objects of a cluster may take")
	flags.DurationVar(&f.proxyTimeout, "proxy-timeout", defaultProxyTimeout, "how long reading all proxies of a cluster may take, and asking its Prometheus; what is not read by then is named")
	flags.BoolVar(&src.noProxies, "no-proxies", false, noProxiesUsage)
	flags.DurationVar(&f.watch, "watch-traffic", 0, "where no Prometheus tells of traffic: read the proxies' counters twice, this long apart (e.g. 30s), and judge what was counted between; 0 leaves traffic unknown")
	addPrometheusFlags(flags, &src.metrics)
}

// defaultProxyTimeout is enough for fifty ztunnels of a mesh of 20,000 pods
// (docs/performance.md), and short enough to wait for.
const defaultProxyTimeout = 20 * time.Second

// shortestWatch is how long counters take at least to show anything: ztunnels
// and Envoys count a connection when it ends, and one may last.
const shortestWatch = 5 * time.Second

func (f *liveFlags) validate(window time.Duration) error {
	if f.watch != 0 && (f.watch < shortestWatch || f.watch > window) {
		return fmt.Errorf("--watch-traffic %s is not between %s and --window %s", f.watch, shortestWatch, window)
	}
	return nil
}

// readWhole reads a mesh once, with what its proxies say and what they count. A
// cluster goes on changing meanwhile, and its objects are followed until the
// last proxy was held against them.
func (f feed) readWhole(ctx context.Context, limits *liveFlags, tell func(done, all int)) (*mesh.Snapshot, error) {
	objects, cancel := context.WithTimeout(ctx, limits.timeout)
	defer cancel()
	if _, recorded := f.source.(loader); recorded {
		return readOnce(objects, f)
	}
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	done := make(chan error, 1)
	running.Go(func() { done <- f.source.Run(ctx, f.assembler) })
	if err := untilRead(objects, f, done); err != nil {
		return nil, err
	}
	snap, err := firstSnapshot(f)
	if err != nil {
		return nil, err
	}
	f.see(snap)
	running.Go(func() { f.assembler.Run(ctx, func(snap *mesh.Snapshot, _ time.Duration) { f.see(snap) }) })
	f.askProxies(ctx, snap, limits, tell)
	if ctx.Err() != nil {
		return nil, errors.New("interrupted before the proxies were read")
	}
	return f.assembler.Snapshot(), nil
}

// see tells those who read proxies which there are.
func (f feed) see(snap *mesh.Snapshot) {
	f.proxies.see(snap)
	f.counting.see(snap)
}

// askProxies reads what proxies have in memory, and beside it what they count.
func (f feed) askProxies(ctx context.Context, snap *mesh.Snapshot, limits *liveFlags, tell func(done, all int)) {
	if f.proxies != nil {
		defer f.proxies.close()
	}
	var counting sync.WaitGroup
	defer counting.Wait()
	counting.Go(func() { f.counting.once(ctx, f.assembler, limits) })
	if f.proxies != nil {
		ctx, cancel := context.WithTimeout(ctx, limits.proxyTimeout)
		defer cancel()
		f.proxies.sweep.Once(ctx, f.assembler, evidence.Round{Rank: suspects(snap).rank, Tell: tell})
	}
}

// progress tells on a terminal how far reading has come, on one line that
// goes away.
type progress struct {
	to io.Writer // nil for nobody
}

func newProgress(to io.Writer, getenv func(string) (string, bool)) *progress {
	if !wantsColor(to, getenv) { // it is written with the same sequences
		to = nil
	}
	return &progress{to: to}
}

func (p *progress) tell(done, all int) {
	if p.to == nil || all == 0 {
		return
	}
	fmt.Fprintf(p.to, "\r\x1b[Kwaylight: %d of %d proxies asked", done, all)
}

func (p *progress) end() {
	if p.to != nil {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}
