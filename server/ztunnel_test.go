package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
	"github.com/waylight/waylight/views/uitest"
)

// dumpsFunc is Dumps by a function, which notes what it was asked.
type dumpsFunc func(ctx context.Context, node, pod string, fresh bool) (*mesh.ZtunnelDump, error)

func (f dumpsFunc) Ztunnel(ctx context.Context, node, pod string, fresh bool) (*mesh.ZtunnelDump, error) {
	return f(ctx, node, pod, fresh)
}

// Envoy implements Dumps for a mesh without waypoints that run.
func (f dumpsFunc) Envoy(context.Context, mesh.Ref, bool) (*mesh.EnvoyDump, error) { return nil, nil }

// Sync implements Dumps for a mesh whose istiod says nothing.
func (f dumpsFunc) Sync(context.Context, mesh.Ref, bool) (*mesh.SyncEvidence, error) { return nil, nil }

// withDumps serves a mesh of two nodes whose ztunnels are read by f; nil for a
// server that reads none.
func withDumps(t *testing.T, f dumpsFunc, parts ...meshtest.Part) *Server {
	t.Helper()
	cfg := Config{}
	if f != nil {
		cfg.Dumps = func(string) Dumps { return f }
	}
	s := New(cfg)
	snap := meshtest.Mesh(append(parts, shop("waypoint"), meshtest.Node("node-a"), meshtest.Node("node-b", meshtest.NoZtunnel()))...)
	s.Publish("", analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
	return s
}

func smallDump(node string) *mesh.ZtunnelDump {
	return &mesh.ZtunnelDump{
		Node: node, At: meshtest.Now, LocalKnown: true, Config: map[string]string{"proxyMode": "Shared"},
		Workloads: []*mesh.ZtunnelWorkload{
			{UID: "c//Pod/shop/orders-1", Name: "orders-1", Namespace: "shop", IPs: []string{"10.1.0.1"}, Protocol: "HBONE", Waypoint: &mesh.ZtunnelDestination{Namespace: "shop", Hostname: "waypoint", Port: 15008}},
			{UID: "c//Pod/other/x", Name: "x", Namespace: "other"},
		},
		Policies: []mesh.ZtunnelPolicy{{Name: "=1+1", Namespace: "shop", Scope: "Global", Action: "Deny"}},
	}
}

func serveSmallDump(_ context.Context, node, _ string, _ bool) (*mesh.ZtunnelDump, error) {
	return smallDump(node), nil
}

func TestZtunnelPagesSayWhatCameOfReading(t *testing.T) {
	fails := func(err error) dumpsFunc {
		return func(context.Context, string, string, bool) (*mesh.ZtunnelDump, error) { return nil, err }
	}
	tests := map[string]struct {
		dumps dumpsFunc
		path  string
		want  string
	}{
		"a dump":                           {serveSmallDump, "/ztunnels/node-a", "orders-1"},
		"not wired":                        {nil, "/ztunnels/node-a", "Proxies are not read here"},
		"forbidden":                        {fails(&UnreadError{views.ReadForbidden, "create pods/portforward in istio-system"}), "/ztunnels/node-a", "Missing right: create pods/portforward in istio-system"},
		"not decoded":                      {fails(&UnreadError{views.ReadMalformed, "not JSON\x1b"}), "/ztunnels/node-a", "could not be decoded"},
		"too late":                         {fails(context.DeadlineExceeded), "/ztunnels/node-a", "did not answer in time"},
		"anything else":                    {fails(errors.New("connection refused")), "/ztunnels/node-a/services", "connection refused"},
		"no ztunnel on the node":           {serveSmallDump, "/ztunnels/node-b", "No pod on node-b has the label app=ztunnel"},
		"a pod that is no ztunnel of it":   {serveSmallDump, "/ztunnels/node-a?pod=shop/orders-1", "None of this node's ztunnels is the pod shop/orders-1"},
		"a reader that answers nothing":    {fails(nil), "/ztunnels/node-a", "could not be read"},
		"its own ztunnel, by name":         {serveSmallDump, "/ztunnels/node-a?pod=ztunnel-node-a", "orders-1"},
		"the matrix, whatever can be read": {nil, "/ztunnels", "dumps of 0 of 2 nodes read"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := get(t, withDumps(t, tt.dumps), tt.path)
			if w.Code != http.StatusOK {
				t.Fatalf("answered %d", w.Code)
			}
			if text := uitest.Text(document(t, w).Find("main")); !strings.Contains(text, tt.want) {
				t.Errorf("%q is not in %q", tt.want, text)
			}
		})
	}
}

func TestWhatHasNoZtunnelIsNotFound(t *testing.T) {
	s := withDumps(t, serveSmallDump)
	for _, path := range []string{"/ztunnels/none", "/ztunnels/node-a/nothing", "/api/v1/ztunnels/none", "/api/v1/ztunnels/node-a/nothing"} {
		if w := get(t, s, path); w.Code != http.StatusNotFound {
			t.Errorf("%s answered %d", path, w.Code)
		}
	}
}

func TestReadingAgainAsksTheProxyOnce(t *testing.T) {
	var asked []bool
	s := withDumps(t, func(_ context.Context, node, pod string, fresh bool) (*mesh.ZtunnelDump, error) {
		asked = append(asked, fresh)
		if pod != "istio-system/ztunnel-node-a" {
			t.Errorf("pod %q is asked", pod)
		}
		return smallDump(node), nil
	})
	w := get(t, s, "/ztunnels/node-a/policies?fresh=1&pod=ztunnel-node-a&q=x")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/ztunnels/node-a/policies?pod=ztunnel-node-a&q=x" {
		t.Fatalf("answered %d to %q", w.Code, w.Header().Get("Location"))
	}
	get(t, s, w.Header().Get("Location"))
	if len(asked) != 2 || !asked[0] || asked[1] {
		t.Errorf("asked for fresh: %v", asked)
	}
}

func TestAReadHasADeadline(t *testing.T) {
	s := withDumps(t, func(ctx context.Context, _, _ string, _ bool) (*mesh.ZtunnelDump, error) {
		if _, ok := ctx.Deadline(); !ok {
			t.Error("there is no deadline")
		}
		return nil, ctx.Err()
	})
	get(t, s, "/ztunnels/node-a")
}

func TestDumpsAreThoseOfTheWorldShown(t *testing.T) {
	var worlds []string
	s := New(Config{Worlds: []string{"one", "two"}, Dumps: func(world string) Dumps {
		worlds = append(worlds, world)
		return dumpsFunc(serveSmallDump)
	}})
	snap := meshtest.Mesh(shop("waypoint"), meshtest.Node("node-a"))
	s.Publish("two", analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
	get(t, s, "/ztunnels/node-a", "Cookie", worldCookie+"=two")
	if len(worlds) != 1 || worlds[0] != "two" {
		t.Errorf("asked for %q", worlds)
	}
}

func TestZtunnelExports(t *testing.T) {
	s := withDumps(t, serveSmallDump)
	w := get(t, s, "/ztunnels/node-a/policies?format=csv")
	if got := w.Header().Get("Content-Type"); got != "text/csv; charset=utf-8" {
		t.Errorf("a CSV is %q", got)
	}
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="ztunnel-node-a-policies.csv"` {
		t.Errorf("it is to be kept as %q", got)
	}
	if body := w.Body.String(); !strings.HasPrefix(body, "name,ns,action,") || !strings.Contains(body, "\n'=1+1,shop,Deny,Global,") {
		t.Errorf("the CSV is\n%s", body)
	}
	w = get(t, s, "/ztunnels/node-a?format=csv&q=ns:shop")
	if lines := strings.Count(w.Body.String(), "\n"); lines != 2 {
		t.Errorf("a filtered CSV has %d lines", lines)
	}
	if w := get(t, s, "/ztunnels/node-b?format=csv"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("what could not be read is a CSV with status %d", w.Code)
	}
}

// apiAnswer is a list of the API, as a program reads it.
type apiAnswer struct {
	Items  []map[string]any `json:"items"`
	Total  int              `json:"total"`
	AsOf   string           `json:"asOf"`
	Source apiSource        `json:"source"`
}

func answerOf(t *testing.T, w *httptest.ResponseRecorder) apiAnswer {
	t.Helper()
	var a apiAnswer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return a
}

func TestZtunnelListsOfTheAPIKeepTheDumpsKeys(t *testing.T) {
	s := withDumps(t, serveSmallDump)
	for _, path := range []string{"/api/v1/ztunnels/node-a/workloads?q=ns:shop", "/ztunnels/node-a?format=json&q=ns:shop"} {
		a := answerOf(t, get(t, s, path))
		if a.Total != 1 || len(a.Items) != 1 || a.Source != (apiSource{"ztunnel/node-a", mesh.SourceOK, ""}) || a.AsOf == "" {
			t.Fatalf("%s answers %+v", path, a)
		}
		item := a.Items[0]
		for key, want := range map[string]any{"kind": "Pod", "namespace": "shop", "name": "orders-1", "protocol": "HBONE"} {
			if item[key] != want {
				t.Errorf("%s is %v, want %v", key, item[key], want)
			}
		}
		waypoint, _ := item["waypoint"].(map[string]any)
		if waypoint["destination"] != "shop/waypoint" || waypoint["hboneMtlsPort"] != float64(15008) {
			t.Errorf("the waypoint is %v", item["waypoint"])
		}
		if _, ok := item["findings"].([]any); !ok {
			t.Errorf("findings are %v", item["findings"])
		}
	}
}

func TestAPIOfWhatCouldNotBeReadSaysSo(t *testing.T) {
	forbidden := func(context.Context, string, string, bool) (*mesh.ZtunnelDump, error) {
		return nil, &UnreadError{views.ReadForbidden, "create pods/portforward in istio-system"}
	}
	a := answerOf(t, get(t, withDumps(t, forbidden), "/api/v1/ztunnels/node-a/services"))
	if want := (apiSource{"ztunnel/node-a", mesh.SourceForbidden, "create pods/portforward in istio-system"}); a.Source != want || len(a.Items) != 0 {
		t.Errorf("answers %+v", a)
	}
	a = answerOf(t, get(t, withDumps(t, nil), "/api/v1/ztunnels"))
	if len(a.Items) != 2 || a.Items[0]["workloads"] != nil || a.Items[0]["ready"] != "yes" || a.Items[1]["ready"] != "no" {
		t.Errorf("the list answers %+v", a)
	}
}

func TestZtunnelOfANodeInTheAPI(t *testing.T) {
	var item map[string]any
	w := get(t, withDumps(t, serveSmallDump), "/api/v1/ztunnels/node-a")
	if err := json.Unmarshal(w.Body.Bytes(), &item); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{"kind": "Ztunnel", "namespace": "istio-system", "name": "ztunnel-node-a", "node": "node-a", "workloads": float64(2), "services": float64(0)} {
		if item[key] != want {
			t.Errorf("%s is %v, want %v", key, item[key], want)
		}
	}
	if config, _ := item["config"].(map[string]any); config["proxyMode"] != "Shared" {
		t.Errorf("the configuration is %v", item["config"])
	}
}

func TestFileNamesAreSafe(t *testing.T) {
	for in, want := range map[string]string{"node-a": "x-node-a", `a"; evil=1`: "x-a___evil_1", "../../etc": "x-.._.._etc", "é\r\n": "x-___"} {
		if got := fileName("x", in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
