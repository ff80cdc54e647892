package main

import (
	"context"

	"github.com/waylight/waylight/mesh"
)

// Envoy implements server.Dumps.
func (p *proxies) Envoy(ctx context.Context, pod mesh.Ref, fresh bool) (*mesh.EnvoyDump, error) {
	read := p.cache.Envoy
	if fresh {
		read = p.cache.FreshEnvoy
	}
	dump, err := read(ctx, pod)
	if err != nil {
		return nil, unread(err)
	}
	return dump, nil
}

// Sync implements server.Dumps.
func (p *proxies) Sync(ctx context.Context, istiod mesh.Ref, fresh bool) (*mesh.SyncEvidence, error) {
	read := p.cache.Sync
	if fresh {
		read = p.cache.FreshSync
	}
	said, err := read(ctx, istiod)
	if err != nil {
		return nil, unread(err)
	}
	return said, nil
}
