package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/collectors/evidence"
	"github.com/waylight/waylight/collectors/prometheus"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// stillLive is asLive for those who tell a cluster from a bundle by how it is
// read.
type stillLive struct{ as asLive }

// Run implements collectors.Source.
func (s stillLive) Run(ctx context.Context, sink collectors.Sink) error { return s.as.Run(ctx, sink) }

// liveRecording is a recorded mesh as if it were a cluster: objects come from a
// source that goes on, and proxies answer when they are asked.
func liveRecording(t *testing.T, name string) feed {
	t.Helper()
	b, err := bundle.Open(file(t, name+".tar.gz", meshtest.Recording(name)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	b.Origin = mesh.OriginLive
	p := recordedProxies(b)
	p.sweep = &evidence.Sweep{Reader: evidence.Files{Bundle: b}, Spent: func() int64 { return 0 }, Snapshot: p.snap.Load, Compare: driftAtItsMoment{}}
	f := feed{source: stillLive{asLive{b}}, assembler: collectors.NewAssembler(nil, time.Now), proxies: p}
	f.assembler.FixAt(b.RecordedAt())
	return f
}

// wholeReport judges what a single look reads.
func wholeReport(t *testing.T, f feed) *analysis.Report {
	t.Helper()
	snap, err := f.readWhole(t.Context(), &liveFlags{timeout: time.Minute, proxyTimeout: time.Minute}, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	return analysis.Assess(analysis.Input{Snap: snap, Now: snap.At})
}

func codesOf(r *analysis.Report) []string {
	var out []string
	for i := range r.Findings {
		out = append(out, r.Findings[i].Code+" "+r.Findings[i].Subject.String())
	}
	return out
}

func TestASingleLookAtAClusterFindsWhatItsRecordingHas(t *testing.T) {
	for _, name := range []string{"clean", "ca-mismatch", "pod-not-captured", "guide-as-written"} {
		t.Run(name, func(t *testing.T) {
			report := wholeReport(t, liveRecording(t, name))
			b, err := bundle.Open(file(t, "b.tar.gz", meshtest.Recording(name)))
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			snap, err := readOnce(t.Context(), recorded(b, "", "", mesh.OriginRecorded))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(codesOf(analysis.Assess(analysis.Input{Snap: snap, Now: snap.At})), codesOf(report)); diff != "" {
				t.Errorf("-recording +cluster:\n%s", diff)
			}
			for _, h := range report.HeldBack {
				if isProxy(h.Source) {
					t.Errorf("held back: %+v", h)
				}
			}
			if said := unseenIn(report.Snap).sentences(); len(said) > 0 {
				t.Errorf("it says %q", said)
			}
		})
	}
}

func TestWithoutItsProxiesACodeOfTheirsIsUndetermined(t *testing.T) {
	const code = "CERT_UNAVAILABLE"
	has := func(r *analysis.Report) bool {
		return slices.ContainsFunc(r.Findings, func(f analysis.Finding) bool { return f.Code == code })
	}
	if !has(wholeReport(t, liveRecording(t, "ca-mismatch"))) {
		t.Fatal("it is not found with them")
	}
	f := liveRecording(t, "ca-mismatch")
	f.proxies = nil
	report := wholeReport(t, f)
	held := slices.ContainsFunc(report.HeldBack, func(h analysis.HeldBack) bool { return h.Code == code && !h.Partly })
	if has(report) || !held {
		t.Errorf("found: %v, held back: %v", has(report), held)
	}
}

func TestASingleLookAsksPrometheusOnce(t *testing.T) {
	var mu sync.Mutex
	asked := make(map[string]int)
	prom := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked[r.FormValue("query")]++
		counts(w, r)
	}))
	defer prom.Close()
	f := liveRecording(t, "clean")
	f.counting = newCounting()
	f.counting.ask(prometheus.Options{
		Endpoint: prometheus.Endpoint{Name: "a test", Address: prom.URL, Transport: http.DefaultTransport},
		Window:   time.Minute, Every: time.Minute, Now: time.Now,
	})
	report := wholeReport(t, f)
	prom.Close()
	counted := report.Snap.Traffic()
	if counted == nil || counted.Source != mesh.TrafficFromPrometheus || len(counted.Requests) == 0 {
		t.Fatalf("counted %+v", counted)
	}
	for query, n := range asked {
		if n > 1 {
			t.Errorf("%d times: %s", n, query)
		}
	}
}

func TestWhatASingleLookDoesNotSeeIsNamedOnceWithItsRemedy(t *testing.T) {
	const right = "create pods/portforward in istio-system"
	source := meshtest.Source
	var many []meshtest.Part
	for i := range 14 {
		many = append(many, source(fmt.Sprintf("ztunnel/node-%02d", i), mesh.SourceDown, "Its turn had not come."))
	}
	tests := map[string]struct {
		parts []meshtest.Part
		want  []string // what each sentence has, in their order
	}{
		"all were read": {[]meshtest.Part{source("ztunnel/a", mesh.SourceOK, ""), source("istiod/i", mesh.SourceOK, "")}, nil},
		"a right is missing for two of three": {
			[]meshtest.Part{source("ztunnel/a", mesh.SourceForbidden, right), source("ztunnel/b", mesh.SourceForbidden, right), source("envoy/shop/w", mesh.SourceOK, "")},
			[]string{"2 of 3 proxies may not be read: ztunnel/a, ztunnel/b. The missing right is " + right + "; the ClusterRole waylight-proxies in deploy/rbac/proxies.yaml"},
		},
		"more than are named":    {many, []string{"14 of 14 proxies could not be read: ztunnel/node-00, "}},
		"one of one":             {[]meshtest.Part{source("envoy/shop/w", mesh.SourceDown, "Port 15000 refuses.")}, []string{"1 of 1 proxy could not be read: envoy/shop/w. Of envoy/shop/w: Port 15000 refuses."}},
		"a proxy that is gone":   {[]meshtest.Part{source("ztunnel/a", mesh.SourceAbsent, "There is no Ready pod to read any more.")}, nil},
		"no Prometheus is there": {[]meshtest.Part{source("prometheus", mesh.SourceAbsent, "None.")}, nil},
		"Prometheus may not be asked": {
			[]meshtest.Part{source("prometheus", mesh.SourceForbidden, "get services/proxy in monitoring")},
			[]string{"The missing right is get services/proxy in monitoring; the ClusterRole waylight-prometheus"},
		},
		"Prometheus does not answer":               {[]meshtest.Part{source("prometheus", mesh.SourceDown, "Refused.")}, []string{"Prometheus told nothing, or not all: Refused."}},
		"the namespaces asked for hold no ztunnel": {[]meshtest.Part{meshtest.Namespace("shop"), meshtest.Scope("shop")}, []string{"mostly -n istio-system"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := unseenIn(meshtest.Mesh(tt.parts...)).sentences()
			if len(got) != len(tt.want) {
				t.Fatalf("it says %q", got)
			}
			for i, part := range tt.want {
				if !strings.Contains(got[i], part) {
					t.Errorf("it says %q, want %q", got[i], part)
				}
			}
		})
	}
	if got := unseenIn(meshtest.Mesh(many...)).sentences(); !strings.Contains(got[0], "ztunnel/node-09 and 4 more.") {
		t.Errorf("it says %q", got)
	}
}

func TestTheSuspectsAreReadFirst(t *testing.T) {
	snap := wholeReport(t, func() feed { f := liveRecording(t, "pod-not-captured"); f.proxies = nil; return f }()).Snap
	report := analysis.Assess(analysis.Input{Snap: snap, Now: snap.At})
	s := suspects(snap)
	named := gravestByRef(report)
	var grave, calm []int
	for _, n := range snap.Nodes {
		worst := 0
		for _, w := range snap.OnNode(n.Name) {
			worst = min(worst, gravest(named, w.Ref(), snap.ControllerOf(w)))
		}
		for _, z := range snap.Ztunnels(n.Name) {
			if worst < 0 {
				grave = append(grave, s.rank(z.Ref()))
			} else {
				calm = append(calm, s.rank(z.Ref()))
			}
		}
	}
	if len(grave) == 0 {
		t.Fatal("no node holds a pod that something is wrong with")
	}
	if len(calm) > 0 && slices.Max(grave) >= slices.Min(calm) {
		t.Errorf("ranks of suspects %v, of others %v", grave, calm)
	}
}

func TestATimeToWatchTrafficThatShowsNothingIsRefused(t *testing.T) {
	tests := map[string]struct {
		watch time.Duration
		ok    bool
	}{
		"none": {0, true}, "half a minute": {30 * time.Second, true}, "a second": {time.Second, false},
		"longer than the window": {6 * time.Minute, false}, "less than nothing": {-time.Second, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if err := (&liveFlags{watch: tt.watch}).validate(5 * time.Minute); (err == nil) != tt.ok {
				t.Error(err)
			}
		})
	}
}
