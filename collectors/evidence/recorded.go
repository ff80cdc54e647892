package evidence

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/mesh"
)

// Recorded is a bundle with what its proxies said. It implements
// collectors.Source.
type Recorded struct {
	Bundle *bundle.Bundle
	// Compare is asked about each proxy; without one nothing is compared.
	Compare Comparer
}

var _ collectors.Source = (*Recorded)(nil)

// Run implements collectors.Source: it loads the bundle once and then waits for
// the end of ctx, since nothing in a bundle changes.
func (r *Recorded) Run(ctx context.Context, sink collectors.Sink) error {
	if r.Load(ctx, sink) == nil {
		<-ctx.Done()
	}
	return nil
}

// Load hands the whole bundle to the sink and returns: objects and evidence in
// one step, then the state of every source. The error is that of ctx.
func (r *Recorded) Load(ctx context.Context, sink collectors.Sink) error {
	var p picture
	if err := r.Bundle.Load(ctx, &p); err != nil {
		return err
	}
	if err := r.addEvidence(ctx, &p); err != nil {
		return err
	}
	sink.Describe(p.info)
	sink.Apply(p.objects, nil)
	for _, status := range p.sources {
		sink.Report(status)
	}
	return nil
}

// addEvidence reads every proxy that the bundle says can be relied on.
func (r *Recorded) addEvidence(ctx context.Context, p *picture) error {
	snap := p.snapshot(r.Bundle.RecordedAt())
	for i := range p.sources {
		status := &p.sources[i]
		if !status.State.Readable() && status.State != mesh.SourcePartial {
			continue
		}
		if object := r.read(ctx, snap, status); object != nil {
			p.objects = append(p.objects, object)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// read reads one proxy, and makes its state worse where that fails. It answers
// nil for sources that are no proxies.
func (r *Recorded) read(ctx context.Context, snap *mesh.Snapshot, status *mesh.SourceStatus) mesh.Object {
	t, ok := targetOf(snap, status.Name)
	if !ok {
		return nil
	}
	examine := examination{from: Files{r.Bundle}, compare: r.Compare, snapshot: func() *mesh.Snapshot { return snap }}
	object, read, err := examine.read(ctx, t)
	switch {
	case errors.Is(err, ErrNotRecorded): // others of its files may say something
		status.State, status.Detail = mesh.SourcePartial, sentence(err.Error())
		return nil
	case err != nil:
		*status = mesh.SourceStatus{Name: status.Name, State: mesh.SourceDown, Detail: sentence(err.Error())}
		return nil
	case read.State != mesh.SourceOK:
		*status = read
	}
	return object
}

// targetOf is the proxy or istiod that a source of a bundle is about.
func targetOf(snap *mesh.Snapshot, source string) (target, bool) {
	kind, name, _ := strings.Cut(source, "/")
	switch kind {
	case kindZtunnel:
		return target{kind: kind, node: name, pod: ztunnelPod(snap, name)}, true
	case kindEnvoy:
		namespace, pod, _ := strings.Cut(name, "/")
		return target{kind: kind, pod: mesh.Ref{Kind: "Pod", Namespace: namespace, Name: pod}}, true
	case kindIstiod:
		return target{kind: kind, pod: mesh.Ref{Kind: "Pod", Name: name}}, true
	}
	return target{}, false
}

// ztunnelPod is the pod that a node's dump is of: the Ready one, as the format
// of bundles and the names of sources have it; zero if there is none.
func ztunnelPod(snap *mesh.Snapshot, node string) mesh.Ref {
	if pod := mesh.ReadyPod(snap.Ztunnels(node)); pod != nil {
		return pod.Ref()
	}
	return mesh.Ref{}
}

// picture holds what a bundle says until all of it can be shown at once. It is
// a collectors.Sink for one goroutine.
type picture struct {
	info    mesh.ClusterInfo
	objects []mesh.Object
	sources mesh.Sources
}

// Apply implements collectors.Sink.
func (p *picture) Apply(put []mesh.Object, _ []mesh.Ref) { p.objects = append(p.objects, put...) }

// Report implements collectors.Sink.
func (p *picture) Report(status mesh.SourceStatus) { p.sources = append(p.sources, status) }

// Describe implements collectors.Sink.
func (p *picture) Describe(info mesh.ClusterInfo) { p.info = info }

// snapshot is the mesh as the objects have it, for those who compare.
func (p *picture) snapshot(at time.Time) *mesh.Snapshot {
	assembler := collectors.NewAssembler(nil, time.Now)
	assembler.FixAt(at)
	assembler.Describe(p.info)
	assembler.Apply(p.objects, nil)
	for _, status := range p.sources {
		assembler.Report(status)
	}
	return assembler.Snapshot()
}
