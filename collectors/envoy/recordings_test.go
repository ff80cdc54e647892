package envoy_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/collectors/envoy"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// answers are what one waypoint of a recording said.
type answers struct{ recording, pod, dump, clusters string }

// recorded lists every waypoint of every recording.
func recorded(tb testing.TB) []answers {
	tb.Helper()
	var out []answers
	for _, name := range meshtest.Recordings() {
		files := proxyFiles(tb, meshtest.Recording(name))
		for path, content := range files {
			if pod, ok := strings.CutSuffix(path, "/config_dump.json"); ok {
				out = append(out, answers{name, strings.TrimPrefix(pod, "envoy/"), content, files[pod+"/clusters.json"]})
			}
		}
	}
	if len(out) == 0 {
		tb.Fatal("no recording has a waypoint's Envoy")
	}
	return out
}

// proxyFiles reads the files of Envoys out of an archive.
func proxyFiles(tb testing.TB, archive []byte) map[string]string {
	tb.Helper()
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		tb.Fatal(err)
	}
	out := make(map[string]string)
	for r := tar.NewReader(unzipped); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			tb.Fatal(err)
		}
		if strings.HasPrefix(h.Name, "envoy/") && strings.HasSuffix(h.Name, ".json") {
			content, err := io.ReadAll(r)
			if err != nil {
				tb.Fatal(err)
			}
			out[h.Name] = string(content)
		}
	}
}

func (a answers) decode(t *testing.T) *mesh.EnvoyDump {
	t.Helper()
	d, err := envoy.Decode(strings.NewReader(a.dump), mesh.Ref{Kind: "Pod", Name: a.pod}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if err := envoy.AddStatus(d, strings.NewReader(a.clusters)); err != nil {
		t.Fatal(err)
	}
	return d
}

// count counts objects in parsed JSON that have all of the keys, below lists of
// the given names in that order.
func count(v any, lists ...string) int {
	if len(lists) == 0 {
		return 1
	}
	n := 0
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			list, isList := value.([]any)
			if key == lists[0] && isList {
				for _, entry := range list {
					n += count(entry, lists[1:]...)
				}
				continue
			}
			n += count(value, lists...)
		}
	case []any:
		for _, entry := range v {
			n += count(entry, lists...)
		}
	}
	return n
}

func parsed(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestRecordedDumpsAreReadWhole(t *testing.T) {
	for _, a := range recorded(t) {
		t.Run(a.recording+"/"+a.pod, func(t *testing.T) {
			d, raw := a.decode(t), parsed(t, a.dump)
			if len(d.Skipped) > 0 {
				t.Errorf("skipped %v", d.Skipped)
			}
			chains := 0
			for _, l := range d.Listeners {
				chains += len(l.Chains)
			}
			for what, n := range map[string][2]int{
				"chains":    {chains, count(raw, "static_listeners", "filter_chains") + count(raw, "dynamic_listeners", "filter_chains")},
				"routes":    {len(d.Routes), count(raw, "static_route_configs", "virtual_hosts", "routes")},
				"clusters":  {len(d.Clusters), count(raw, "static_clusters") + count(raw, "dynamic_active_clusters")},
				"endpoints": {len(d.Endpoints), count(raw, "static_endpoint_configs", "lb_endpoints") + count(raw, "dynamic_endpoint_configs", "lb_endpoints")},
				"hosts":     {len(d.Endpoints), count(parsed(t, a.clusters), "cluster_statuses", "host_statuses")},
				"secrets":   {len(d.Secrets), count(raw, "dynamic_active_secrets")},
			} {
				if n[0] != n[1] || n[1] == 0 {
					t.Errorf("%d %s, and the answer has %d", n[0], what, n[1])
				}
			}
		})
	}
}

func TestCountersOfRecordingsAddUp(t *testing.T) {
	for _, a := range recorded(t) {
		want := make(map[string]uint64)
		var sum func(v any)
		sum = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				if value, ok := v["value"].(string); ok {
					n, err := strconv.ParseUint(value, 10, 64)
					if err != nil {
						t.Fatal(err)
					}
					want[v["name"].(string)] += n
				}
				for _, e := range v {
					sum(e)
				}
			case []any:
				for _, e := range v {
					sum(e)
				}
			}
		}
		sum(parsed(t, a.clusters))
		var requests, failed, active uint64
		for _, e := range a.decode(t).Endpoints {
			requests, failed, active = requests+e.Requests, failed+e.Errors, active+e.Active
			if !e.CountersKnown {
				t.Errorf("%s: %s of %s has no counters", a.recording, e.Address, e.Cluster)
			}
		}
		if requests != want["rq_total"] || failed != want["rq_error"] || active != want["cx_active"] {
			t.Errorf("%s: %d requests, %d errors, %d active, and the answer has %v", a.recording, requests, failed, active, want)
		}
	}
}

// find gives one recording's waypoint.
func find(t *testing.T, recording string) *mesh.EnvoyDump {
	t.Helper()
	for _, a := range recorded(t) {
		if a.recording == recording {
			return a.decode(t)
		}
	}
	t.Fatalf("%s has no waypoint", recording)
	return nil
}

func TestRoutesOfTheGuide(t *testing.T) {
	d := find(t, "guide-as-written")
	owner := func(name string) mesh.Ref {
		return mesh.Ref{Kind: "VirtualService", Namespace: "shop", Name: name}
	}
	type summary struct {
		match   string
		owner   mesh.Ref
		fault   string
		timeout time.Duration
		retries uint32
	}
	want := []summary{
		{"any path and header x-canary is always", owner("orders"), "", 0, 2},
		{"any path", owner("orders"), "", 0, 2},
		{"any path", owner("orders-fault"), "25% delayed by 3s, 10% aborted with 503", 0, 2},
		{"any path", owner("orders-resilience"), "", 2 * time.Second, 3},
	}
	var got []summary
	draining := 0
	for _, r := range d.Routes {
		switch {
		case r.Draining:
			draining++
		case r.Listener == "main_internal" && r.Chain == "inbound-vip|80|http|orders.shop.svc.cluster.local":
			got = append(got, summary{r.Match, r.Owner, r.Fault, *r.Timeout, r.Retries})
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("route %d is %+v, want %+v", i, got[i], want[i])
		}
	}
	if draining != 7 {
		t.Errorf("%d routes drain; three configurations with 4, 1 and 2 have no chain any more", draining)
	}
}

func TestChainsOfTheGuide(t *testing.T) {
	d := find(t, "guide-as-written")
	for _, l := range d.Listeners {
		if l.Name != "main_internal" {
			continue
		}
		for _, c := range l.Chains {
			if c.Host != "orders.shop.svc.cluster.local" {
				continue
			}
			if c.Match != "to 10.96.10.2, port 80" || len(c.RBAC) != 1 || len(c.JWT) != 1 {
				t.Fatalf("%+v", c)
			}
			if c.RBAC[0].Action != "ALLOW" || len(c.RBAC[0].Policies) != 2 || c.RBAC[0].Policies[1].String() != "shop/orders-require-jwt rule 0" {
				t.Errorf("%+v", c.RBAC)
			}
			if c.JWT[0].Issuer != "https://accounts.example.com" || !c.JWT[0].Optional {
				t.Errorf("%+v", c.JWT)
			}
			return
		}
	}
	t.Error("orders has no chain")
}

func TestAPodWithoutCaptureIsReachedInPlainText(t *testing.T) {
	plain := 0
	for _, e := range find(t, "pod-not-captured").Endpoints {
		if strings.HasPrefix(e.Cluster, "inbound-vip|") && e.Tunnel == "" {
			plain++
		}
	}
	if plain != 1 {
		t.Errorf("%d endpoints of services are reached in plain text, not just catalog's", plain)
	}
}

func TestCertificatesOfTheCleanMesh(t *testing.T) {
	for _, s := range find(t, "clean").Secrets {
		if len(s.Chain) == 0 || s.Chain[0].NotAfter.IsZero() || s.State != mesh.EnvoyActive {
			t.Errorf("%+v", s)
		}
		if s.Type == "certificate" && s.Identity != "spiffe://cluster.local/ns/shop/sa/waypoint" {
			t.Errorf("%s is of %q", s.Name, s.Identity)
		}
	}
}

func BenchmarkDecodeLargestRecording(b *testing.B) {
	var largest answers
	for _, a := range recorded(b) {
		if len(a.dump) > len(largest.dump) {
			largest = a
		}
	}
	b.SetBytes(int64(len(largest.dump) + len(largest.clusters)))
	b.ReportAllocs()
	for b.Loop() {
		d, err := envoy.Decode(strings.NewReader(largest.dump), mesh.Ref{}, time.Time{})
		if err != nil {
			b.Fatal(err)
		}
		if err := envoy.AddStatus(d, strings.NewReader(largest.clusters)); err != nil {
			b.Fatal(err)
		}
	}
}
