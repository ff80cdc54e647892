package evidence_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/collectors/evidence"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestEveryRecordedProxyHasScrapesOfItsOwnTime(t *testing.T) {
	for _, name := range meshtest.Recordings() {
		b := recording(t, name)
		folders := make(map[string]int)
		for _, file := range b.Files() {
			if folder, metrics, ok := strings.Cut(file.Path, "/metrics/"); ok && strings.HasSuffix(metrics, ".txt") {
				folders[folder]++
			}
		}
		if len(folders) == 0 {
			t.Errorf("%s has no metrics", name)
		}
		for folder, want := range folders {
			parts := strings.Split(folder, "/")
			from := evidence.Files{Bundle: b}
			list, err := from.ZtunnelScrapes(t.Context(), parts[1], mesh.Ref{})
			series := "istio_xds_message_total"
			if parts[0] == "envoy" {
				list, err = from.EnvoyScrapes(t.Context(), mesh.Ref{Namespace: parts[1], Name: parts[2]})
				series = "envoy_server_uptime"
			}
			if err != nil || len(list) != want {
				t.Errorf("%s %s: %d scrapes of %d, %v", name, folder, len(list), want, err)
			}
			for i, s := range list {
				if s.At.After(b.RecordedAt()) || b.RecordedAt().Sub(s.At) > time.Hour || i > 0 && !s.At.After(list[i-1].At) || len(s.Named(series)) == 0 {
					t.Errorf("%s %s: at %s, recorded at %s, %d series", name, folder, s.At, b.RecordedAt(), len(s.Series))
				}
			}
		}
	}
}

func TestScrapesThatCannotBeReadAreNamed(t *testing.T) {
	files := fstest.MapFS{
		"manifest.json": {Data: []byte(`{"format":"waylight.bundle/v1","recordedAt":"2026-11-23T08:00:00Z","cluster":{},"sources":[]}`)},
		"ztunnel/node-a/metrics/20261123T075900Z.txt": {Data: []byte("istio_build{tag=\"1\"} 1\n")},
		"ztunnel/node-a/metrics/20261123T075800Z.txt": {Data: []byte("istio_build{tag=\"0\"} 1\n")},
		"ztunnel/node-a/metrics/20261123T075700Z.txt": {Data: []byte("<html>\n")},
		"ztunnel/node-a/metrics/yesterday.txt":        {Data: []byte("istio_build 1\n")},
		"ztunnel/node-c/config_dump.json":             {Data: []byte("{}")},
	}
	for i := range 70 {
		files[fmt.Sprintf("ztunnel/node-b/metrics/20261123T07%02d00Z.txt", i%60)] = &fstest.MapFile{Data: []byte("istio_build 1\n")}
		files[fmt.Sprintf("ztunnel/node-b/metrics/20261123T06%02d00Z.txt", i%60)] = &fstest.MapFile{Data: []byte("istio_build 1\n")}
	}
	b, err := bundle.OpenFS(files)
	if err != nil {
		t.Fatal(err)
	}
	from := evidence.Files{Bundle: b}
	list, err := from.ZtunnelScrapes(t.Context(), "node-a", mesh.Ref{})
	if len(list) != 2 || list[0].Series[0].Labels.Get("tag") != "0" {
		t.Errorf("%d scrapes", len(list))
	}
	for _, want := range []string{"075700Z.txt: the answer holds no metrics", "yesterday.txt is not named after a time"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	if list, err := from.ZtunnelScrapes(t.Context(), "node-b", mesh.Ref{}); len(list) != 60 || err == nil || !strings.Contains(err.Error(), "60 older scrapes of ztunnel/node-b are left out") {
		t.Errorf("%d scrapes, %v", len(list), err)
	}
	for _, node := range []string{"node-c", "none", "../node-a"} {
		if list, err := from.ZtunnelScrapes(t.Context(), node, mesh.Ref{}); len(list) > 0 || !errors.Is(err, evidence.ErrNotRecorded) {
			t.Errorf("%s: %d, %v", node, len(list), err)
		}
	}
}
