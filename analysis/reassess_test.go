package analysis_test

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// TestReassess walks at random through meshes, objects, time and sources, and
// holds what an Assessor says at each step against an assessment from scratch.
func TestReassess(t *testing.T) {
	seeds, steps := uint64(12), 60
	if testing.Short() || mt.Racing {
		seeds = 3
	}
	pool := versions(
		mt.Mesh(slices.Concat(village(), []mt.Part{mt.ProxiesRead()})...),
		mt.Mesh(slices.Concat(village(), trouble(), []mt.Part{mt.ProxiesRead()})...),
		mt.Mesh(slices.Concat(village(), quarrel())...),
		mt.Mesh(slices.Concat(village(), routing(), []mt.Part{mt.ProxiesRead(), bustle(), worn()})...),
	)
	for seed := range seeds {
		w := newWalk(seed, pool)
		var assessor analysis.Assessor
		for step := range steps {
			w.step()
			in := w.input()
			got, want := assessor.Assess(in), analysis.Assess(in)
			if diff := cmp.Diff(want.Findings, got.Findings); diff != "" {
				t.Fatalf("seed %d, step %d: findings differ from those made from scratch (-scratch +again):\n%s", seed, step, diff)
			}
			if diff := cmp.Diff(want.HeldBack, got.HeldBack); diff != "" || want.Ran != got.Ran {
				t.Fatalf("seed %d, step %d: held back differs, %d and %d ran:\n%s", seed, step, want.Ran, got.Ran, diff)
			}
		}
	}
}

// versions lists the objects of several meshes by reference.
func versions(meshes ...*mesh.Snapshot) map[mesh.Ref][]mesh.Object {
	pool := make(map[mesh.Ref][]mesh.Object)
	add := func(list reflect.Value) {
		for i := range list.Len() {
			if o, ok := reflect.TypeAssert[mesh.Object](list.Index(i)); ok {
				pool[o.Ref()] = append(pool[o.Ref()], o)
			}
		}
	}
	for _, s := range meshes {
		for _, sh := range s.Shards {
			if sh.Info != nil {
				add(reflect.ValueOf([]*mesh.Namespace{sh.Info}))
			}
			for _, field := range reflect.VisibleFields(reflect.TypeFor[mesh.Shard]()) {
				if field.IsExported() && field.Type.Kind() == reflect.Slice {
					add(reflect.ValueOf(sh).Elem().FieldByIndex(field.Index))
				}
			}
		}
		for _, list := range []any{s.Nodes, s.GatewayClasses, s.CRDs, s.ZtunnelEvidences(), s.EnvoyEvidences(), s.SyncEvidences()} {
			add(reflect.ValueOf(list))
		}
		if t := s.Traffic(); t != nil {
			add(reflect.ValueOf([]*mesh.Traffic{t}))
		}
	}
	return pool
}

// walk is a mesh on its way. Namespaces that a step leaves alone keep their
// shard, as those of a live cluster do.
type walk struct {
	*rand.Rand
	pool       map[mesh.Ref][]mesh.Object
	refs, pods []mesh.Ref // sorted
	said       []mesh.Ref // evidence
	now        time.Time
	scope      []string
	sources    mesh.Sources
	objects    map[mesh.Ref]mesh.Object
	shards     map[string]*mesh.Shard
}

func newWalk(seed uint64, pool map[mesh.Ref][]mesh.Object) *walk {
	w := &walk{Rand: rand.New(rand.NewPCG(seed, 6)), pool: pool, now: mt.Now, objects: make(map[mesh.Ref]mesh.Object), shards: make(map[string]*mesh.Shard)}
	w.refs = slices.SortedFunc(maps.Keys(pool), mesh.Ref.Compare)
	for _, r := range w.refs {
		w.objects[r] = pool[r][0]
		switch r.Kind {
		case "Pod":
			w.pods = append(w.pods, r)
		case mesh.KindZtunnelEvidence, mesh.KindTraffic:
			w.said = append(w.said, r)
		}
	}
	w.sources = mesh.Sources{{Name: mesh.KubernetesSource, State: mesh.SourceOK}}
	return w
}

// step changes some pods, rarely anything else, and lets time pass.
func (w *walk) step() {
	for range 1 + w.IntN(3) {
		w.change(w.pods[w.IntN(len(w.pods))])
	}
	if w.IntN(8) == 0 {
		w.change(w.refs[w.IntN(len(w.refs))])
	}
	if w.IntN(4) == 0 {
		w.change(w.said[w.IntN(len(w.said))])
	}
	switch w.IntN(40) {
	case 0:
		w.scope = [][]string{nil, {"shop", "bank", "istio-system"}}[w.IntN(2)]
	case 1:
		state := []mesh.SourceState{mesh.SourceOK, mesh.SourceForbidden}[w.IntN(2)]
		w.sources[0].State = mesh.SourceOK
		w.sources = append(w.sources[:1:1], mesh.SourceStatus{Name: mesh.KubernetesSource + "/" + mesh.ResourceGateways, State: state})
	case 2:
		w.now = w.now.Add(-time.Minute)
	}
	w.now = w.now.Add(time.Duration(w.IntN(25)) * time.Second)
	w.sources = slices.Clone(w.sources)
	w.sources[0].AsOf = w.now
}

// change puts another version in an object's place, takes it away, or edits it.
func (w *walk) change(r mesh.Ref) {
	delete(w.shards, r.Namespace)
	if r.Kind == "Namespace" {
		delete(w.shards, r.Name)
	}
	have := w.objects[r]
	switch n := w.IntN(6); {
	case n == 0:
		delete(w.objects, r)
	case have != nil && n < 4:
		w.objects[r] = w.edited(have)
	default:
		w.objects[r] = w.pool[r][w.IntN(len(w.pool[r]))]
	}
}

// edited is a copy of an object that was changed just now; of some kinds it is
// another one too.
func (w *walk) edited(o mesh.Object) mesh.Object {
	next := reflect.New(reflect.TypeOf(o).Elem())
	next.Elem().Set(reflect.ValueOf(o).Elem())
	out := next.Interface().(mesh.Object)
	m := out.Metadata()
	m.SpecChange.Time = w.now
	m.Labels, m.Annotations = maps.Clone(m.Labels), maps.Clone(m.Annotations)
	if m.Labels == nil {
		m.Labels = make(map[string]string)
	}
	if m.Annotations == nil {
		m.Annotations = make(map[string]string)
	}
	w.relabel(m)
	switch o := out.(type) {
	case *mesh.Workload:
		w.editPod(o)
	case *mesh.Service:
		o.Selector = map[string]string{"app": []string{"web", "orders", "nobody"}[w.IntN(3)]}
		o.Conditions = []mesh.Conditions{nil, refused()}[w.IntN(2)]
	case *mesh.Gateway:
		o.Addresses = o.Addresses[:w.IntN(len(o.Addresses)+1)]
	case *mesh.ZtunnelEvidence:
		o.At, o.Local, o.Certificates = w.now, maps.Clone(o.Local), slices.Clone(o.Certificates)
		for i := range o.Certificates {
			if w.IntN(8) == 0 {
				o.Certificates[i].State = []string{"Available", "Initializing", "Unavailable"}[w.IntN(3)]
			}
		}
		for _, uid := range slices.Sorted(maps.Keys(o.Local)) {
			if w.IntN(4) == 0 {
				o.Local[uid] = "Pending"
			}
		}
	case *mesh.Traffic:
		o.At, o.Connections = w.now, slices.Clone(o.Connections)
		for i := range o.Connections {
			o.Connections[i].Flags = []string{"-", "CONNECT", "DENY"}[w.IntN(3)]
		}
	}
	return out
}

func (w *walk) relabel(m *mesh.Meta) {
	key := []string{mesh.LabelDataplaneMode, mesh.LabelUseWaypoint, mesh.LabelWaypointFor, mesh.LabelRevision}[w.IntN(4)]
	switch value := []string{"", "ambient", "none", "waypoint", "all"}[w.IntN(5)]; {
	case w.IntN(3) > 0:
	case value == "":
		delete(m.Labels, key)
	default:
		m.Labels[key] = value
	}
}

func (w *walk) editPod(p *mesh.Workload) {
	switch w.IntN(9) {
	case 0:
		p.Ready = !p.Ready
	case 1:
		p.Phase = []string{"Running", "Pending", "Succeeded", "Failed"}[w.IntN(4)]
	case 2:
		p.Created = w.now
	case 3:
		p.Deleting = w.now
	case 4:
		p.Node = []string{"node-a", "node-c", "node-d", "node-e", ""}[w.IntN(5)]
	case 5:
		p.Annotations[mesh.AnnotationRedirection] = []string{"enabled", "pending", ""}[w.IntN(3)]
	case 6:
		p.Annotations[mesh.AnnotationSidecarStatus] = []string{"{}", ""}[w.IntN(2)]
	case 7:
		p.Containers = nil
	case 8:
		p.HostNetwork = !p.HostNetwork
	}
}

// input is the mesh as it stands.
func (w *walk) input() analysis.Input {
	lists := make(map[string][]mesh.Object)
	for _, r := range slices.SortedFunc(maps.Keys(w.objects), mesh.Ref.Compare) {
		place := r.Namespace
		if r.Kind == "Namespace" {
			place = r.Name
		}
		lists[place] = append(lists[place], w.objects[r])
	}
	content := mesh.Content{At: w.now, Scope: w.scope, Sources: w.sources, ClusterScoped: lists[""]}
	delete(lists, "")
	for place, list := range lists {
		if w.shards[place] == nil {
			w.shards[place] = mesh.NewShard(place, list)
		}
		content.Shards = append(content.Shards, w.shards[place])
	}
	return analysis.Input{Snap: mesh.NewSnapshot(content), Now: w.now}
}
