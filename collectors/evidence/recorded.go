package evidence

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

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

// Run implements collectors.Source: it loads the bundle and then waits for the
// end of ctx, since nothing in a bundle changes. Many large dumps are not waited
// for: the mesh is shown without them, and each is added when it is read.
func (r *Recorded) Run(ctx context.Context, sink collectors.Sink) error {
	if r.load(ctx, sink, time.After(patience)) == nil {
		<-ctx.Done()
	}
	return nil
}

// Load hands the whole bundle to the sink and returns: objects and evidence in
// one step, then the state of every source. The error is that of ctx.
func (r *Recorded) Load(ctx context.Context, sink collectors.Sink) error {
	return r.load(ctx, sink, nil)
}

// patience is how long a page waits for what proxies said. Bundles of small
// meshes are read whole by then, and shown in one step.
const patience = 300 * time.Millisecond

// load shows the bundle when all of it is read, or when until says so, and then
// adds what is missing as it comes.
func (r *Recorded) load(ctx context.Context, sink collectors.Sink, until <-chan time.Time) error {
	var p picture
	if err := r.Bundle.Load(ctx, &p); err != nil {
		return err
	}
	snap := p.snapshot(r.Bundle.RecordedAt())
	r.count(ctx, &p, snap)
	came := r.readAll(ctx, &p, snap)
	p.await(came, until)
	if ctx.Err() == nil {
		p.show(sink)
	}
	for one := range came {
		if ctx.Err() != nil {
			continue // the readers end by themselves
		}
		if one.object != nil {
			sink.Apply([]mesh.Object{one.object}, nil)
		}
		sink.Report(one.status)
	}
	return ctx.Err()
}

// mostAtOnce bounds how many dumps are read at once, each of which may take 17
// MB while it is held against the API.
const mostAtOnce = 4

// readAll reads every proxy that the bundle says can be relied on, some at once,
// and tells of each as it comes. p has them as not read until then.
func (r *Recorded) readAll(ctx context.Context, p *picture, snap *mesh.Snapshot) <-chan reading {
	compare := &oneAtATime{by: orNotCompared(r.Compare)}
	said := slices.Clone(p.sources)
	for i := range said {
		if _, ok := targetOf(snap, said[i].Name); ok && speaks(&said[i]) {
			p.sources[i] = mesh.SourceStatus{Name: said[i].Name, State: mesh.SourceStarting, Detail: "What was recorded of it is being read."}
		}
	}
	came := make(chan reading)
	go func() {
		defer close(came)
		var readers errgroup.Group
		readers.SetLimit(min(runtime.GOMAXPROCS(0), mostAtOnce))
		for i := range said {
			if of, ok := targetOf(snap, said[i].Name); ok && speaks(&said[i]) && ctx.Err() == nil {
				readers.Go(func() error { came <- r.read(ctx, snap, compare, of, said[i]); return nil })
			}
		}
		_ = readers.Wait() // what failed is in the readings
	}()
	return came
}

// speaks tells that something can be read of a source.
func speaks(s *mesh.SourceStatus) bool {
	return s.State.Readable() || s.State == mesh.SourcePartial
}

// read reads one proxy, and makes its state worse where that fails.
func (r *Recorded) read(ctx context.Context, snap *mesh.Snapshot, compare Comparer, of target, said mesh.SourceStatus) reading {
	examine := examination{from: Files{r.Bundle}, compare: compare, snapshot: func() *mesh.Snapshot { return snap }}
	object, read, err := examine.read(ctx, of)
	switch {
	case errors.Is(err, ErrNotRecorded): // others of its files may say something
		said.State, said.Detail = mesh.SourcePartial, sentence(err.Error())
	case err != nil:
		said = mesh.SourceStatus{Name: said.Name, State: mesh.SourceDown, Detail: sentence(err.Error())}
	case read.State != mesh.SourceOK:
		said = read
	}
	return reading{of: of, object: object, status: said, err: err}
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

// picture holds what a bundle says until it can be shown at once. It is a
// collectors.Sink for one goroutine.
type picture struct {
	info    mesh.ClusterInfo
	objects []mesh.Object
	sources mesh.Sources
}

// await adds readings until there are no more, or until says so.
func (p *picture) await(came <-chan reading, until <-chan time.Time) {
	for {
		select {
		case <-until: // also where more has come
			return
		default:
		}
		select {
		case one, more := <-came:
			if !more {
				return
			}
			p.add(one)
		case <-until:
			return
		}
	}
}

func (p *picture) add(one reading) {
	if one.object != nil {
		p.objects = append(p.objects, one.object)
	}
	i := slices.IndexFunc(p.sources, func(s mesh.SourceStatus) bool { return s.Name == one.status.Name })
	p.sources[i] = one.status
}

// show describes the mesh last, as bundle.Load does: what calls itself a
// recording is all of it.
func (p *picture) show(sink collectors.Sink) {
	sink.Apply(p.objects, nil)
	for _, status := range p.sources {
		sink.Report(status)
	}
	sink.Describe(p.info)
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
