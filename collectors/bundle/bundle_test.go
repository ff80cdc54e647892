package bundle_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/mesh"
)

// folder is a bundle of these files; a manifest is added where none is given.
func folder(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{"manifest.json": {Data: []byte(okManifest)}}
	for path, content := range files {
		out[path] = &fstest.MapFile{Data: []byte(content)}
	}
	return out
}

// snapshot loads a bundle.
func snapshot(t *testing.T, b *bundle.Bundle) *mesh.Snapshot {
	t.Helper()
	a := collectors.NewAssembler(nil, time.Now)
	a.FixAt(b.RecordedAt())
	if err := b.Load(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	return a.Snapshot()
}

func loaded(t *testing.T, files map[string]string) *mesh.Snapshot {
	t.Helper()
	b, err := bundle.OpenFS(folder(files))
	if err != nil {
		t.Fatal(err)
	}
	return snapshot(t, b)
}

// manifestOf is a manifest with sources written as "name state".
func manifestOf(sources ...string) string {
	var list []string
	for _, s := range sources {
		name, state, _ := strings.Cut(s, " ")
		list = append(list, `{"name":"`+name+`","state":"`+state+`","detail":"as recorded"}`)
	}
	return `{"format":"waylight.bundle/v1","recordedAt":"2026-11-23T08:00:00Z","sources":[` + strings.Join(list, ",") + `]}`
}

const (
	services  = `{"kind":"List","items":[{"apiVersion":"v1","kind":"Service","metadata":{"namespace":"shop","name":"a"}}]}`
	badPod    = `{"kind":"List","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"shop","name":"p"},"spec":7},{"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"shop","name":"q"}}]}`
	cutOffPod = `{"kind":"List","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"shop","name":"q"}},{"apiV`
)

func TestSourceStates(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  map[string]string // state and words of the detail
	}{
		{
			"kinds without a file have no objects",
			map[string]string{"objects/services.json": services},
			map[string]string{"kubernetes": "ok"},
		},
		{
			"a manifest that lists objects, where there is not one",
			nil,
			map[string]string{"kubernetes": "down The manifest lists it, and the bundle holds nothing of it."},
		},
		{
			"a file of a kind that was never written is not a kind without objects",
			map[string]string{"objects/services.json": services, "objects/pods.json": ""},
			map[string]string{"kubernetes": "ok", "kubernetes/pods": "down objects/pods.json could not be read: it is empty."},
		},
		{
			"the manifest's states stay",
			map[string]string{"objects/services.json": services, "manifest.json": manifestOf("kubernetes ok", "kubernetes/pods forbidden", "kubernetes/jobs.batch absent", "ztunnel/node-a down", "prometheus absent")},
			map[string]string{"kubernetes": "ok", "kubernetes/pods": "forbidden as recorded", "kubernetes/jobs.batch": "absent", "ztunnel/node-a": "down", "prometheus": "absent"},
		},
		{
			"an object that cannot be read makes its kind partial",
			map[string]string{"objects/anything.json": badPod},
			map[string]string{"kubernetes": "ok", "kubernetes/pods": "partial One object could not be read: Pod shop/p: spec"},
		},
		{
			"several are counted",
			map[string]string{"objects/a.json": badPod, "objects/b.json": badPod},
			map[string]string{"kubernetes": "ok", "kubernetes/pods": "partial 2 objects could not be read"},
		},
		{
			"a file that breaks off makes its kind down",
			map[string]string{"objects/pods.json": cutOffPod},
			map[string]string{"kubernetes": "ok", "kubernetes/pods": "down objects/pods.json could not be read"},
		},
		{
			"the hint of a name without its group",
			map[string]string{"objects/horizontalpodautoscalers.yaml": "a: ["},
			map[string]string{"kubernetes": "ok", "kubernetes/horizontalpodautoscalers.autoscaling": "down"},
		},
		{
			"a file nobody can name makes everything doubtful",
			map[string]string{"objects/all.json": "{"},
			map[string]string{"kubernetes": "partial objects/all.json could not be read"},
		},
		{
			"a name that several kinds have is no hint",
			map[string]string{"objects/gateways.json": "{"},
			map[string]string{"kubernetes": "partial objects/gateways.json"},
		},
		{
			"an object without a kind makes everything doubtful",
			map[string]string{"objects/all.json": `{"metadata":{"name":"x"}}`},
			map[string]string{"kubernetes": "partial kind is missing"},
		},
		{
			"an object without a kind in a file with a name",
			map[string]string{"objects/pods.json": `{"metadata":{"name":"x"}}`},
			map[string]string{"kubernetes": "ok", "kubernetes/pods": "partial kind is missing"},
		},
		{
			"a kind that is forbidden stays so, whatever its file",
			map[string]string{"manifest.json": manifestOf("kubernetes ok", "kubernetes/pods forbidden"), "objects/pods.json": cutOffPod},
			map[string]string{"kubernetes": "ok", "kubernetes/pods": "forbidden"},
		},
		{
			"a kind that is partial says both",
			map[string]string{"manifest.json": manifestOf("kubernetes ok", "kubernetes/pods partial"), "objects/pods.json": badPod},
			map[string]string{"kubernetes": "ok", "kubernetes/pods": "partial as recorded One object"},
		},
		{
			"nothing gets better than the whole",
			map[string]string{"manifest.json": manifestOf("kubernetes down"), "objects/pods.json": badPod},
			map[string]string{"kubernetes": "down as recorded"},
		},
		{
			"objects that no manifest vouches for prove no absence",
			map[string]string{"manifest.json": manifestOf(), "objects/services.json": services},
			map[string]string{"kubernetes": "partial The manifest does not say"},
		},
		{
			"no objects, and nobody says so",
			map[string]string{"manifest.json": manifestOf()},
			map[string]string{"kubernetes": "down"},
		},
		{
			"folders the manifest does not list",
			map[string]string{
				"objects/services.json": services, "ztunnel/node-a/config_dump.json": "{}", "envoy/shop/wp-1/clusters.json": "{}", "istiod/istiod-1/syncz.json": "[]",
				"prometheus/1.json": "{}", "logs/shop/web-1/app.log": "", "notes.txt": "", "ztunnel/stray": "",
			},
			map[string]string{"kubernetes": "ok", "ztunnel/node-a": "ok does not list it", "envoy/shop/wp-1": "ok", "istiod/istiod-1": "ok", "prometheus": "ok"},
		},
		{
			"sources of which nothing is there",
			map[string]string{"objects/services.json": services, "manifest.json": manifestOf("kubernetes ok", "ztunnel/node-a ok", "istiod/i partial", "envoy/shop/wp-1 forbidden")},
			map[string]string{"kubernetes": "ok", "ztunnel/node-a": "down holds nothing of it", "istiod/i": "partial", "envoy/shop/wp-1": "forbidden"},
		},
		{
			"a state of another version tells nothing",
			map[string]string{"manifest.json": manifestOf("kubernetes splendid")},
			map[string]string{"kubernetes": `down state "splendid", which this version does not know. as recorded`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap := loaded(t, tt.files)
			for _, s := range snap.Sources {
				state, words, _ := strings.Cut(tt.want[s.Name], " ")
				if string(s.State) != state || !strings.Contains(s.Detail, words) {
					t.Errorf("%s is %s (%s), want %s with %q", s.Name, s.State, s.Detail, state, words)
				}
				if known := s.State.Readable() || s.State == mesh.SourcePartial; known != s.AsOf.Equal(snap.At) {
					t.Errorf("%s is %s as of %v", s.Name, s.State, s.AsOf)
				}
				delete(tt.want, s.Name)
			}
			for name := range tt.want {
				t.Errorf("%s is not reported", name)
			}
		})
	}
}

func TestBadFilesNeverStopTheRest(t *testing.T) {
	snap := loaded(t, map[string]string{"objects/a.json": "{", "objects/pods.json": badPod, "objects/services.yaml": services, "objects/readme.md": "{", "objects/deeper/pods.json": cutOffPod})
	if snap.Service("shop", "a") == nil || snap.Workload("shop", "q") == nil {
		t.Errorf("the service %v and the good pod %v are not both there", snap.Service("shop", "a"), snap.Workload("shop", "q"))
	}
	if n := len(snap.Shard("shop").Workloads); n != 1 {
		t.Errorf("%d pods, want the one good one", n)
	}
}

func TestManifests(t *testing.T) {
	tests := []struct{ name, manifest, want string }{
		{"no JSON", "recordedAt: now", "not what it should be"},
		{"a list", "[]", "not what it should be"},
		{"of another format", `{"format":"waylight.bundle/v2","recordedAt":"2026-11-23T08:00:00Z"}`, `"waylight.bundle/v2"`},
		{"of no format", `{"recordedAt":"2026-11-23T08:00:00Z"}`, `format ""`},
		{"without a time", `{"format":"waylight.bundle/v1"}`, "no time"},
		{"with a time nobody can read", `{"format":"waylight.bundle/v1","recordedAt":"yesterday"}`, `"yesterday"`},
		{"with a source twice", manifestOf("kubernetes ok", "kubernetes down"), `"kubernetes"`},
		{"with a source without a name", manifestOf(" ok"), `""`},
		{"with a source of an endless name", manifestOf(strings.Repeat("x", 1000) + " ok"), "no name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := bundle.OpenFS(folder(map[string]string{"manifest.json": tt.manifest}))
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is %v, want one line with %q", err, tt.want)
			}
		})
	}
}

func TestManifestDescribesTheCluster(t *testing.T) {
	const manifest = `{"format":"waylight.bundle/v1","recordedAt":"2026-11-23T09:00:00+01:00","cluster":{"name":"lab","istioVersion":"1.32","kubernetesVersion":"v1.37.2"},"yet":"to come"}`
	b, err := bundle.OpenFS(folder(map[string]string{"manifest.json": manifest}))
	if err != nil {
		t.Fatal(err)
	}
	b.Origin = mesh.OriginDemo
	snap := snapshot(t, b)
	want := mesh.ClusterInfo{Name: "lab", IstioVersion: "1.32", KubernetesVersion: "v1.37.2", Origin: mesh.OriginDemo}
	if snap.Cluster != want || !snap.At.Equal(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v at %v", snap.Cluster, snap.At)
	}
}

// steps is a sink that notes in what order a mesh is told.
type steps struct{ told []string }

func (s *steps) Apply([]mesh.Object, []mesh.Ref) { s.told = append(s.told, "objects") }
func (s *steps) Report(mesh.SourceStatus)        { s.told = append(s.told, "sources") }
func (s *steps) Describe(mesh.ClusterInfo)       { s.told = append(s.told, "that it is a recording") }

// A page of a recording does not renew itself: one that is made meanwhile must
// not take itself for one.
func TestABundleIsOneOnceAllOfItIsThere(t *testing.T) {
	b, err := bundle.OpenFS(folder(map[string]string{"objects/services.json": services}))
	if err != nil {
		t.Fatal(err)
	}
	var s steps
	if err := b.Load(t.Context(), &s); err != nil {
		t.Fatal(err)
	}
	want := []string{"objects", "sources", "that it is a recording"}
	if diff := cmp.Diff(want, slices.Compact(s.told)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestFiles(t *testing.T) {
	b, err := bundle.OpenFS(folder(map[string]string{
		"objects/pods.json": "{}", "ztunnel/node-a/metrics/20261123T080000Z.txt": "", "envoy/shop/wp-1/clusters.json": "{}",
		"logs/shop/web-1/app.log": "x", "logs/shop/web-1/app.previous.log": "", "prometheus/1.json": "", "istioctl.json": "",
	}))
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for _, f := range b.Files() {
		got[f.Path] = f.Source
	}
	want := map[string]string{
		"manifest.json": "", "istioctl.json": "", "objects/pods.json": "kubernetes", "prometheus/1.json": "prometheus",
		"ztunnel/node-a/metrics/20261123T080000Z.txt": "ztunnel/node-a", "envoy/shop/wp-1/clusters.json": "envoy/shop/wp-1",
		"logs/shop/web-1/app.log": "logs/shop/web-1/app", "logs/shop/web-1/app.previous.log": "logs/shop/web-1/app",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files and their sources (-want +got):\n%s", diff)
	}
	if _, ok := b.File("objects/none.json"); ok {
		t.Error("a file that is not there was found")
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	b, err := bundle.OpenFS(folder(map[string]string{"objects/services.json": services}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	a := collectors.NewAssembler(nil, time.Now)
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx, a) }()
	for a.Snapshot().Service("shop", "a") == nil {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if b.Load(ctx, a) == nil {
		t.Error("a bundle was loaded after the end")
	}
}

func TestFolders(t *testing.T) {
	write := func(t *testing.T, dir, path, content string) {
		t.Helper()
		full := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name  string
		spoil func(t *testing.T, dir string)
		want  string // empty: it opens
	}{
		{"as it should be", func(*testing.T, string) {}, ""},
		{"with a link that leads outside", func(t *testing.T, dir string) { link(t, "/etc/passwd", filepath.Join(dir, "objects/pods.json")) }, "is a link"},
		{"with a link to a folder", func(t *testing.T, dir string) { link(t, "/etc", filepath.Join(dir, "logs")) }, "is a link"},
		{"with a link inside", func(t *testing.T, dir string) { link(t, "services.json", filepath.Join(dir, "objects/more.json")) }, "is a link"},
		{"without a manifest", func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, "manifest.json")) }, "no manifest.json"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "manifest.json", okManifest)
			write(t, dir, "objects/services.json", services)
			tt.spoil(t, dir)
			b, err := bundle.Open(dir)
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if snapshot(t, b).Service("shop", "a") == nil {
					t.Error("its service is missing")
				}
				if err := b.Close(); err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), dir) {
				t.Errorf("the error is %v, want one that begins with the folder and says %q", err, tt.want)
			}
		})
	}
}

func link(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Skip(err)
	}
}

// TestFileThatBecomesALink looks at a folder that changes under a reader.
func TestFileThatBecomesALink(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "secret")
	for path, content := range map[string]string{filepath.Join(dir, "manifest.json"): okManifest, filepath.Join(dir, "a"): "x", outside: "s"} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := os.Remove(filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	link(t, outside, filepath.Join(dir, "a"))
	f, _ := b.File("a")
	if r, err := f.Open(); err == nil {
		r.Close()
		t.Error("a file outside was opened")
	}
}

func TestPathsThatAreNoBundle(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("hello"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(t.TempDir(), "none"): "no such file",
		text:                               "no .tar.gz",
		os.DevNull:                         "neither a folder nor a file",
	} {
		_, err := bundle.Open(path)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), path) != 1 {
			t.Errorf("%s: %v, want one sentence with the path once and %q", path, err, want)
		}
	}
}
