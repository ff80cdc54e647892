package evidence_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/collectors/evidence"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// load reads a bundle with its evidence into a snapshot.
func load(t *testing.T, r *evidence.Recorded) *mesh.Snapshot {
	t.Helper()
	t.Cleanup(func() { r.Bundle.Close() })
	assembler := collectors.NewAssembler(nil, time.Now)
	assembler.FixAt(r.Bundle.RecordedAt())
	if err := r.Load(t.Context(), assembler); err != nil {
		t.Fatal(err)
	}
	return assembler.Snapshot()
}

func recording(t *testing.T, name string) *bundle.Bundle {
	t.Helper()
	b, err := bundle.OpenArchive(bytes.NewReader(meshtest.Recording(name)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestPodsOfTheRecordingsAreSeenWhereZtunnelHasThem holds what is made of real
// dumps to what the fault of a recording is.
func TestPodsOfTheRecordingsAreSeenWhereZtunnelHasThem(t *testing.T) {
	for _, name := range meshtest.Recordings() {
		t.Run(name, func(t *testing.T) {
			snap := load(t, &evidence.Recorded{Bundle: recording(t, name)})
			if n := len(snap.ZtunnelEvidences()); n != 2 {
				t.Fatalf("evidence of %d ztunnels", n)
			}
			for _, sh := range snap.Shards {
				for _, w := range sh.Workloads {
					if e := snap.Enrolment(w); w.Kind == "Pod" && e.Claimed != e.Seen {
						t.Errorf("%s: claimed %s, seen %s", w.Ref(), e.Claimed, e.Seen)
					}
				}
			}
		})
	}
}

func TestEvidenceOfARealZtunnel(t *testing.T) {
	snap := load(t, &evidence.Recorded{Bundle: recording(t, "ca-mismatch")})
	e := snap.ZtunnelEvidence("node-a")
	if e == nil || e.Pod.Name != "ztunnel-qaz4p" || !e.At.Equal(snap.At) || e.Workloads == 0 || e.Services == 0 || e.Policies == 0 || e.Version.Version == "" {
		t.Fatalf("%+v", e)
	}
	for _, c := range e.Certificates {
		if c.State == "Available" {
			t.Errorf("%s has a certificate where the authority gives none", c.Identity)
		}
	}
	if s, _ := snap.Sources.Find("ztunnel/node-a"); s.State != mesh.SourceOK || !s.AsOf.Equal(snap.At) {
		t.Errorf("the source is %+v", s)
	}
}

func TestEvidenceOfARealWaypointAndIstiod(t *testing.T) {
	snap := load(t, &evidence.Recorded{Bundle: recording(t, "clean")})
	e := snap.EnvoyEvidence("shop", "waypoint-6d9f8c7b5d-aax7k")
	if e == nil || len(e.Secrets) == 0 || len(e.Ejected) > 0 || !e.At.Equal(snap.At) {
		t.Errorf("of the waypoint: %+v", e)
	}
	i := snap.SyncEvidence("istiod-6d9f8c7b5d-aax7k")
	if i == nil || len(i.Proxies) != 4 {
		t.Errorf("of istiod: %+v", i)
	}
	for _, s := range snap.Sources {
		if s.State != mesh.SourceOK {
			t.Errorf("%s is %s: %s", s.Name, s.State, s.Detail)
		}
	}
}

func TestEjectedEndpointsAreCountedByServiceHost(t *testing.T) {
	out := []string{mesh.EnvoyOutlierFlag}
	e := evidence.FromEnvoy(&mesh.EnvoyDump{
		Clusters: []mesh.EnvoyCluster{{Name: "one", EnvoyName: mesh.EnvoyName{Host: "orders.shop"}}, {Name: "two", EnvoyName: mesh.EnvoyName{Host: "orders.shop"}}},
		Endpoints: []mesh.EnvoyEndpoint{
			{Cluster: "one", Flags: out},
			{Cluster: "two", Flags: out},
			{Cluster: "two"},
			{Cluster: "of nobody", Flags: out},
		},
	}, mesh.Comparison{})
	if diff := cmp.Diff(map[string]int{"orders.shop": 2, "of nobody": 1}, e.Ejected); diff != "" {
		t.Error(diff)
	}
}

// small makes a bundle of a manifest that calls the ztunnel of node-a ok, and
// more files.
func small(t *testing.T, state string, files map[string]string) *bundle.Bundle {
	t.Helper()
	fsys := fstest.MapFS{"manifest.json": {Data: []byte(`{"format":"waylight.bundle/v1","recordedAt":"2026-11-23T08:00:00Z",
		"sources":[{"name":"kubernetes","state":"ok"},{"name":"ztunnel/node-a","state":"` + state + `","detail":""}]}`)}}
	for path, content := range files {
		fsys[path] = &fstest.MapFile{Data: []byte(content)}
	}
	b, err := bundle.OpenFS(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestStateOfAZtunnelFollowsItsFile(t *testing.T) {
	const dump = "ztunnel/node-a/config_dump.json"
	tests := []struct {
		words, manifest string
		files           map[string]string
		want            mesh.SourceState
		detail          string // part of it
		evidence        bool
	}{
		{"a whole dump", "ok", map[string]string{dump: `{"workloadState":{}}`}, mesh.SourceOK, "", true},
		{"a dump in a state the manifest calls stale", "stale", map[string]string{dump: `{}`}, mesh.SourceStale, "", true},
		{"a dump that is cut off", "ok", map[string]string{dump: `{"workloads":[`}, mesh.SourceDown, "Config_dump: ", false},
		{"text where a dump should be", "ok", map[string]string{dump: `upstream connect error`}, mesh.SourceDown, "Config_dump: ", false},
		{"a dump nested beyond reason", "ok", map[string]string{dump: `{"config":` + strings.Repeat("[", 1<<20)}, mesh.SourceDown, "Config_dump: ", false},
		{"a dump with a text of 20 MB", "ok", map[string]string{dump: `{"workloads":[{"name":"` + strings.Repeat("x", 20<<20) + `"}]}`}, mesh.SourceDown, "larger than any mesh", false},
		{"an entry of a wrong shape", "ok", map[string]string{dump: `{"workloads":[7]}`}, mesh.SourcePartial, "one entry could not be read", true},
		{"counters alone", "ok", map[string]string{"ztunnel/node-a/metrics/20261123T080000Z.txt": ""}, mesh.SourcePartial, "has no ztunnel/node-a/config_dump.json", false},
		{"nothing at all", "ok", nil, mesh.SourceDown, "holds nothing of it", false},
		{"a dump of a ztunnel that could not be read", "down", map[string]string{dump: `{}`}, mesh.SourceDown, "", false},
		{"a right that was missing", "forbidden", map[string]string{dump: `{}`}, mesh.SourceForbidden, "", false},
		{"pods in a list, which no release writes", "ok", map[string]string{dump: `{"workloadState":[{"state":"Up"}]}`}, mesh.SourceOK, "", true},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			snap := load(t, &evidence.Recorded{Bundle: small(t, tt.manifest, tt.files)})
			s, _ := snap.Sources.Find("ztunnel/node-a")
			if s.State != tt.want || !strings.Contains(s.Detail, tt.detail) {
				t.Errorf("the source is %s: %s", s.State, s.Detail)
			}
			if got := snap.ZtunnelEvidence("node-a") != nil; got != tt.evidence {
				t.Errorf("evidence: %v", got)
			}
		})
	}
}

func TestWithoutWorkloadStateNoPodIsMissing(t *testing.T) {
	snap := load(t, &evidence.Recorded{Bundle: small(t, "ok", map[string]string{"ztunnel/node-a/config_dump.json": `{"workloads":[]}`})})
	if e := snap.ZtunnelEvidence("node-a"); e.Local != nil {
		t.Errorf("pods of the node are known: %v", e.Local)
	}
}

func TestFirstDifferencesAreKeptAndAllAreCounted(t *testing.T) {
	snap := load(t, &evidence.Recorded{Bundle: recording(t, "clean"), Compare: differing{t}})
	e := snap.ZtunnelEvidence("node-b")
	if e.DifferenceCount != 100 || len(e.Differences) != 20 {
		t.Errorf("of a ztunnel %d differences, %d kept", e.DifferenceCount, len(e.Differences))
	}
	if e.Digest.Services.Sum != "all" {
		t.Errorf("its digest is %+v", e.Digest)
	}
	w := snap.EnvoyEvidence("shop", "waypoint-6d9f8c7b5d-aax7k")
	if w.UnjudgedCount != 500 || len(w.Unjudged) != 200 || !w.Compared {
		t.Errorf("of a waypoint %d objects are not judged, %d kept", w.UnjudgedCount, len(w.Unjudged))
	}
}

// differing finds much.
type differing struct{ *testing.T }

func (t differing) Ztunnel(snap *mesh.Snapshot, d *mesh.ZtunnelDump) (mesh.Comparison, mesh.ZtunnelDigest) {
	if s := snap.Sources.Kind("pods"); s.State != mesh.SourceOK || len(d.Workloads) == 0 {
		t.Errorf("compared with a mesh whose pods are %s, and %d workloads", s.State, len(d.Workloads))
	}
	return mesh.Comparison{Compared: true, Differences: make([]mesh.Difference, 100)}, mesh.ZtunnelDigest{Services: mesh.PartDigest{Sum: "all"}}
}

func (differing) Envoy(*mesh.Snapshot, *mesh.EnvoyDump) mesh.Comparison {
	return mesh.Comparison{Compared: true, Unjudged: make([]mesh.Ref, 500)}
}

func TestWithoutAComparerItIsUnknownWhetherProxiesDrift(t *testing.T) {
	snap := load(t, &evidence.Recorded{Bundle: recording(t, "clean")})
	z, w := snap.ZtunnelEvidence("node-b"), snap.EnvoyEvidence("shop", "waypoint-6d9f8c7b5d-aax7k")
	for of, c := range map[string]mesh.Comparison{"ztunnel": z.Comparison, "waypoint": w.Comparison} {
		if c.Compared || c.Why == "" {
			t.Errorf("of the %s: %+v", of, c)
		}
	}
}

// steps notes what a sink is given.
type steps []string

func (s *steps) Apply(put []mesh.Object, _ []mesh.Ref) {
	kinds := make(map[string]bool)
	for _, o := range put {
		kinds[o.Ref().Kind] = true
	}
	if kinds["Pod"] && kinds[mesh.KindZtunnelEvidence] {
		*s = append(*s, "objects with evidence")
	} else {
		*s = append(*s, "objects")
	}
}

func (s *steps) Report(mesh.SourceStatus) {
	if last := len(*s) - 1; last < 0 || (*s)[last] != "states" {
		*s = append(*s, "states")
	}
}

func (s *steps) Describe(mesh.ClusterInfo) { *s = append(*s, "cluster") }

// A page of a recording does not renew itself: one that is made meanwhile must
// not take itself for one.
func TestABundleIsShownAsOnePicture(t *testing.T) {
	var got steps
	if err := (&evidence.Recorded{Bundle: recording(t, "clean")}).Load(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(steps{"objects with evidence", "states", "cluster"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestALoadThatIsGivenUpSaysNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var got steps
	if err := (&evidence.Recorded{Bundle: recording(t, "clean")}).Load(ctx, &got); err == nil || got != nil {
		t.Errorf("error %v, steps %v", err, got)
	}
}
