package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/server"
)

// TestPagesOfWaypointsShowTheRecordedDumpsWhole holds the lists of every
// recorded Envoy to counts taken from its raw answers.
func TestPagesOfWaypointsShowTheRecordedDumpsWhole(t *testing.T) {
	looked := 0
	for _, name := range meshtest.Recordings() {
		b, err := bundle.OpenArchive(bytes.NewReader(meshtest.Recording(name)))
		if err != nil {
			t.Fatal(err)
		}
		f := recorded(b, name, name, mesh.OriginRecorded)
		if err := f.source.(loader).Load(t.Context(), f.assembler); err != nil {
			t.Fatal(err)
		}
		snap := f.assembler.Snapshot()
		f.proxies.see(snap)
		s := server.New(server.Config{Worlds: []string{name}, Dumps: dumpsOf([]feed{f})})
		s.Publish(name, analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
		for _, w := range snap.Waypoints() {
			for _, pod := range w.Pods {
				if _, read := b.File("envoy/" + pod.Namespace + "/" + pod.Name + "/config_dump.json"); !read {
					continue
				}
				looked++
				t.Run(name+"/"+pod.Name, func(t *testing.T) {
					holdToAnswers(t, s.Handler(), "/waypoints/"+w.Namespace+"/"+w.Name, pod.Name, rawAnswers(t, b, pod))
				})
			}
		}
	}
	if looked == 0 {
		t.Error("no recording has a waypoint's pod")
	}
}

// rawAnswers are config_dump and clusters of a pod, parsed and nothing more.
func rawAnswers(t *testing.T, b *bundle.Bundle, pod *mesh.Workload) map[string]any {
	t.Helper()
	out := make(map[string]any)
	for _, file := range []string{"config_dump", "clusters"} {
		f, ok := b.File("envoy/" + pod.Namespace + "/" + pod.Name + "/" + file + ".json")
		if !ok {
			t.Fatalf("the recording has no %s of %s", file, pod.Name)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.NewDecoder(r).Decode(&v); err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		out[file] = v
	}
	return out
}

// nested counts entries of lists within lists, by the names of the lists.
func nested(v any, lists ...string) int {
	n := 0
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			list, isList := value.([]any)
			if !isList || key != lists[0] {
				n += nested(value, lists...)
				continue
			}
			for _, entry := range list {
				if len(lists) == 1 {
					n++
				} else {
					n += nested(entry, lists[1:]...)
				}
			}
		}
	case []any:
		for _, entry := range v {
			n += nested(entry, lists...)
		}
	}
	return n
}

// versions counts the versions of the listeners that istiod sent: beside the one
// in force an old one may drain and a new one wait.
func versions(v any) int {
	n := 0
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if state, ok := value.(map[string]any); ok && strings.HasSuffix(key, "_state") && state["listener"] != nil {
				n++
				continue
			}
			n += versions(value)
		}
	case []any:
		for _, entry := range v {
			n += versions(entry)
		}
	}
	return n
}

func holdToAnswers(t *testing.T, h http.Handler, path, pod string, raw map[string]any) {
	t.Helper()
	dump := raw["config_dump"]
	for part, want := range map[string]int{
		"listeners": nested(dump, "static_listeners") + versions(dump),
		"routes":    nested(dump, "static_route_configs", "virtual_hosts", "routes") + nested(dump, "dynamic_route_configs", "virtual_hosts", "routes"),
		"clusters":  nested(dump, "static_clusters") + nested(dump, "dynamic_active_clusters"),
		"endpoints": nested(raw["clusters"], "cluster_statuses", "host_statuses"),
		"secrets":   nested(dump, "dynamic_active_secrets"),
	} {
		var answer struct {
			Items  []json.RawMessage
			Total  int
			Source struct{ Name, State string }
		}
		if err := json.Unmarshal(ask(t, h, "/api/v1"+path+"/"+part+"?pod="+pod), &answer); err != nil {
			t.Fatal(err)
		}
		if answer.Total != want || len(answer.Items) != want || want == 0 {
			t.Errorf("%d %s, and the raw answer has %d", answer.Total, part, want)
		}
		if answer.Source.State != "ok" || !strings.HasSuffix(answer.Source.Name, "/"+pod) {
			t.Errorf("%s are of %s, which is %s", part, answer.Source.Name, answer.Source.State)
		}
	}
	chains := nested(dump, "static_listeners", "filter_chains") + nested(dump, "dynamic_listeners", "filter_chains")
	if records, err := csv.NewReader(bytes.NewReader(ask(t, h, path+"/listeners?format=csv&pod="+pod))).ReadAll(); err != nil || len(records) != chains+1 {
		t.Errorf("%d rows of chains, and the raw answer has %d (%v)", len(records)-1, chains, err)
	}
}

func ask(t *testing.T, h http.Handler, path string) []byte {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1"+path, nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s answered %d: %s", path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}
