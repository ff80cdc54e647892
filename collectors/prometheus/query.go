package prometheus

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/waylight/waylight/collectors/traffic"
)

// Labels that flows are told apart by (istio.md A.10 and F). The reporter is
// always among them: a request through a waypoint is counted by up to three
// proxies, and must not be added over them.
const (
	peerLabels = "source_workload, source_workload_namespace, source_principal, source_version, " +
		"destination_workload, destination_workload_namespace, destination_principal, destination_version, " +
		"destination_service, destination_service_name, destination_service_namespace"
	requestLabels    = "reporter, " + peerLabels + ", request_protocol, response_code, grpc_response_status, response_flags, connection_security_policy"
	durationLabels   = "reporter, destination_workload, destination_workload_namespace, destination_principal, destination_version, destination_service, destination_service_name, destination_service_namespace, le"
	podLabels        = "namespace, pod"
	reasonLabels     = podLabels + ", reason"
	connectionLabels = "reporter, " + peerLabels + ", response_flags, connection_security_policy"
)

// Queries for the flows of the whole mesh. $window is the time to look back.
const (
	// Requests counts what waypoints, and gateways and sidecars as clients, have
	// passed on.
	Requests = `sum by (` + requestLabels + `) (increase(istio_requests_total{reporter=~"waypoint|source"}[$window])) > 0`
	// Durations counts how long waypoints took to answer for each version of a
	// service, by upper bound in milliseconds.
	Durations = `sum by (` + durationLabels + `) (increase(istio_request_duration_milliseconds_bucket{reporter="waypoint"}[$window])) > 0`
	// ConnectionsOpened, ConnectionsClosed and ConnectionsFailed count what
	// ztunnels, and waypoints for TCP, have connected. Flags of failures stand
	// on closed and failed ones only.
	ConnectionsOpened = `sum by (` + connectionLabels + `) (increase(istio_tcp_connections_opened_total[$window])) > 0`
	ConnectionsClosed = `sum by (` + connectionLabels + `) (increase(istio_tcp_connections_closed_total[$window])) > 0`
	ConnectionsFailed = `sum by (` + connectionLabels + `) (increase(istio_tcp_connections_failed_total[$window])) > 0`
	// BytesSent and BytesReceived are what went over these connections.
	BytesSent     = `sum by (` + connectionLabels + `) (increase(istio_tcp_sent_bytes_total[$window])) > 0`
	BytesReceived = `sum by (` + connectionLabels + `) (increase(istio_tcp_received_bytes_total[$window])) > 0`
)

// AnyWaypointRequests counts the series of requests of waypoints, whatever
// their value. No answer means that no waypoint is scraped, or that none ever
// had a request.
const AnyWaypointRequests = `count(istio_requests_total{reporter="waypoint"})`

// AnyConnections counts the series of connections: a Prometheus that knows none
// is not the mesh's.
const AnyConnections = `count(istio_tcp_connections_opened_total)`

// Twins finds proxies that Prometheus reads more than once, with how often: two
// jobs scrape the same pod, or the answers of two servers are not told apart.
// Each of these gauges is there once in what a proxy says.
const Twins = `max by (namespace, pod) (count by (namespace, pod, component, tag) (istio_build)) > 1 or max by (namespace, pod) (count by (namespace, pod) (envoy_server_total_connections)) > 1`

// copyLabels tell the readings of one proxy apart: by job and port, or by which
// of several servers has them.
const copyLabels = "job, instance, endpoint, prometheus, prometheus_replica, replica"

// Queries for single proxies, by pod. The labels namespace and pod are those
// that scraping a pod gives its series.
const (
	// Scrapes counts how often Prometheus has read a proxy.
	Scrapes = `max by (namespace, pod) (count_over_time(istio_build[$window])) or max by (namespace, pod) (count_over_time(envoy_server_total_connections[$window]))`
	// ProxyOpened and ProxyFailed count its connections, and those closed with
	// flags.
	ProxyOpened = `sum by (namespace, pod) (increase(istio_tcp_connections_opened_total[$window]))`
	ProxyFailed = `sum by (namespace, pod) (increase(istio_tcp_connections_closed_total{response_flags!~"-|"}[$window]))`
	// ProxySockets is how many sockets a ztunnel holds open, since 1.29, and
	// ProxyConnections how many connections an Envoy has.
	ProxySockets     = `sum by (namespace, pod) (istio_tcp_sockets_open)`
	ProxyConnections = `sum by (namespace, pod) (envoy_server_total_connections)`
	// ProxyTerminations counts lost links to istiod by reason, ProxyDNSFailures
	// names that no server resolved.
	ProxyTerminations = `sum by (` + reasonLabels + `) (increase(istio_xds_connection_terminations_total{reason!="Complete"}[$window]))`
	ProxyDNSFailures  = `sum by (namespace, pod) (increase(istio_dns_upstream_failures_total[$window]))`
	// ProxyRequests counts the requests of a waypoint's replica.
	ProxyRequests = `sum by (namespace, pod) (increase(istio_requests_total{reporter="waypoint"}[$window]))`
	// ProxyRestarts tells of proxies whose counters began anew.
	ProxyRestarts = `max by (namespace, pod) (resets(envoy_server_uptime[$window])) > 0 or max by (namespace, pod) (resets(istio_xds_message_total[$window])) > 0`
	// ProxyCPU is in cores and ProxyMemory in bytes, as the kubelet measures
	// containers.
	ProxyCPU    = `sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{container="istio-proxy"}[$window]))`
	ProxyMemory = `sum by (namespace, pod) (container_memory_working_set_bytes{container="istio-proxy"})`
)

// Queries for one service, to be copied and opened in Prometheus. They answer
// what pages take from the flows of the whole mesh.
const (
	// ServiceSplit is how many requests went to each version.
	ServiceSplit = `sum by (destination_version, destination_workload) (increase(istio_requests_total{reporter="waypoint",destination_service="$host"}[$window]))`
	// ServiceCodes is how many requests ended with each status and flags.
	ServiceCodes = `sum by (response_code, response_flags) (increase(istio_requests_total{reporter="waypoint",destination_service="$host"}[$window]))`
	// ServiceCallers is how many requests came from whom.
	ServiceCallers = `sum by (source_workload_namespace, source_workload) (increase(istio_requests_total{reporter="waypoint",destination_service="$host"}[$window]))`
	// ServiceLatency is the 99th percentile of each version, in milliseconds.
	ServiceLatency = `histogram_quantile(0.99, sum by (destination_version, le) (increase(istio_request_duration_milliseconds_bucket{reporter="waypoint",destination_service="$host"}[$window])))`
	// ServiceConnections is how many connections the ztunnels of its pods
	// opened, by caller and by mTLS.
	ServiceConnections = `sum by (source_workload_namespace, source_workload, connection_security_policy) (increase(istio_tcp_connections_opened_total{reporter="destination",destination_service="$host"}[$window]))`
	// ServiceFailures is how many connections to it were closed with flags.
	ServiceFailures = `sum by (reporter, response_flags) (increase(istio_tcp_connections_closed_total{destination_service="$host",response_flags!~"-|"}[$window]))`
)

// serviceQueries are these with the names that pages use.
var serviceQueries = []NamedQuery{
	{Name: "split", PromQL: ServiceSplit},
	{Name: "codes", PromQL: ServiceCodes},
	{Name: "callers", PromQL: ServiceCallers},
	{Name: "latency", PromQL: ServiceLatency},
	{Name: "connections", PromQL: ServiceConnections},
	{Name: "failures", PromQL: ServiceFailures},
}

// waypointQueries and ztunnelQueries are behind what pages say of single
// proxies: by pod, of all of them.
var (
	waypointQueries = []NamedQuery{
		{Name: "connections", PromQL: ProxyConnections},
		{Name: "requests", PromQL: ProxyRequests},
		{Name: "processor time", PromQL: ProxyCPU},
		{Name: "memory", PromQL: ProxyMemory},
	}
	ztunnelQueries = []NamedQuery{
		{Name: "connections", PromQL: ProxyOpened},
		{Name: "failures", PromQL: ProxyFailed},
		{Name: "open sockets", PromQL: ProxySockets},
		{Name: "lost links to istiod", PromQL: ProxyTerminations},
		{Name: "names not resolved", PromQL: ProxyDNSFailures},
	}
)

// once counts each pod once in a query of the form "sum by (labels) …", however
// often it is read: the highest of its readings stands. It takes the labels
// namespace and pod, without which all proxies would look like one.
func once(promQL, labels string) string {
	rest, ok := strings.CutPrefix(promQL, "sum by ("+labels+") ")
	if !ok {
		return promQL // it adds nothing up
	}
	rest, positive := strings.CutSuffix(rest, " > 0")
	promQL = fmt.Sprintf("sum by (%[1]s) (max by (%[1]s, namespace, pod) (sum by (%[1]s, namespace, pod, %[2]s) %[3]s))", labels, copyLabels, rest)
	if strings.HasPrefix(labels, podLabels) {
		promQL = fmt.Sprintf("max by (%[1]s) (sum by (%[1]s, %[2]s) %[3]s)", labels, copyLabels, rest)
	}
	if positive {
		promQL += " > 0"
	}
	return promQL
}

// flowQuery is a query whose answer is added to flows.
type flowQuery struct {
	name, promQL string
	// labels are those it is added up by.
	labels string
	// series is the counter it is of.
	series string
	// spare tells that the rest is worth something without it.
	spare bool
}

// flowQueries are asked in this order: whether failures are counted at all has
// to be known first.
var flowQueries = []flowQuery{
	{"connections failed", ConnectionsFailed, connectionLabels, traffic.Failed, false},
	{"connections opened", ConnectionsOpened, connectionLabels, traffic.Opened, false},
	{"connections closed", ConnectionsClosed, connectionLabels, traffic.Closed, false},
	{"bytes sent", BytesSent, connectionLabels, traffic.BytesSent, true},
	{"bytes received", BytesReceived, connectionLabels, traffic.BytesReceived, true},
	{"requests", Requests, requestLabels, traffic.Requests, false},
	{"durations", Durations, durationLabels, traffic.LatencyBucket, true},
}

// over writes a query for a window.
func over(promQL string, window time.Duration) string {
	return strings.ReplaceAll(promQL, "$window", duration(window))
}

// duration writes a time as PromQL does, in whole units.
func duration(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d >= unit.of && d%unit.of == 0 {
			return strconv.FormatInt(int64(d/unit.of), 10) + unit.name
		}
	}
	return strconv.FormatInt(max(1, int64(d/time.Second)), 10) + "s"
}
