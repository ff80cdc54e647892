package collectors

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Assembler is the Sink that makes snapshots. The zero value is not usable;
// call NewAssembler.
type Assembler struct {
	scope []string
	now   func() time.Time
	wake  chan struct{} // holds one token while something is unpublished

	mu      sync.Mutex
	objects map[string]map[mesh.Ref]mesh.Object // by shard; "" is cluster-scoped
	shards  map[string]*mesh.Shard
	dirty   map[string]bool
	sources map[string]mesh.SourceStatus
	cluster mesh.ClusterInfo
	// fixedAt is the moment of a recording; zero for a live cluster.
	fixedAt  time.Time
	revision uint64
}

// NewAssembler returns an assembler for the given scope (nil: all namespaces).
// now is the clock for live snapshots.
func NewAssembler(scope []string, now func() time.Time) *Assembler {
	return &Assembler{
		scope:   slices.Clone(scope),
		now:     now,
		wake:    make(chan struct{}, 1),
		objects: make(map[string]map[mesh.Ref]mesh.Object),
		shards:  make(map[string]*mesh.Shard),
		dirty:   make(map[string]bool),
		sources: make(map[string]mesh.SourceStatus),
	}
}

// FixAt makes every snapshot speak of one recorded moment.
func (a *Assembler) FixAt(t time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fixedAt = t
	a.signal()
}

// Apply implements Sink.
func (a *Assembler) Apply(put []mesh.Object, drop []mesh.Ref) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range drop {
		key := shardKey(r)
		if _, ok := a.objects[key][r]; ok {
			delete(a.objects[key], r)
			a.dirty[key] = true
		}
	}
	for _, o := range put {
		key := shardKey(o.Ref())
		if a.objects[key] == nil {
			a.objects[key] = make(map[mesh.Ref]mesh.Object)
		}
		a.objects[key][o.Ref()] = o
		a.dirty[key] = true
	}
	if len(a.dirty) > 0 {
		a.signal()
	}
}

// Report implements Sink.
func (a *Assembler) Report(status mesh.SourceStatus) {
	a.mu.Lock()
	defer a.mu.Unlock()
	old, had := a.sources[status.Name]
	if status.AsOf.IsZero() {
		status.AsOf = old.AsOf
	}
	same := had && old.State == status.State && old.Detail == status.Detail
	if same {
		status.Since = old.Since
	} else if status.Since.IsZero() {
		status.Since = a.moment()
	}
	a.sources[status.Name] = status
	if !same {
		a.signal()
	}
}

// Describe implements Sink.
func (a *Assembler) Describe(info mesh.ClusterInfo) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.cluster != info {
		a.cluster = info
		a.signal()
	}
}

// Statuses are the sources' states at this moment. They are fresher than those
// in the newest snapshot, which is not made anew while nothing changes.
func (a *Assembler) Statuses() mesh.Sources {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.SortedFunc(maps.Values(a.sources), func(x, y mesh.SourceStatus) int { return strings.Compare(x.Name, y.Name) })
}

// Snapshot builds the current snapshot. Namespaces that did not change keep
// their shard.
func (a *Assembler) Snapshot() *mesh.Snapshot {
	a.mu.Lock()
	defer a.mu.Unlock()
	for key := range a.dirty {
		if key != "" {
			a.rebuild(key)
		}
	}
	clear(a.dirty)
	a.revision++
	content := mesh.Content{At: a.moment(), Revision: a.revision, Cluster: a.cluster, Scope: a.scope}
	for _, st := range a.sources {
		content.Sources = append(content.Sources, st)
	}
	for _, sh := range a.shards {
		content.Shards = append(content.Shards, sh)
	}
	for _, o := range a.objects[""] {
		content.ClusterScoped = append(content.ClusterScoped, o)
	}
	return mesh.NewSnapshot(content)
}

func (a *Assembler) rebuild(namespace string) {
	held := a.objects[namespace]
	if len(held) == 0 {
		delete(a.shards, namespace)
		delete(a.objects, namespace)
		return
	}
	list := make([]mesh.Object, 0, len(held))
	for _, o := range held {
		list = append(list, o)
	}
	a.shards[namespace] = mesh.NewShard(namespace, list)
}

func (a *Assembler) moment() time.Time {
	if !a.fixedAt.IsZero() {
		return a.fixedAt
	}
	return a.now().UTC()
}

// recorded tells that snapshots speak of a fixed moment.
func (a *Assembler) recorded() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.fixedAt.IsZero()
}

// signal leaves a token for the publishing loop; mu is held.
func (a *Assembler) signal() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// shardKey is the shard an object lives in. A Namespace is part of its own.
func shardKey(r mesh.Ref) string {
	if r.Kind == "Namespace" {
		return r.Name
	}
	return r.Namespace
}
