package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/e2e/envoy"
	"github.com/waylight/waylight/e2e/kubelet"
	"github.com/waylight/waylight/e2e/proxies"
	"github.com/waylight/waylight/e2e/waylight"
)

// envoyIsRead puts a real Envoy in the place of a recorded one. What it answers has to be decoded to the last entry (a source
// of which something could not be read is partial) and listed.
func envoyIsRead(t *testing.T, m *revived) {
	name := strings.TrimPrefix(waypoint, "envoy/shop/")
	admin := envoy.Start(t, m.recording.File(t, waypoint+"/config_dump.json"))
	m.kubelet.Run("shop", name, kubelet.Pod{Ports: map[int]kubelet.Port{proxies.AdminPort: kubelet.At(admin)}})
	time.Sleep(time.Second) // sources say the second in which they were read
	runs := time.Now().UTC().Format(time.RFC3339)
	m.readAll(t)
	expectSoon(t, "the real Envoy is read", func() error {
		source, err := m.server.Source(waypoint)
		if err == nil && (source.State != "ok" || source.AsOf < runs) {
			err = fmt.Errorf("%+v, and Envoy runs since %s", source, runs)
		}
		return err
	})
	// A page is served for seconds from what another has read before, which was the recorded Envoy.
	for part, want := range askEnvoy(t, admin) {
		expectSoon(t, part+" are those of the real Envoy", func() error { return expectLoaded(m.server, name, part, want) })
	}
}

// askEnvoy asks Envoy itself what it has, by the parts of Waylight's API.
func askEnvoy(t *testing.T, admin string) map[string][]string {
	t.Helper()
	answer, err := http.Get("http://" + admin + "/config_dump?include_eds")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var dump struct {
		Configs []struct {
			Listeners []struct{ Name string }                   `json:"dynamic_listeners"`
			Clusters  []struct{ Cluster struct{ Name string } } `json:"dynamic_active_clusters"`
			Secrets   []struct{ Name string }                   `json:"dynamic_active_secrets"`
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&dump); err != nil {
		t.Fatal(err)
	}
	names := make(map[string][]string)
	for _, section := range dump.Configs {
		for _, l := range section.Listeners {
			names["listeners"] = append(names["listeners"], l.Name)
		}
		for _, c := range section.Clusters {
			names["clusters"] = append(names["clusters"], c.Cluster.Name)
		}
		for _, s := range section.Secrets {
			names["secrets"] = append(names["secrets"], s.Name)
		}
	}
	if len(names) != 3 {
		t.Fatalf("Envoy itself has only %v", names)
	}
	return names
}

// expectLoaded compares a part of what Waylight lists of a waypoint's replica.
func expectLoaded(server *waylight.Server, pod, part string, want []string) error {
	var list struct {
		Items []struct{ Name string }
	}
	if err := server.JSON("/api/v1/waypoints/shop/waypoint/"+part+"?pod=shop/"+pod, &list); err != nil {
		return err
	}
	got := make([]string, len(list.Items))
	for i, item := range list.Items {
		got[i] = item.Name
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Errorf("%s are %v, and Envoy has %v", part, got, want)
	}
	return nil
}
