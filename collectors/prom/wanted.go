package prom

// wanted are the names of the series that are kept.
var wanted = makeWanted(
	// ztunnel and waypoints: connections
	"istio_tcp_connections_opened_total", "istio_tcp_connections_closed_total", "istio_tcp_connections_failed_total",
	"istio_tcp_received_bytes_total", "istio_tcp_sent_bytes_total", "istio_tcp_sockets_open",
	"istio_crl_policy_rejections_total", "istio_crl_untracked_connections_total",
	// waypoints: requests
	"istio_requests_total",
	"istio_request_duration_milliseconds_bucket", "istio_request_duration_milliseconds_sum", "istio_request_duration_milliseconds_count",
	// ztunnel: its link to istiod, names, and the pods of its node
	"istio_xds_connection_terminations_total", "istio_xds_message_total", "istio_xds_message_bytes_total",
	"istio_on_demand_dns_total", "istio_dns_requests_total", "istio_dns_upstream_requests_total", "istio_dns_upstream_failures_total",
	"workload_manager_active_proxy_count", "workload_manager_pending_proxy_count",
	"workload_manager_proxies_started_total", "workload_manager_proxies_stopped_total",
	// the proxy itself
	"istio_build", "process_open_fds", "process_max_fds",
	"envoy_server_total_connections", "envoy_server_memory_allocated", "envoy_server_uptime",
)

// makeWanted maps each name to itself, so that a name found in an answer costs
// no memory.
func makeWanted(names ...string) map[string]string {
	out := make(map[string]string, len(names))
	for _, n := range names {
		out[n] = n
	}
	return out
}
