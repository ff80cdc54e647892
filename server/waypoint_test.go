package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
	"github.com/waylight/waylight/views/uitest"
)

// envoys is Dumps of a mesh with waypoints and one istiod; what is nil answers
// nothing.
type envoys struct {
	dumpsFunc
	envoy func(ctx context.Context, pod mesh.Ref, fresh bool) (*mesh.EnvoyDump, error)
	sync  func(ctx context.Context, istiod mesh.Ref, fresh bool) (*mesh.SyncEvidence, error)
}

func (e envoys) Envoy(ctx context.Context, pod mesh.Ref, fresh bool) (*mesh.EnvoyDump, error) {
	return e.envoy(ctx, pod, fresh)
}

func (e envoys) Sync(ctx context.Context, istiod mesh.Ref, fresh bool) (*mesh.SyncEvidence, error) {
	return e.sync(ctx, istiod, fresh)
}

// withEnvoys serves a mesh whose waypoint has two replicas that dumps reads; nil
// for a server that reads none.
func withEnvoys(t *testing.T, dumps Dumps, parts ...meshtest.Part) *Server {
	t.Helper()
	cfg := Config{}
	if dumps != nil {
		cfg.Dumps = func(string) Dumps { return dumps }
	}
	s := New(cfg)
	istiod := meshtest.Pod(meshtest.SystemNamespace, "istiod-x", meshtest.Label("app", "istiod"))
	snap := meshtest.Mesh(append(parts, shop("waypoint"), istiod)...)
	s.Publish("", analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
	return s
}

// serveEnvoy answers with a dump that has an entry of each kind.
func serveEnvoy(_ context.Context, pod mesh.Ref, _ bool) (*mesh.EnvoyDump, error) {
	const host = "orders.shop.svc.cluster.local"
	name := mesh.EnvoyName{Direction: "inbound-vip", Port: 80, Protocol: "http", Host: host}
	timeout := 2 * time.Second
	cluster := "inbound-vip|80|http|" + host
	return &mesh.EnvoyDump{
		Pod: pod, At: meshtest.Now, Version: "1.31.1", EnvoyVersion: "1.38.0",
		Listeners: []mesh.EnvoyListener{
			{Name: "connect_terminate", Address: "0.0.0.0:15008", State: mesh.EnvoyActive, Chains: []mesh.EnvoyChain{{Name: "default", Match: "everything", Filters: []string{"envoy.filters.network.http_connection_manager"}, RouteConfig: "default"}}},
			{Name: "main_internal", Address: "internal", State: mesh.EnvoyActive, Chains: []mesh.EnvoyChain{{
				Name: cluster, EnvoyName: name, Match: "to 10.96.0.1, port 80", RouteConfig: cluster, HTTPFilters: []string{"envoy.filters.http.rbac", "envoy.filters.http.router"},
				RBAC: []mesh.EnvoyRBAC{{Action: "ALLOW", Policies: []mesh.EnvoyPolicyRule{{Policy: mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "l7"}, Name: "ns[shop]-policy[l7]-rule[0]"}}}},
				JWT:  []mesh.EnvoyJWTProvider{{Name: "origins-0", Issuer: "https://issuer.example", Optional: true}},
			}}},
		},
		Routes: []mesh.EnvoyRoute{{
			Listener: "main_internal", Chain: cluster, Config: cluster, VirtualHost: "inbound|http|80", Name: "default", Domains: []string{"*"}, Match: "any path", Owner: mesh.Ref{Kind: "HTTPRoute", Namespace: "shop", Name: "orders"},
			Clusters: []mesh.EnvoyWeightedCluster{{Name: cluster, Weight: 100}}, Timeout: &timeout, Retries: 2, RetryOn: "5xx", Fault: "10% aborted with 503", Mirrors: []mesh.EnvoyMirror{{Cluster: cluster, Share: "1%"}},
		}},
		Clusters:  []mesh.EnvoyCluster{{Name: cluster, EnvoyName: name, Type: "EDS", State: mesh.EnvoyActive, LB: "LEAST_REQUEST", ConnectTimeout: 10 * time.Second, Rule: mesh.Ref{Kind: "DestinationRule", Namespace: "shop", Name: "=1+1"}}},
		Endpoints: []mesh.EnvoyEndpoint{{Cluster: cluster, Address: "10.1.0.1:8080", Tunnel: "connect_originate", Workload: "shop/orders", Weight: 1, Zone: "eu-1a", Health: "HEALTHY", Flags: []string{mesh.EnvoyOutlierFlag}, Requests: 7, Errors: 1, CountersKnown: true}},
		Secrets:   []mesh.EnvoySecret{{Name: "default", Type: "certificate", State: mesh.EnvoyActive, Updated: meshtest.Now, Identity: "spiffe://cluster.local/ns/shop/sa/waypoint", Chain: []mesh.Certificate{{Serial: "255", NotBefore: meshtest.Now, NotAfter: meshtest.Now.Add(24 * time.Hour)}}}},
	}, nil
}

func serveSync(_ context.Context, istiod mesh.Ref, _ bool) (*mesh.SyncEvidence, error) {
	return &mesh.SyncEvidence{Meta: mesh.Meta{Name: istiod.Name}, At: meshtest.Now, Proxies: []mesh.ProxySync{{
		Proxy: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "waypoint-1"}, Type: "waypoint", ClusterID: "Kubernetes", IstioVersion: "1.31.1",
		Types: []mesh.TypeSync{{URL: "type.googleapis.com/envoy.config.listener.v3.Listener", Sent: "2", Acked: "1", SentAt: meshtest.Now, LastError: "duplicate filter chain"}},
	}}}, nil
}

var allEnvoys = envoys{envoy: serveEnvoy, sync: serveSync}

func TestWaypointPagesSayWhatCameOfReading(t *testing.T) {
	fails := func(err error) Dumps {
		return envoys{
			envoy: func(context.Context, mesh.Ref, bool) (*mesh.EnvoyDump, error) { return nil, err },
			sync:  func(context.Context, mesh.Ref, bool) (*mesh.SyncEvidence, error) { return nil, err },
		}
	}
	forbidden := &UnreadError{views.ReadForbidden, "create pods/portforward in shop"}
	bare := meshtest.Waypoint("shop", "bare", meshtest.GatewayOnly())
	tests := map[string]struct {
		dumps Dumps
		path  string
		parts []meshtest.Part
		want  string
	}{
		"read":                           {allEnvoys, "/waypoints/shop/waypoint/clusters", nil, "LEAST_REQUEST"},
		"not wired":                      {nil, "/waypoints/shop/waypoint/listeners", nil, "Proxies are not read here"},
		"forbidden":                      {fails(forbidden), "/waypoints/shop/waypoint/routes", nil, "create pods/portforward in shop"},
		"not decoded":                    {fails(&UnreadError{views.ReadMalformed, "not JSON\x1b"}), "/waypoints/shop/waypoint/routes", nil, "could not be decoded"},
		"too late":                       {fails(context.DeadlineExceeded), "/waypoints/shop/waypoint/secrets", nil, "did not answer in time"},
		"anything else":                  {fails(errors.New("connection refused")), "/waypoints/shop/waypoint/endpoints", nil, "connection refused"},
		"a reader that answers nothing":  {fails(nil), "/waypoints/shop/waypoint/declared", nil, "could not be read"},
		"a pod that is none of its own":  {allEnvoys, "/waypoints/shop/waypoint/listeners?pod=istio-system/istiod-x", nil, "None of this waypoint's replicas is the pod istio-system/istiod-x"},
		"which pods it has is not known": {allEnvoys, "/waypoints/shop/bare/listeners", []meshtest.Part{bare, meshtest.Forbidden(mesh.ResourcePods)}, "Which pods it has is not known"},
		"it has no pod":                  {allEnvoys, "/waypoints/shop/bare/listeners", []meshtest.Part{bare}, "No pod of this waypoint exists"},
		"istiod is read":                 {allEnvoys, "/waypoints/shop/waypoint/sync", nil, "duplicate filter chain"},
		"istiod may not be read":         {fails(forbidden), "/waypoints/shop/waypoint/sync", nil, "Missing right: create pods/portforward in shop"},
		"istiod is not wired":            {nil, "/waypoints/shop/waypoint/sync", nil, "istiod is not read here"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := get(t, withEnvoys(t, tt.dumps, tt.parts...), tt.path)
			if w.Code != http.StatusOK {
				t.Fatalf("answered %d", w.Code)
			}
			if text := uitest.Text(document(t, w).Find("main")); !strings.Contains(text, tt.want) {
				t.Errorf("%q is not in %q", tt.want, text)
			}
		})
	}
}

func TestWhatNoWaypointHasIsNotFound(t *testing.T) {
	s := withEnvoys(t, allEnvoys)
	for _, path := range []string{"/waypoints/shop/none/listeners", "/waypoints/shop/waypoint/nothing", "/api/v1/waypoints/shop/none/routes", "/api/v1/waypoints/shop/waypoint/overview"} {
		if w := get(t, s, path); w.Code != http.StatusNotFound {
			t.Errorf("%s answered %d", path, w.Code)
		}
	}
}

func TestABrowserChoosesAmongTheWaypointsPodsOnly(t *testing.T) {
	var asked []string
	var fresh []bool
	s := withEnvoys(t, envoys{envoy: func(ctx context.Context, pod mesh.Ref, again bool) (*mesh.EnvoyDump, error) {
		if _, ok := ctx.Deadline(); !ok {
			t.Error("there is no deadline")
		}
		asked, fresh = append(asked, pod.Name), append(fresh, again)
		return serveEnvoy(ctx, pod, again)
	}})
	for _, query := range []string{"", "?pod=waypoint-2", "?pod=shop/waypoint-1", "?pod=istiod-x", "?pod=..", "?pod=other/waypoint-1"} {
		get(t, s, "/waypoints/shop/waypoint/listeners"+query)
	}
	w := get(t, s, "/waypoints/shop/waypoint/listeners?fresh=1&pod=waypoint-2&q=x")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/waypoints/shop/waypoint/listeners?pod=waypoint-2&q=x" {
		t.Errorf("answered %d to %q", w.Code, w.Header().Get("Location"))
	}
	if diff := cmp.Diff([]string{"waypoint-1", "waypoint-2", "waypoint-1", "waypoint-2"}, asked); diff != "" {
		t.Errorf("pods asked (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]bool{false, false, false, true}, fresh); diff != "" {
		t.Errorf("asked for fresh (-want +got):\n%s", diff)
	}
}

func TestWaypointExports(t *testing.T) {
	s := withEnvoys(t, allEnvoys)
	w := get(t, s, "/waypoints/shop/waypoint/clusters?format=csv")
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="waypoint-shop-waypoint-clusters.csv"` {
		t.Errorf("it is to be kept as %q", got)
	}
	if body := w.Body.String(); !strings.HasPrefix(body, "fqdn,port,subset,") || !strings.Contains(body, "DestinationRule shop/=1+1") {
		t.Errorf("the CSV is\n%s", body)
	}
	if a := answerOf(t, get(t, s, "/waypoints/shop/waypoint/endpoints?format=json&q=outlier:failed")); a.Total != 1 {
		t.Errorf("the JSON is %+v", a)
	}
	if w := get(t, withEnvoys(t, nil), "/waypoints/shop/waypoint/clusters?format=csv"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("what could not be read is a CSV with status %d", w.Code)
	}
}

func TestAPIOfAWaypointThatCouldNotBeReadSaysSo(t *testing.T) {
	dumps := envoys{envoy: func(context.Context, mesh.Ref, bool) (*mesh.EnvoyDump, error) {
		return nil, &UnreadError{views.ReadForbidden, "create pods/portforward in shop"}
	}}
	a := answerOf(t, get(t, withEnvoys(t, dumps), "/api/v1/waypoints/shop/waypoint/routes"))
	if want := (apiSource{"envoy/shop/waypoint-1", mesh.SourceForbidden, "create pods/portforward in shop"}); a.Source != want || len(a.Items) != 0 {
		t.Errorf("answers %+v", a)
	}
}

func TestShapesOfWaypointListsAreThoseOfTheDocuments(t *testing.T) {
	s := withEnvoys(t, allEnvoys)
	for _, part := range []string{"listeners", "routes", "clusters", "endpoints", "secrets", "sync", "declared"} {
		path := "waypoints/shop/waypoint/" + part
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, get(t, s, "/api/v1/"+path).Body.Bytes(), "", "  "); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		file := filepath.Join("..", "docs", "api", strings.ReplaceAll(path, "/", "_")+".json")
		if *update {
			if err := os.WriteFile(file, pretty.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
			t.Errorf("%s is no longer what %s says; go test ./server -update if that is meant:\n%s", path, file, diff)
		}
	}
}
