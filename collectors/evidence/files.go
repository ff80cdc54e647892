package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/collectors/envoy"
	"github.com/waylight/waylight/collectors/istiod"
	"github.com/waylight/waylight/collectors/ztunnel"
	"github.com/waylight/waylight/mesh"
)

// Files reads what proxies said when a bundle was recorded.
type Files struct{ Bundle *bundle.Bundle }

var _ Reader = Files{}

// ErrNotRecorded says that a bundle holds no answer of a proxy.
var ErrNotRecorded = errors.New("the bundle has no")

// Ztunnel implements Reader.
func (f Files) Ztunnel(ctx context.Context, node string, pod mesh.Ref) (*mesh.ZtunnelDump, error) {
	content, err := f.open(ctx, ztunnelSource(node)+"/config_dump.json")
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return ztunnel.Decode(content, node, pod, f.Bundle.RecordedAt())
}

// Envoy implements Reader.
func (f Files) Envoy(ctx context.Context, pod mesh.Ref) (*mesh.EnvoyDump, error) {
	folder := kindEnvoy + "/" + pod.NamespacedName()
	content, err := f.open(ctx, folder+"/config_dump.json")
	if err != nil {
		return nil, err
	}
	defer content.Close()
	d, err := envoy.Decode(content, pod, f.Bundle.RecordedAt())
	if err != nil {
		return nil, err
	}
	clusters, err := f.open(ctx, folder+"/clusters.json")
	if err != nil {
		return withoutCounters(d, err), nil
	}
	defer clusters.Close()
	if err := envoy.AddStatus(d, clusters); err != nil {
		return withoutCounters(d, err), nil
	}
	return d, nil
}

// Sync implements Reader.
func (f Files) Sync(ctx context.Context, pod mesh.Ref) (*mesh.SyncEvidence, error) {
	content, err := f.open(ctx, kindIstiod+"/"+pod.Name+"/syncz.json")
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return istiod.Decode(content, pod, f.Bundle.RecordedAt())
}

func (f Files) open(ctx context.Context, path string) (io.ReadCloser, error) {
	file, ok := f.Bundle.File(path)
	if !ok {
		return nil, fmt.Errorf("%w %s", ErrNotRecorded, path)
	}
	content, err := file.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &interruptible{ctx, content}, nil
}

// interruptible ends with its context: a file can be long, and hostile.
type interruptible struct {
	ctx context.Context
	io.ReadCloser
}

// Read implements io.Reader.
func (i *interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.ReadCloser.Read(p)
}
