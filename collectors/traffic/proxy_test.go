package traffic_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/traffic"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// tcp writes a series of connections from web to ledger.
func tcp(name, reporter, flags, value string) string {
	return name + `{reporter="` + reporter + `",source_workload="web-1",source_workload_namespace="shop",source_principal="spiffe://cluster.local/ns/shop/sa/web",source_version="latest",` +
		`destination_workload="unknown",destination_workload_namespace="pay",destination_service="ledger.pay.svc.cluster.local",destination_service_name="ledger",` +
		`destination_service_namespace="pay",response_flags="` + flags + `",connection_security_policy="mutual_tls"} ` + value
}

// fromScrapes is the traffic that one proxy counted.
func fromScrapes(t *testing.T, p traffic.Proxy, scrapes ...*mesh.Scrape) *mesh.Traffic {
	t.Helper()
	m := traffic.NewMeter(0)
	for _, s := range scrapes {
		m.Add(s)
	}
	counted := traffic.FromScrapes([]traffic.Metered{{Proxy: p, Meter: m}})
	if counted == nil {
		t.Fatal("no traffic")
	}
	return counted
}

// toLedger is the flow that tcp writes of.
func toLedger(reporter, flags string) mesh.ConnectionFlow {
	return mesh.ConnectionFlow{
		Reporter: reporter, Flags: flags, Security: "mutual_tls",
		Source:      mesh.TrafficPeer{Workload: "web-1", Namespace: "shop", Principal: "spiffe://cluster.local/ns/shop/sa/web", Version: "latest"},
		Destination: mesh.TrafficPeer{Namespace: "pay"},
		Host:        "ledger.pay.svc.cluster.local", ServiceName: "ledger", ServiceNamespace: "pay",
	}
}

func TestZtunnelsCountConnections(t *testing.T) {
	counted := fromScrapes(t, ztunnel,
		scrape(t, 0, tcp(traffic.Opened, "source", "-", "10"), tcp(traffic.Closed, "source", "-", "9"), `istio_xds_connection_terminations_total{reason="Error"} 3`,
			`istio_tcp_sockets_open{reporter="source"} 4`, `istio_tcp_sockets_open{reporter="destination"} 1`),
		scrape(t, 10, tcp(traffic.Opened, "source", "-", "16"), tcp(traffic.Closed, "source", "-", "12"), tcp(traffic.Closed, "source", "CONNECT", "2"), tcp(traffic.Failed, "source", "CONNECT", "2"),
			tcp(traffic.Opened, "destination", "-", "5"), tcp(traffic.BytesSent, "source", "-", "100"), tcp(traffic.BytesReceived, "source", "-", "200"),
			`istio_xds_connection_terminations_total{reason="Error"} 4`, `istio_xds_connection_terminations_total{reason="Complete"} 1`,
			`istio_dns_upstream_failures_total{request_protocol="udp"} 2`, `istio_tcp_sockets_open{reporter="source"} 5`, `istio_tcp_sockets_open{reporter="destination"} 2`))

	sent, refused, taken := toLedger("source", "-"), toLedger("source", "CONNECT"), toLedger("destination", "-")
	sent.Opened, sent.Closed, sent.BytesSent, sent.BytesReceived = 6, 3, 100, 200
	refused.Closed, refused.Failed = 2, 2
	taken.Opened = 5
	if diff := cmp.Diff([]mesh.ConnectionFlow{taken, sent, refused}, counted.Connections); diff != "" {
		t.Error(diff)
	}
	want := traffic.Silent(ztunnel)
	want.Scrapes, want.Window, want.Opened, want.Failed, want.SocketsOpen, want.DNSFailures = 2, 10*time.Second, 11, 2, 7, 2
	want.XDSTerminations = map[string]float64{"Error": 1}
	if diff := cmp.Diff(&want, counted.Proxy(ztunnel.Pod)); diff != "" {
		t.Error(diff)
	}
}

func TestFailuresOfOldZtunnelsAreUnknown(t *testing.T) {
	old := fromScrapes(t, ztunnel, scrape(t, 0, tcp(traffic.Opened, "source", "", "1")), scrape(t, 10, tcp(traffic.Opened, "source", "", "3")))
	if f := old.Connections[0]; f.Opened != 2 || f.Failed != -1 || f.Flags != "-" {
		t.Errorf("without the label of flags: %+v", f)
	}
	both := []traffic.Metered{{Proxy: ztunnel, Meter: traffic.NewMeter(0)}, {Proxy: traffic.Proxy{Pod: mesh.Ref{Name: "ztunnel-b"}, Node: "node-b"}, Meter: traffic.NewMeter(0)}}
	for i, more := range []string{"", "istio_tcp_sockets_open 1"} {
		both[i].Meter.Add(scrape(t, 0, tcp(traffic.Opened, "source", "-", "1"), more))
		both[i].Meter.Add(scrape(t, 10, tcp(traffic.Opened, "source", "-", "3"), more))
	}
	if f := traffic.FromScrapes(both).Connections; len(f) != 1 || f[0].Opened != 4 || f[0].Failed != 0 {
		t.Errorf("one of two counts failures: %+v", f)
	}
}

func TestLatenciesAreOfTheDestination(t *testing.T) {
	bucket := func(code, le, value string) string {
		return `istio_request_duration_milliseconds_bucket{reporter="waypoint",source_workload="web",destination_version="v1",destination_service="orders",response_code="` + code + `",le="` + le + `"} ` + value
	}
	counted := fromScrapes(t, waypoint,
		scrape(t, 0, bucket("200", "5", "0"), bucket("200", "10", "1"), bucket("200", "+Inf", "1")),
		scrape(t, 10, bucket("200", "5", "2"), bucket("200", "10", "4"), bucket("200", "+Inf", "5"), bucket("503", "5", "0"), bucket("503", "10", "0"), bucket("503", "+Inf", "3")))
	want := []mesh.RequestFlow{{
		Reporter: "waypoint", Host: "orders", Destination: mesh.TrafficPeer{Version: "v1"},
		Latency: &mesh.Histogram{Bounds: []float64{5, 10}, Counts: []float64{2, 1, 4}},
	}}
	if diff := cmp.Diff(want, counted.Requests); diff != "" {
		t.Error(diff)
	}
}

func TestWaypointsCountRequestsByReplica(t *testing.T) {
	counted := fromScrapes(t, waypoint,
		scrape(t, 0, up("100"), toVersion("v1", "10"), "envoy_server_total_connections 3"), scrape(t, 20, up("5"), toVersion("v1", "40"), "envoy_server_total_connections 9"))
	want := traffic.Silent(waypoint)
	want.Scrapes, want.Window, want.Connections, want.Requests, want.Restarted = 2, 20*time.Second, 9, 40, true
	if diff := cmp.Diff([]mesh.ProxyTraffic{want}, counted.Proxies); diff != "" {
		t.Error(diff)
	}
	if f := counted.Requests; len(f) != 1 || f[0].Rate != 2 || counted.Window != 20*time.Second || !counted.At.Equal(start.Add(20*time.Second)) {
		t.Errorf("%+v", counted)
	}
}

// recordedScrapes answers what it has of a pod.
type recordedScrapes map[string][]*mesh.Scrape

var errMissing = errors.New("the bundle has no metrics of it")

func (r recordedScrapes) ZtunnelScrapes(ctx context.Context, _ string, pod mesh.Ref) ([]*mesh.Scrape, error) {
	return r.EnvoyScrapes(ctx, pod)
}

func (r recordedScrapes) EnvoyScrapes(_ context.Context, pod mesh.Ref) ([]*mesh.Scrape, error) {
	if s, ok := r[pod.Name]; ok {
		return s, nil
	}
	return nil, errMissing
}

func TestProxiesWithoutTwoReadingsAreNamed(t *testing.T) {
	snap := meshtest.Mesh(meshtest.Namespace("shop"), meshtest.Node("node-a"), meshtest.Node("node-b"), meshtest.Waypoint("shop", "waypoint"))
	var wp, a, b traffic.Proxy
	for _, p := range traffic.Proxies(snap) {
		switch p.Node {
		case "node-a":
			a = p
		case "node-b":
			b = p
		default:
			wp = p
		}
	}
	counted := traffic.Recorded(t.Context(), snap, recordedScrapes{
		wp.Pod.Name: {scrape(t, 0, toVersion("v1", "1")), scrape(t, 10, toVersion("v1", "2"))},
		a.Pod.Name:  {scrape(t, 0, tcp(traffic.Opened, "source", "-", "10"))},
	})
	want := []mesh.TrafficGap{
		{Proxy: a.Pod, Reason: "Its counters were read once; a rate needs two readings."},
		{Proxy: b.Pod, Reason: "The bundle has no metrics of it."},
	}
	if diff := cmp.Diff(want, counted.Unread); diff != "" {
		t.Error(diff)
	}
	if counted.Proxy(a.Pod) != nil || counted.Proxy(wp.Pod) == nil {
		t.Errorf("%+v", counted.Proxies)
	}
	if counted := traffic.Recorded(t.Context(), snap, recordedScrapes{}); counted != nil {
		t.Errorf("of nothing: %+v", counted)
	}
}
