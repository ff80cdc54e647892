package prometheus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

const (
	flowLabels = "reporter, source_workload, source_workload_namespace, source_principal, source_version, " +
		"destination_workload, destination_workload_namespace, destination_principal, destination_version, " +
		"destination_service, destination_service_name, destination_service_namespace, "
	tcpLabels = flowLabels + "response_flags, connection_security_policy"
	requests  = "sum by (" + flowLabels + `request_protocol, response_code, grpc_response_status, response_flags, connection_security_policy) (increase(istio_requests_total{reporter=~"waypoint|source"}[5m])) > 0`
)

// twins finds proxies that are read twice.
const twins = `max by (namespace, pod) (count by (namespace, pod, component, tag) (istio_build)) > 1 or max by (namespace, pod) (count by (namespace, pod) (envoy_server_total_connections)) > 1`

func TestAProxyThatTwoJobsReadIsCountedOnce(t *testing.T) {
	f := newFake(t)
	a := ask(t, f.URL, prometheus.Access{})
	_, waypoint := pods(a.snap)
	f.answers[twins] = vector(t, "namespace=shop pod="+waypoint.Name+" => 2")
	const copies = "job, instance, endpoint, prometheus, prometheus_replica, replica"
	labels := flowLabels + "request_protocol, response_code, grpc_response_status, response_flags, connection_security_policy"
	f.answers["sum by ("+labels+") (max by ("+labels+", namespace, pod) (sum by ("+labels+", namespace, pod, "+copies+`) (increase(istio_requests_total{reporter=~"waypoint|source"}[5m])))) > 0`] = vector(t, "reporter=waypoint => 7")
	if !a.round(t) || len(a.taken.Requests) != 1 || a.taken.Requests[0].Count != 7 {
		t.Fatalf("%+v, %+v", a.status, a.taken)
	}
	if !strings.Contains(strings.Join(a.taken.Warnings, " "), "reads shop/"+waypoint.Name+" more than once") {
		t.Errorf("%q", a.taken.Warnings)
	}
	want := "GET /api/v1/query max by (namespace, pod) (sum by (namespace, pod, " + copies + `) (increase(istio_tcp_connections_opened_total[5m])))`
	if !slices.Contains(f.queries(), want) {
		t.Errorf("%q is not among %q", want, f.queries())
	}
}

func TestTheQueriesForTheWholeMesh(t *testing.T) {
	f := newFake(t)
	f.answers[`count(istio_requests_total{reporter="waypoint"})`] = vector(t, " => 3")
	a := ask(t, f.URL, prometheus.Access{})
	if !a.round(t) {
		t.Fatalf("%+v", a.status)
	}
	const get = "GET /api/v1/query "
	want := []string{
		`max by (namespace, pod) (count_over_time(istio_build[5m])) or max by (namespace, pod) (count_over_time(envoy_server_total_connections[5m]))`,
		twins,
		`sum by (namespace, pod) (increase(istio_tcp_connections_opened_total[5m]))`,
		`sum by (namespace, pod) (increase(istio_tcp_connections_closed_total{response_flags!~"-|"}[5m]))`,
		`sum by (namespace, pod) (istio_tcp_sockets_open)`,
		`sum by (namespace, pod) (envoy_server_total_connections)`,
		`sum by (namespace, pod) (increase(istio_dns_upstream_failures_total[5m]))`,
		`sum by (namespace, pod) (increase(istio_requests_total{reporter="waypoint"}[5m]))`,
		`sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{container="istio-proxy"}[5m]))`,
		`sum by (namespace, pod) (container_memory_working_set_bytes{container="istio-proxy"})`,
		`sum by (namespace, pod, reason) (increase(istio_xds_connection_terminations_total{reason!="Complete"}[5m]))`,
		`max by (namespace, pod) (resets(envoy_server_uptime[5m])) > 0 or max by (namespace, pod) (resets(istio_xds_message_total[5m])) > 0`,
		"sum by (" + tcpLabels + `) (increase(istio_tcp_connections_failed_total[5m])) > 0`,
		"sum by (" + tcpLabels + `) (increase(istio_tcp_connections_opened_total[5m])) > 0`,
		"sum by (" + tcpLabels + `) (increase(istio_tcp_connections_closed_total[5m])) > 0`,
		"sum by (" + tcpLabels + `) (increase(istio_tcp_sent_bytes_total[5m])) > 0`,
		"sum by (" + tcpLabels + `) (increase(istio_tcp_received_bytes_total[5m])) > 0`,
		requests,
		`sum by (reporter, destination_workload, destination_workload_namespace, destination_principal, destination_version, destination_service, destination_service_name, destination_service_namespace, le) (increase(istio_request_duration_milliseconds_bucket{reporter="waypoint"}[5m])) > 0`,
		`count(istio_requests_total{reporter="waypoint"})`,
	}
	for i := range want {
		want[i] = get + want[i]
	}
	if diff := cmp.Diff(want, f.queries()); diff != "" {
		t.Error(diff)
	}
	if a.status.State != mesh.SourceOK || a.taken == nil || a.taken.NoRequestsAtAll || len(a.taken.Unread) != 2 {
		t.Errorf("%+v, %+v", a.status, a.taken)
	}
}

func TestAnswersBecomeTraffic(t *testing.T) {
	f := newFake(t)
	a := ask(t, f.URL, prometheus.Access{})
	ztunnel, waypoint := pods(a.snap)
	ofZtunnel, ofWaypoint := "namespace="+ztunnel.Namespace+" pod="+ztunnel.Name+" ", "namespace=shop pod="+waypoint.Name+" "
	to := func(version string) string {
		return "reporter=waypoint source_workload=web source_principal=unknown destination_version=" + version + " destination_service=orders.shop.svc.cluster.local destination_service_name=orders " +
			"destination_service_namespace=shop response_code=200 response_flags=- "
	}
	f.answers[requests] = vector(t, to("v1")+"=> 310", to("v2")+"=> 190", to("v3")+"=> NaN")
	f.answers[`count(istio_requests_total{reporter="waypoint"})`] = vector(t, " => 2")
	f.answers[`max by (namespace, pod) (count_over_time(istio_build[5m])) or max by (namespace, pod) (count_over_time(envoy_server_total_connections[5m]))`] = vector(t, ofZtunnel+"=> 20", ofWaypoint+"=> 20", "namespace=other pod=else => 3")
	f.answers[`sum by (namespace, pod) (istio_tcp_sockets_open)`] = vector(t, ofZtunnel+"=> 4")
	f.answers[`sum by (namespace, pod) (increase(istio_tcp_connections_opened_total[5m]))`] = vector(t, ofZtunnel+"=> 8")
	f.answers["sum by ("+tcpLabels+`) (increase(istio_tcp_connections_opened_total[5m])) > 0`] = vector(t, "reporter=destination destination_service=ledger connection_security_policy=mutual_tls => 5")
	f.answers[`sum by (namespace, pod, reason) (increase(istio_xds_connection_terminations_total{reason!="Complete"}[5m]))`] = vector(t, ofZtunnel+"reason=Error => 2", ofZtunnel+"reason=Reconnect => 0")
	f.answers[`sum by (namespace, pod) (container_memory_working_set_bytes{container="istio-proxy"})`] = vector(t, ofWaypoint+"=> 64000000")
	if !a.round(t) {
		t.Fatalf("%+v", a.status)
	}

	orders := func(version string, count float64) mesh.RequestFlow {
		return mesh.RequestFlow{
			Reporter: "waypoint", Source: mesh.TrafficPeer{Workload: "web"}, Destination: mesh.TrafficPeer{Version: version},
			Host: "orders.shop.svc.cluster.local", ServiceName: "orders", ServiceNamespace: "shop", Code: "200", Flags: "-", Count: count, Rate: count / 300,
		}
	}
	want := &mesh.Traffic{
		Meta: mesh.Meta{Kind: mesh.KindTraffic}, Source: mesh.TrafficFromPrometheus, At: now, Window: 5 * time.Minute,
		Requests:    []mesh.RequestFlow{orders("v1", 310), orders("v2", 190)},
		Connections: []mesh.ConnectionFlow{{Reporter: "destination", Host: "ledger", Flags: "-", Security: "mutual_tls", Opened: 5}},
		Proxies: []mesh.ProxyTraffic{
			{Pod: ztunnel, Node: "node-a", Scrapes: 20, Window: 5 * time.Minute, Opened: 8, SocketsOpen: 4, Connections: -1, XDSTerminations: map[string]float64{"Error": 2}, CPU: -1, Memory: -1, Requests: -1},
			{Pod: waypoint, Scrapes: 20, Window: 5 * time.Minute, SocketsOpen: -1, Connections: -1, DNSFailures: -1, CPU: -1, Memory: 64000000},
		},
	}
	if diff := cmp.Diff(want, a.taken); diff != "" {
		t.Error(diff)
	}
}

func TestWhatPrometheusDoesInPlaceOfAnswering(t *testing.T) {
	for _, test := range []struct {
		name   string
		does   http.HandlerFunc
		state  mesh.SourceState
		detail string
	}{
		{"503", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, mesh.SourceDown, "It answered 503 Service Unavailable."},
		{"a reason", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprint(w, `{"status":"error","errorType":"execution","error":"query processing would load too many samples"}`)
		}, mesh.SourceDown, "It answered 422: query processing would load too many samples."},
		{"a login", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, mesh.SourceForbidden, "It answered 401 Unauthorized."},
		{"rubbish", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "\x00\xff<html>") }, mesh.SourceDown, "It did not answer: the answer is no JSON, or breaks off."},
		{"a page to sign in, elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}, mesh.SourceDown, "It answered 302 Found."},
		{"a line that is cut", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"status":"success"`)
		}, mesh.SourceDown, "It did not answer: the answer is no JSON, or breaks off."},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			a := ask(t, f.URL, prometheus.Access{})
			f.misbehaves(test.does)
			if a.round(t) || a.status.State != test.state || a.status.Detail != test.detail || a.taken != nil {
				t.Errorf("%+v, %+v", a.status, a.taken)
			}
			f.misbehaves(nil)
			if !a.round(t) || a.status.State != mesh.SourceOK || a.taken == nil {
				t.Errorf("afterwards: %+v", a.status)
			}
			f.Close()
			if a.round(t) || a.status.State != mesh.SourceDown || !strings.HasPrefix(a.status.Detail, "It did not answer: ") || a.taken != nil {
				t.Errorf("stopped: %+v", a.status)
			}
		})
	}
}

func TestASlowPrometheusIsNotWaitedForBeyondTheEnd(t *testing.T) {
	f := newFake(t)
	begun := make(chan struct{}, 1)
	f.misbehaves(func(_ http.ResponseWriter, r *http.Request) { begun <- struct{}{}; <-r.Context().Done() })
	a := ask(t, f.URL, prometheus.Access{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	if a.Round(ctx, a.snap, &a.sink) || a.status.State != "" {
		t.Errorf("%+v", a.status)
	}
}

func TestPartOfAnAnswerIsPartial(t *testing.T) {
	f := newFake(t)
	a := ask(t, f.URL, prometheus.Access{})
	f.misbehaves(func(w http.ResponseWriter, r *http.Request) {
		switch q := r.URL.Query().Get("query"); {
		case strings.Contains(q, "container_"):
			w.WriteHeader(http.StatusBadRequest)
		case strings.Contains(q, "count_over_time(istio_build"):
			ztunnel, _ := pods(a.snap)
			fmt.Fprintf(w, `{"status":"success","warnings":["store 2 is away"],"data":{"resultType":"vector","result":[%s]}}`, vector(t, "namespace="+ztunnel.Namespace+" pod="+ztunnel.Name+" => 9"))
		default:
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
		}
	})
	if !a.round(t) || a.status.State != mesh.SourcePartial || !strings.Contains(a.status.Detail, "store 2 is away") {
		t.Fatalf("%+v", a.status)
	}
	want := []string{"Of memory nothing is known: It answered 400 Bad Request.", "Of processor time nothing is known: It answered 400 Bad Request.", "store 2 is away"}
	if diff := cmp.Diff(want, a.taken.Warnings); diff != "" || a.taken.Proxies[0].Memory != -1 || a.taken.Proxies[0].Opened != 0 || !a.taken.NoRequestsAtAll {
		t.Errorf("%s, %+v", diff, a.taken)
	}
}

func TestWithMoreFlowsThanAreKeptSilenceProvesNothing(t *testing.T) {
	f := newFake(t)
	a := ask(t, f.URL, prometheus.Access{})
	f.misbehaves(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[`)
		switch q := r.URL.Query().Get("query"); {
		case q == requests:
			for i := range 100_010 {
				fmt.Fprintf(w, `{"metric":{"reporter":"waypoint","destination_service":"s%d"},"value":[1,"1"]},`, i)
			}
			fmt.Fprint(w, `{"metric":{}}`)
		case strings.Contains(q, "count_over_time"):
			ztunnel, _ := pods(a.snap)
			fmt.Fprint(w, vector(t, "namespace="+ztunnel.Namespace+" pod="+ztunnel.Name+" => 9"))
		}
		fmt.Fprint(w, `]}}`)
	})
	if !a.round(t) || a.status.State != mesh.SourcePartial || a.taken.Dropped != 11 || len(a.taken.Proxies) != 1 {
		t.Fatalf("%+v, %+v", a.status, a.taken.Dropped)
	}
	if u := a.taken.Unread; len(u) != 2 || !strings.Contains(u[1].Reason, "11 series more than are kept") {
		t.Errorf("%+v", u)
	}
}

func TestWithoutTheFlowsThereIsNoTraffic(t *testing.T) {
	f := newFake(t)
	a := ask(t, f.URL, prometheus.Access{})
	f.misbehaves(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("query") == requests {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
	})
	if a.round(t) || a.taken != nil || a.status.State != mesh.SourceDown {
		t.Errorf("%+v, %+v", a.status, a.taken)
	}
}

func TestWhatPrometheusWantsIsSent(t *testing.T) {
	f := newFake(t)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	header, err := prometheus.ParseHeaders([]string{"X-Scope-OrgID: shop", "x-other=1"})
	if err != nil {
		t.Fatal(err)
	}
	a := ask(t, f.URL+"/prometheus/", prometheus.Access{TokenFile: token, Header: header})
	if !a.round(t) {
		t.Fatalf("%+v", a.status)
	}
	if h := f.headers[0]; h.Get("Authorization") != "Bearer secret" || h.Get("X-Scope-OrgID") != "shop" || h.Get("X-Other") != "1" || !strings.HasPrefix(f.asked[0], "GET /prometheus/api/v1/query ") {
		t.Errorf("%v %s", h, f.asked[0])
	}
	for _, bad := range []string{"", ":", "a", "a b: c", ": c", "a: b\r\nc: d"} {
		if _, err := prometheus.ParseHeaders([]string{bad}); err == nil {
			t.Errorf("%q is a header", bad)
		}
	}
}
