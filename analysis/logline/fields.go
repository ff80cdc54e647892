package logline

import (
	"strconv"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Fields are the names and values of a line, those of its access log in the
// order and spelling of their writer: ztunnel's own keys (istio.md A.11), for
// an Envoy the keys of Istio's JSON format (E) whatever format it writes. What
// the line does not say is left out. Extra ones come last, as they stand.
func Fields(l *mesh.LogLine) []mesh.LogField {
	var f fields
	switch {
	case l.Connection != nil:
		f = make(fields, 0, 20+len(l.Extra))
		f.connection(l.Connection)
	case l.Request != nil:
		f = make(fields, 0, 24+len(l.Extra))
		f.request(l.Request)
	}
	return append(f, l.Extra...)
}

// Numeric tells whether the value of a field is a number in the writer's own
// JSON, which has it without quotes where it is only digits.
func Numeric(name string) bool {
	switch name {
	case "bytes_sent", "bytes_recv", "bytes_received", "response_code", "duration": // ztunnel's has a unit
		return true
	}
	return false
}

// fields collects those that a line has.
type fields []mesh.LogField

func (f *fields) text(name, value string) {
	if value != "" {
		*f = append(*f, mesh.LogField{Name: name, Value: value})
	}
}

func (f *fields) number(name string, value int64) {
	if value >= 0 {
		f.text(name, strconv.FormatInt(value, 10))
	}
}

// duration is in milliseconds, with a unit where the writer has one.
func (f *fields) duration(name string, value time.Duration, unit string) {
	if value >= 0 {
		f.text(name, strconv.FormatInt(value.Milliseconds(), 10)+unit)
	}
}

func (f *fields) connection(c *mesh.ConnectionLog) {
	f.text("src.addr", c.Source.Addr)
	f.text("src.workload", c.Source.Workload)
	f.text("src.namespace", c.Source.Namespace)
	f.text("src.identity", c.Source.Identity)
	f.text("src.cluster", c.Source.Cluster)
	f.text("dst.addr", c.Destination.Addr)
	f.text("dst.hbone_addr", c.HBONEAddr)
	f.text("dst.service", c.Service)
	f.text("dst.workload", c.Destination.Workload)
	f.text("dst.namespace", c.Destination.Namespace)
	f.text("dst.identity", c.Destination.Identity)
	f.text("dst.cluster", c.Destination.Cluster)
	f.text("direction", c.Direction)
	f.number("bytes_sent", c.BytesSent)
	f.number("bytes_recv", c.BytesReceived)
	f.duration("duration", c.Duration, "ms")
	f.text("error", c.Error)
}

func (f *fields) request(r *mesh.RequestLog) {
	if !r.Started.IsZero() {
		f.text("start_time", r.Started.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	f.text("method", r.Method)
	f.text("path", r.Path)
	f.text("protocol", r.Protocol)
	f.number("response_code", int64(r.Status))
	f.text("response_flags", strings.Join(r.Flags, ","))
	f.text("response_code_details", r.Details)
	f.text("connection_termination_details", r.Termination)
	f.text("upstream_transport_failure_reason", r.TransportFailure)
	f.number("bytes_received", r.BytesReceived)
	f.number("bytes_sent", r.BytesSent)
	f.duration("duration", r.Duration, "")
	f.duration("upstream_service_time", r.UpstreamTime, "")
	f.text("x_forwarded_for", r.ForwardedFor)
	f.text("user_agent", r.UserAgent)
	f.text("request_id", r.RequestID)
	f.text("authority", r.Authority)
	f.text("upstream_host", r.UpstreamHost)
	f.text("upstream_cluster", r.UpstreamCluster)
	f.text("upstream_local_address", r.UpstreamLocal)
	f.text("downstream_local_address", r.DownstreamLocal)
	f.text("downstream_remote_address", r.DownstreamRemote)
	f.text("requested_server_name", r.ServerName)
	f.text("route_name", r.RouteName)
}
