package main

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/collectors/evidence"
	"github.com/waylight/waylight/collectors/kube"
	"github.com/waylight/waylight/mesh"
)

// feed is one mesh on its way in: a source and what assembles its snapshots.
type feed struct {
	// world is its name where several are shown, title what it is in a sentence.
	world, title string
	source       collectors.Source
	assembler    *collectors.Assembler
	// proxies is nil where they are not read.
	proxies *proxies
	// counting is nil for a bundle, which has its traffic from the start.
	counting *counting
	logs     *containerLogs
}

// open finds what the flags ask for: a bundle, else a cluster. The demo is
// never among it; kube.ErrNoKubeconfig says that there is nothing.
func (f *sourceFlags) open(log *slog.Logger) (feed, error) {
	if f.sweepRate.Sign() < 0 {
		return feed{}, fmt.Errorf("--sweep-rate %s is less than nothing", f.sweepRate.String())
	}
	if f.bundle != "" {
		return f.openBundle()
	}
	cfg, name, err := kube.LoadConfig(kube.Flags{
		Kubeconfig: f.kubeconfig, Context: f.context, Cluster: f.cluster, User: f.user,
		As: f.impersonate, AsGroups: f.groups, RequestTimeout: f.requestTimeout,
	})
	if err != nil {
		return feed{}, err
	}
	source := kube.New(cfg, kube.Options{Namespaces: f.scope(), ClusterName: name, Version: buildVersion(), Log: log})
	one := feed{title: "cluster " + name, source: source, assembler: collectors.NewAssembler(f.scope(), time.Now)}
	if one.logs, err = liveLogs(cfg); err != nil {
		return feed{}, err
	}
	if !f.noProxies {
		one.proxies = liveProxies(cfg, f.sweepRate.Value(), log)
	}
	one.counting, err = f.liveCounting(cfg, one.proxies, log)
	return one, err
}

func (f *sourceFlags) openBundle() (feed, error) {
	if f.kubeconfig != "" || f.context != "" {
		return feed{}, errors.New("--bundle and the kubeconfig flags exclude each other")
	}
	b, err := bundle.Open(f.bundle)
	if err != nil {
		return feed{}, err
	}
	return recorded(b, "", "bundle "+f.bundle, mesh.OriginRecorded), nil
}

// recorded feeds a bundle, whose moment is every snapshot's.
func recorded(b *bundle.Bundle, world, title string, origin mesh.Origin) feed {
	assembler := collectors.NewAssembler(nil, time.Now)
	assembler.FixAt(b.RecordedAt())
	b.Origin = origin
	return feed{
		world: world, title: title, source: &evidence.Recorded{Bundle: b, Compare: driftAtItsMoment{}}, assembler: assembler,
		proxies: recordedProxies(b), logs: recordedLogs(b),
	}
}

// openAll is open for serve, which shows the demo where there is nothing else.
func (f *sourceFlags) openAll(log *slog.Logger) ([]feed, error) {
	one, err := f.open(log)
	switch {
	case errors.Is(err, kube.ErrNoKubeconfig):
		return demo()
	case err != nil:
		return nil, err
	}
	return []feed{one}, nil
}

// noMesh turns the absence of any mesh into advice for commands without a demo.
func noMesh(err error) error {
	if errors.Is(err, kube.ErrNoKubeconfig) {
		return fmt.Errorf("%w; use --kubeconfig, or --bundle for a recorded mesh", err)
	}
	return err
}
