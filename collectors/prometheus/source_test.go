package prometheus_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/prometheus"
	"github.com/waylight/waylight/mesh"
)

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
