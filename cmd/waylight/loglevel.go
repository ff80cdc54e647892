package main

import (
	"context"
	"errors"
	"log/slog"

	"k8s.io/client-go/rest"

	"github.com/waylight/waylight/collectors/kube"
	"github.com/waylight/waylight/collectors/loglevel"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/server"
)

// levelKeeper keeps the log levels of the ztunnels that p knows.
func levelKeeper(cfg *rest.Config, p *proxies, log *slog.Logger) *loglevel.Keeper {
	return &loglevel.Keeper{
		Caller: p.pool, Snapshot: p.snap.Load, Log: log,
		User: func(ctx context.Context) (string, error) {
			return kube.WhoAmI(ctx, cfg, "waylight/"+buildVersion())
		},
	}
}

// levels are the log levels of one mesh as the server asks for them.
type levels struct {
	keeper *loglevel.Keeper
	of     *proxies
}

var _ server.LogLevels = levels{}

// levelsOf finds the log levels of a world for the server. A bundle has none.
func levelsOf(feeds []feed) func(world string) server.LogLevels {
	return func(world string) server.LogLevels {
		for _, f := range feeds {
			if f.world == world && f.proxies != nil && f.proxies.levels != nil {
				return levels{f.proxies.levels, f.proxies}
			}
		}
		return nil
	}
}

// Changeable implements server.LogLevels.
func (l levels) Changeable() bool { return l.keeper.Allowed }

// Read implements server.LogLevels.
func (l levels) Read(ctx context.Context, node, pod string) (*mesh.ZtunnelLogLevel, error) {
	of, err := l.of.ztunnelPod(node, pod)
	if err != nil {
		return nil, err
	}
	level, err := l.keeper.Read(ctx, node, of)
	if err != nil {
		return nil, unread(err)
	}
	return level, nil
}

// Change implements server.LogLevels.
func (l levels) Change(ctx context.Context, o server.LogLevelOrder) (*mesh.ZtunnelLogLevel, error) {
	of, err := l.of.ztunnelPod(o.Node, o.Pod)
	if err != nil {
		return nil, err
	}
	level, err := l.keeper.Change(ctx, loglevel.Order{Node: o.Node, Pod: of, Change: o.Change, For: o.For, Seen: o.Seen, From: o.From})
	switch {
	case errors.Is(err, loglevel.ErrMoved):
		return nil, server.ErrLogLevelMoved
	case err != nil:
		return nil, unread(err)
	}
	return level, nil
}
