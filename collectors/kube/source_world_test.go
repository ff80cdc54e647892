package kube

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waylight/waylight/mesh"
)

// world is a Source at work on a fake API server. Its time is that of a
// synctest bubble: it passes only when everybody waits.
type world struct {
	*testing.T
	api    *fakeAPI
	sink   *recorder
	source *Source
	log    *syncBuffer
	stop   func()
}

// inWorld runs a test with a fake API server; the test starts the Source.
func inWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, api: newFakeAPI(t), sink: newRecorder(), log: &syncBuffer{}}
		test(w)
		if w.stop != nil {
			w.stop()
		}
	})
}

// run starts a Source for some namespaces, or all.
func (w *world) run(namespaces ...string) {
	log := slog.New(slog.NewTextHandler(w.log, nil))
	w.source = New(w.api.config(), Options{Namespaces: namespaces, ClusterName: "test", Version: "1.2.3", Log: log})
	ctx, cancel := context.WithCancel(w.Context())
	ended := make(chan error)
	go func() { ended <- w.source.Run(ctx, w.sink) }()
	w.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			w.Errorf("Run: %v", err)
		}
		w.stop = nil
	}
	w.pass(time.Second)
}

// pass lets time pass, and what is to happen in it.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// expect compares the state of a source, by its resource ("" for the API as a
// whole), and what its detail contains.
func (w *world) expect(resource string, state mesh.SourceState, detail string) {
	w.Helper()
	got := w.sink.source(resource)
	if got.State != state || !strings.Contains(got.Detail, detail) {
		w.Errorf("kubernetes/%s is %s (%q), want %s (%q)", resource, got.State, got.Detail, state, detail)
	}
}

// expectNames compares the objects the sink holds of one kind.
func (w *world) expectNames(kind string, want ...string) {
	w.Helper()
	if got := w.sink.names(kind); !slices.Equal(got, want) {
		w.Errorf("the sink holds %s %q, want %q", kind, got, want)
	}
}

// recorder is a sink that remembers.
type recorder struct {
	mu       sync.Mutex
	objects  map[mesh.Ref]mesh.Object
	sources  map[string]mesh.SourceStatus
	cluster  mesh.ClusterInfo
	puts     int
	wrongful []string // objects that went while their kind counted as complete
}

func newRecorder() *recorder {
	return &recorder{objects: map[mesh.Ref]mesh.Object{}, sources: map[string]mesh.SourceStatus{}}
}

func (r *recorder) Apply(put []mesh.Object, drop []mesh.Ref) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ref := range drop {
		delete(r.objects, ref)
		if ref.Kind == "Pod" && r.sources["kubernetes/pods"].State.Readable() {
			r.wrongful = append(r.wrongful, ref.Name)
		}
	}
	for _, o := range put {
		r.objects[o.Ref()] = o
		r.puts++
	}
}

func (r *recorder) Report(s mesh.SourceStatus) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sources[s.Name] = s
}

func (r *recorder) Describe(info mesh.ClusterInfo) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cluster = info
}

func (r *recorder) source(resource string) mesh.SourceStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sources[strings.TrimSuffix(mesh.KubernetesSource+"/"+resource, "/")]
}

func (r *recorder) names(kind string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, ref := range slices.SortedFunc(maps.Keys(r.objects), mesh.Ref.Compare) {
		if ref.Kind == kind {
			out = append(out, ref.NamespacedName())
		}
	}
	return out
}

func (r *recorder) object(ref mesh.Ref) mesh.Object {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.objects[ref]
}

// counted answers how many objects arrived, and counts anew.
func (r *recorder) counted() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.puts
	r.puts = 0
	return n
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// lines answers what was written, and forgets it.
func (b *syncBuffer) lines() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := strings.FieldsFunc(b.buf.String(), func(r rune) bool { return r == '\n' })
	b.buf.Reset()
	return out
}

func namespaced(apiVersion, kind, namespace, name string) manifest {
	return manifest{"apiVersion": apiVersion, "kind": kind, "metadata": manifest{"namespace": namespace, "name": name}}
}

func pod(namespace, name string) manifest { return namespaced("v1", "Pod", namespace, name) }

func policy(namespace, name string) manifest {
	return namespaced("security.istio.io/v1", "AuthorizationPolicy", namespace, name)
}

func withSpec(o manifest, spec any) manifest {
	o["spec"] = spec
	return o
}

func withLabel(o manifest, key, value string) manifest {
	o["metadata"].(manifest)["labels"] = manifest{key: value}
	return o
}

func namespace(name string) manifest {
	return manifest{"apiVersion": "v1", "kind": "Namespace", "metadata": manifest{"name": name}}
}

// definition of one of the kinds that come with a CRD.
func definitionOf(resource, version string) manifest {
	plural, group, _ := strings.Cut(resource, ".")
	return manifest{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": manifest{"name": resource},
		"spec": manifest{"group": group, "names": manifest{"plural": plural}, "versions": []manifest{{"name": version, "served": true}}},
	}
}
