package evidence

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
)

const (
	// lookAgain is how long a sweep waits after each round, and how often
	// istiods are asked.
	lookAgain = 30 * time.Second
	// lookFor is how often it is looked whether there are pods to read yet.
	lookFor = time.Second
)

// Sweep reads every proxy of a live cluster in turn, slowly, for what a
// snapshot keeps of it, and every istiod more often. It implements
// collectors.Source.
type Sweep struct {
	// Reader reads, Spent is how many bytes that took so far.
	Reader Reader
	Spent  func() int64
	// Rate is how many bytes a second are read on average, at most.
	Rate int64
	// Snapshot is the newest snapshot, nil before the first.
	Snapshot func() *mesh.Snapshot
	// Compare is asked about each proxy; without one nothing is compared.
	Compare Comparer
	// Log gets a line when a right turns out to be missing; nil for none.
	Log *slog.Logger

	once  sync.Once
	hurry chan struct{}
}

var _ collectors.Source = (*Sweep)(nil)

// Run implements collectors.Source.
func (s *Sweep) Run(ctx context.Context, sink collectors.Sink) error {
	var running sync.WaitGroup
	for _, t := range []*tour{newTour(s, sink, proxiesOf, s.hurries()), newTour(s, sink, istiodsOf, nil)} {
		running.Go(func() { t.run(ctx) })
	}
	running.Wait()
	return nil
}

// ReadAll has all proxies read at once, and not in turn. It does not wait for
// them: what they say arrives as always.
func (s *Sweep) ReadAll() {
	select {
	case s.hurries() <- struct{}{}:
	default: // asked for already
	}
}

// hurries delivers when all proxies shall be read at once.
func (s *Sweep) hurries() chan struct{} {
	s.once.Do(func() { s.hurry = make(chan struct{}, 1) })
	return s.hurry
}

// proxiesOf are the ztunnels and waypoints that can be read: Ready ones. Nodes
// come in their order, and so does the answer of each round.
func proxiesOf(snap *mesh.Snapshot) []target {
	nodes := make(map[string]bool)
	var out []target
	for _, w := range pods(snap) {
		switch {
		case w.Labels["app"] == "ztunnel" && w.Node != "" && !nodes[w.Node]:
			if ready := mesh.ReadyPod(snap.Ztunnels(w.Node)); ready != nil {
				nodes[w.Node] = true
				out = append(out, target{kind: kindZtunnel, node: w.Node, pod: ready.Ref()})
			}
		case w.IsWaypoint() && w.Running() && w.Ready:
			out = append(out, target{kind: kindEnvoy, pod: w.Ref()})
		}
	}
	slices.SortFunc(out, func(a, b target) int {
		return cmp.Or(-cmp.Compare(a.kind, b.kind), cmp.Compare(a.node, b.node), a.pod.Compare(b.pod))
	})
	return out
}

// istiodsOf are the istiods that can be read.
func istiodsOf(snap *mesh.Snapshot) []target {
	var out []target
	for _, w := range pods(snap) {
		if w.Labels["app"] == "istiod" && w.Running() && w.Ready {
			out = append(out, target{kind: kindIstiod, pod: w.Ref()})
		}
	}
	slices.SortFunc(out, func(a, b target) int { return a.pod.Compare(b.pod) })
	return out
}

func pods(snap *mesh.Snapshot) []*mesh.Workload {
	var out []*mesh.Workload
	for _, sh := range snap.Shards {
		for _, w := range sh.Workloads {
			if w.Kind == "Pod" {
				out = append(out, w)
			}
		}
	}
	return out
}

// rest is how long what was read since before takes by the budget.
func (s *Sweep) rest(before int64) time.Duration {
	if s.Rate <= 0 {
		return 0
	}
	return time.Duration(float64(s.Spent()-before) / float64(s.Rate) * float64(time.Second))
}
