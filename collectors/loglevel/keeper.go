package loglevel

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/tunnel"
	"github.com/waylight/waylight/mesh"
)

const (
	// lookAgain is the time between two rounds, in which every ztunnel is asked
	// for its level: some bytes, over a port-forward that the API server sets
	// up.
	lookAgain = 5 * time.Minute
	// lookFor is how often it is looked whether there are pods to ask yet.
	lookFor = time.Second
	// patience is how long one answer may take.
	patience = 5 * time.Second
	// tryAgain is how long to wait after a level could not be taken back.
	tryAgain = 15 * time.Second
	// staleFor is how long a level stands that could not be read again.
	staleFor = 2*lookAgain + time.Minute
)

// Caller asks ztunnels; a *tunnel.Pool is one.
type Caller interface {
	LogLevel(ctx context.Context, pod mesh.Ref) (tunnel.LogLevel, error)
	SetLogLevel(ctx context.Context, pod mesh.Ref, change mesh.LogChange, until time.Time) (tunnel.LogLevel, error)
	ResetLogLevel(ctx context.Context, pod mesh.Ref) (tunnel.LogLevel, error)
}

// Keeper knows what every ztunnel logs. It implements collectors.Source. Its
// exported fields are set before it is used.
type Keeper struct {
	Caller Caller
	// Snapshot is the newest snapshot, nil before the first.
	Snapshot func() *mesh.Snapshot
	// Allowed lets levels be changed, and taken back. Without it they are only
	// read.
	Allowed bool
	// User asks as which Kubernetes user this Waylight works; nil where it
	// cannot be asked.
	User func(context.Context) (string, error)
	// Log takes a line for each change, done or not; nil for none.
	Log *slog.Logger
	// Observe is told of each change that was tried; nil for nobody.
	Observe func(action string, err error)

	mu    sync.Mutex
	sink  collectors.Sink // nil before Run
	known map[mesh.Ref]*ztunnel
	wake  chan struct{}
	user  string // once it was answered
}

var _ collectors.Source = (*Keeper)(nil)

// ztunnel is what is known of one pod. The keeper's mu guards all but turn.
type ztunnel struct {
	node  string
	level *mesh.ZtunnelLogLevel // as it was read last; nil if it was not
	shown bool                  // a snapshot has a level of it
	fresh bool                  // level is newer than what the snapshot has, and says the same
	due   time.Time             // when to look at it; zero for the next round
	made  change                // the last change this Waylight made of it
	turn  chan struct{}         // holds a token while it is being asked
}

// change is who changed a level, and what marks it.
type change struct {
	user   string
	at     time.Time
	marker time.Time
}

// Run implements collectors.Source: it reads every level round after round, and
// takes back those whose time is over.
func (k *Keeper) Run(ctx context.Context, sink collectors.Sink) error {
	wake := k.begin(sink)
	var running sync.WaitGroup
	running.Go(func() { k.rounds(ctx) })
	if k.Allowed {
		running.Go(func() { k.keepTimes(ctx, wake) })
	}
	running.Wait()
	return nil
}

func (k *Keeper) begin(sink collectors.Sink) (wake <-chan struct{}) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sink, k.wake = sink, make(chan struct{}, 1)
	return k.wake
}

// rounds asks every ztunnel in turn, one at a time.
func (k *Keeper) rounds(ctx context.Context) {
	for {
		wait := lookFor
		if snap := k.Snapshot(); snap != nil && snap.Sources.Kind(mesh.ResourcePods).State.Readable() {
			k.round(ctx, snap)
			wait = lookAgain
		}
		if !collectors.Sleep(ctx, wait) {
			return
		}
	}
}

func (k *Keeper) round(ctx context.Context, snap *mesh.Snapshot) {
	pods := readyZtunnels(snap)
	k.forget(snap, pods)
	defer k.refresh()
	barred := make(map[string]bool) // namespaces whose pods may not be reached
	for _, w := range pods {
		if ctx.Err() != nil {
			return
		}
		if barred[w.Namespace] {
			continue
		}
		err := k.look(ctx, w.Node, w.Ref())
		if failed, ok := errors.AsType[*tunnel.Error](err); ok && failed.Reason == tunnel.Forbidden {
			barred[w.Namespace] = true
		}
	}
}

// readyZtunnels are the pods that can be asked, one of each node.
func readyZtunnels(snap *mesh.Snapshot) []*mesh.Workload {
	byNode := make(map[string]*mesh.Workload)
	for _, sh := range snap.Shards {
		for _, w := range sh.Workloads {
			if w.Kind == "Pod" && w.Labels["app"] == "ztunnel" && w.Node != "" && byNode[w.Node] == nil {
				byNode[w.Node] = mesh.ReadyPod(snap.Ztunnels(w.Node))
			}
		}
	}
	var out []*mesh.Workload
	for _, w := range byNode {
		if w != nil {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b *mesh.Workload) int { return strings.Compare(a.Node, b.Node) })
	return out
}

// forget lets go of ztunnels that are gone, and takes back the levels of those
// that are not the ones of their node any more.
func (k *Keeper) forget(snap *mesh.Snapshot, ready []*mesh.Workload) {
	k.mu.Lock()
	defer k.mu.Unlock()
	is := func(pod mesh.Ref) func(*mesh.Workload) bool {
		return func(w *mesh.Workload) bool { return w.Ref() == pod }
	}
	for pod, z := range k.known {
		if !slices.ContainsFunc(ready, is(pod)) {
			k.drop(z)
		}
		if !slices.ContainsFunc(snap.Ztunnels(z.node), is(pod)) {
			delete(k.known, pod)
		}
	}
}

// drop takes back the level that the snapshot has of a ztunnel; mu is held.
func (k *Keeper) drop(z *ztunnel) {
	if z.shown && k.sink != nil {
		k.sink.Apply(nil, []mesh.Ref{z.level.Ref()})
	}
	z.shown, z.fresh = false, false
}

// refresh shows at once what was read anew and has not changed: each step of
// its own would be a snapshot of its own.
func (k *Keeper) refresh() {
	k.mu.Lock()
	defer k.mu.Unlock()
	var put []mesh.Object
	for _, z := range k.known {
		if z.fresh {
			put = append(put, z.level)
			z.fresh = false
		}
	}
	if len(put) > 0 && k.sink != nil {
		k.sink.Apply(put, nil)
	}
}

// keepTimes looks at each ztunnel when the time of its level is over.
func (k *Keeper) keepTimes(ctx context.Context, wake <-chan struct{}) {
	for {
		node, pod, due := k.nextDue()
		if due.IsZero() {
			due = time.Now().Add(lookAgain)
		}
		timer := time.NewTimer(time.Until(due))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-wake: // something may be due before
			timer.Stop()
		case <-timer.C:
			if !pod.IsZero() {
				_ = k.look(ctx, node, pod) // fail has said when to try again
			}
		}
	}
}

// nextDue is the ztunnel to look at next; zero for none.
func (k *Keeper) nextDue() (node string, pod mesh.Ref, due time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for p, z := range k.known {
		if !z.due.IsZero() && (due.IsZero() || z.due.Before(due)) {
			node, pod, due = z.node, p, z.due
		}
	}
	return node, pod, due
}
