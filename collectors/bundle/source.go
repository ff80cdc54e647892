package bundle

import (
	"context"
	"strings"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
)

var _ collectors.Source = (*Bundle)(nil)

// Run implements collectors.Source: it loads the bundle once and then waits for
// the end of ctx, since nothing in a bundle changes.
func (b *Bundle) Run(ctx context.Context, sink collectors.Sink) error {
	if b.Load(ctx, sink) == nil {
		<-ctx.Done()
	}
	return nil
}

// Load hands everything Kubernetes knows, and the state of every source, to the
// sink, and returns. Evidence of proxies stays in its files. The error is that
// of ctx.
//
// The sink's snapshots must speak of RecordedAt: see Assembler.FixAt.
func (b *Bundle) Load(ctx context.Context, sink collectors.Sink) error {
	read := b.readObjects(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	// Objects first: a kind that is said to be read must not be empty for a
	// moment.
	sink.Apply(read.objects, nil)
	for _, status := range b.statuses(read) {
		sink.Report(status)
	}
	// Last, because a page of a recording does not renew itself, and must not be
	// made of half of it.
	info := b.Manifest.Cluster
	info.Origin = b.Origin
	sink.Describe(info)
	return nil
}

// sourceOf tells from a path which source a file is evidence of.
func sourceOf(path string) string {
	parts := strings.Split(path, "/")
	switch folder, n := parts[0], len(parts); {
	case folder == "objects" && n == 2:
		return mesh.KubernetesSource
	case (folder == "ztunnel" || folder == "istiod") && n > 2:
		return folder + "/" + parts[1]
	case folder == "envoy" && n > 3:
		return strings.Join(parts[:3], "/")
	case folder == "prometheus" && n == 2:
		return folder
	case folder == "logs" && n == 4:
		container, _ := strings.CutSuffix(parts[3], ".log")
		container, _ = strings.CutSuffix(container, ".previous")
		return strings.Join(parts[:3], "/") + "/" + container
	}
	return ""
}
