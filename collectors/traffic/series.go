package traffic

import "github.com/waylight/waylight/mesh"

// Names of the series that flows are made of (istio.md A.10 and F).
const (
	Requests      = "istio_requests_total"
	LatencyBucket = "istio_request_duration_milliseconds_bucket"
	Opened        = "istio_tcp_connections_opened_total"
	Closed        = "istio_tcp_connections_closed_total"
	Failed        = "istio_tcp_connections_failed_total"
	BytesSent     = "istio_tcp_sent_bytes_total"
	BytesReceived = "istio_tcp_received_bytes_total"
)

// Names of the series that single proxies are judged by.
const (
	SocketsOpen      = "istio_tcp_sockets_open"
	XDSTerminations  = "istio_xds_connection_terminations_total"
	DNSFailures      = "istio_dns_upstream_failures_total"
	TotalConnections = "envoy_server_total_connections"
	uptime           = "envoy_server_uptime"
)

// Labels of flows.
const (
	reporter  = "reporter"
	flagLabel = "response_flags"
	boundary  = "le"
	// noFlags is how a proxy writes that nothing went wrong.
	noFlags = "-"
	// byWaypoint is the reporter of a waypoint.
	byWaypoint = "waypoint"
)

// said is what a label says; proxies write unknown for what they do not know.
func said(l mesh.Labels, name string) string {
	if v := l.Get(name); v != "unknown" {
		return v
	}
	return ""
}

// peer reads one end of a flow: source or destination.
func peer(l mesh.Labels, end string) mesh.TrafficPeer {
	return mesh.TrafficPeer{
		Workload: said(l, end+"_workload"), Namespace: said(l, end+"_workload_namespace"),
		Principal: said(l, end+"_principal"), Version: said(l, end+"_version"),
	}
}

// requests is the flow that a series of requests counts.
func requests(l mesh.Labels) mesh.RequestFlow {
	f := destined(l)
	f.Source = peer(l, "source")
	f.Code, f.GRPCStatus, f.Flags = l.Get("response_code"), l.Get("grpc_response_status"), flags(l)
	f.Security, f.Protocol = l.Get("connection_security_policy"), l.Get("request_protocol")
	return f
}

// destined is the flow that a series of durations tells of.
func destined(l mesh.Labels) mesh.RequestFlow {
	return mesh.RequestFlow{
		Reporter: l.Get(reporter), Destination: peer(l, "destination"),
		Host: said(l, "destination_service"), ServiceNamespace: said(l, "destination_service_namespace"), ServiceName: said(l, "destination_service_name"),
	}
}

// connections is the flow that a series of connections or bytes counts.
func connections(l mesh.Labels) mesh.ConnectionFlow {
	return mesh.ConnectionFlow{
		Reporter: l.Get(reporter), Source: peer(l, "source"), Destination: peer(l, "destination"),
		Host: said(l, "destination_service"), ServiceNamespace: said(l, "destination_service_namespace"), ServiceName: said(l, "destination_service_name"),
		Flags: flags(l), Security: l.Get("connection_security_policy"),
	}
}

// flags are the response flags of a series, those without any all alike.
func flags(l mesh.Labels) string {
	if f := l.Get(flagLabel); f != "" {
		return f
	}
	return noFlags
}
