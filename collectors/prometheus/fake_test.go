package prometheus_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waylight/waylight/collectors/prometheus"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

var now = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// fake is a Prometheus that answers what it is told to, and notes what it was
// asked.
type fake struct {
	*httptest.Server
	mu sync.Mutex
	// answers are samples, as JSON, by query; others are answered with none.
	answers map[string]string
	// misbehave answers in place of all of this.
	misbehave http.HandlerFunc
	asked     []string
	headers   []http.Header
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{answers: make(map[string]string)}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.Method+" "+r.URL.Path+" "+r.URL.Query().Get("query"))
	f.headers = append(f.headers, r.Header)
	misbehave, answer := f.misbehave, f.answers[r.URL.Query().Get("query")]
	f.mu.Unlock()
	switch {
	case misbehave != nil:
		misbehave(w, r)
	case strings.HasSuffix(r.URL.Path, "/query_range"):
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[%s]}}`, answer)
	default:
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"vector","result":[%s]}}`, answer)
	}
}

func (f *fake) misbehaves(h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.misbehave = h
}

func (f *fake) queries() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asked)
}

// vector writes samples: labels as "name=value name=value", and a number.
func vector(t *testing.T, samples ...string) string {
	t.Helper()
	var out []string
	for _, s := range samples {
		labels, number, _ := strings.Cut(s, " => ")
		metric := make(map[string]string)
		for l := range strings.FieldsSeq(labels) {
			name, value, _ := strings.Cut(l, "=")
			metric[name] = value
		}
		text, err := json.Marshal(map[string]any{"metric": metric, "value": []any{1, number}})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(text))
	}
	return strings.Join(out, ",")
}

// sink keeps the state of the source.
type sink struct{ status mesh.SourceStatus }

func (s *sink) Apply([]mesh.Object, []mesh.Ref) {}
func (s *sink) Report(st mesh.SourceStatus)     { s.status = st }
func (s *sink) Describe(mesh.ClusterInfo)       {}

// asked is a source with what came of it.
type asked struct {
	*prometheus.Source
	sink
	snap  *mesh.Snapshot
	taken *mesh.Traffic
}

func (a *asked) round(t *testing.T) bool {
	t.Helper()
	return a.Round(t.Context(), a.snap, &a.sink)
}

func oneNode(more ...meshtest.Part) *mesh.Snapshot {
	return meshtest.Mesh(append(more, meshtest.Namespace("shop"), meshtest.Node("node-a"), meshtest.Waypoint("shop", "waypoint"))...)
}

// ask makes a source for a Prometheus at an address.
func ask(t *testing.T, address string, access prometheus.Access) *asked {
	t.Helper()
	transport, err := access.Transport()
	if err != nil {
		t.Fatal(err)
	}
	a := &asked{snap: oneNode()}
	a.Source = prometheus.New(prometheus.Options{
		Endpoint: prometheus.Endpoint{Name: "a test", Address: address, Transport: transport},
		Window:   5 * time.Minute, Every: 30 * time.Second, Now: func() time.Time { return now }, ExternalURL: "https://prometheus.example/",
		Take: func(t *mesh.Traffic) { a.taken = t },
	})
	return a
}

// pods of oneNode.
func pods(s *mesh.Snapshot) (ztunnel, waypoint mesh.Ref) {
	return s.Ztunnels("node-a")[0].Ref(), s.Waypoint("shop", "waypoint").Pods[0].Ref()
}
