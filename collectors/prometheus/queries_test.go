package prometheus_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/prometheus"
	"github.com/waylight/waylight/mesh"
)

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
	if !strings.Contains(strings.Join(a.taken.Warnings, " "), "reads shop/"+waypoint.Name+" more than once") || a.status.State != mesh.SourceOK || !strings.Contains(a.status.Detail, a.taken.Warnings[0]) {
		t.Errorf("%q, %+v", a.taken.Warnings, a.status)
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
