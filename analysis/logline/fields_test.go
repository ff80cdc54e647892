package logline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
)

func TestFieldsStandAsTheirWriterHasThem(t *testing.T) {
	for name, test := range map[string]struct {
		line *mesh.LogLine
		want []mesh.LogField
	}{
		"ztunnel": {
			ofZtunnel("error\taccess\tconnection complete\tsrc.addr=1.2.3.4:5 dst.addr=5.6.7.8:15008 dst.hbone_addr=5.6.7.8:80 dst.service=\"a.b\" direction=\"inbound\" bytes_sent=0 bytes_recv=7 duration=\"13ms\" error=\"x \\\"y\\\"\" new=1"),
			[]mesh.LogField{
				{Name: "src.addr", Value: "1.2.3.4:5"},
				{Name: "dst.addr", Value: "5.6.7.8:15008"},
				{Name: "dst.hbone_addr", Value: "5.6.7.8:80"},
				{Name: "dst.service", Value: "a.b"},
				{Name: "direction", Value: "inbound"},
				{Name: "bytes_sent", Value: "0"},
				{Name: "bytes_recv", Value: "7"},
				{Name: "duration", Value: "13ms"},
				{Name: "error", Value: `x "y"`},
				{Name: "new", Value: "1"},
			},
		},
		"Envoy, whatever format it writes": {
			tunnel("UF,URX", "tunnel_response:401"),
			[]mesh.LogField{
				{Name: "start_time", Value: "2026-08-20T10:00:00.123Z"},
				{Name: "response_code", Value: "0"},
				{Name: "response_flags", Value: "UF,URX"},
				{Name: "upstream_transport_failure_reason", Value: "tunnel_response:401"},
				{Name: "bytes_received", Value: "0"},
				{Name: "bytes_sent", Value: "0"},
				{Name: "duration", Value: "0"},
				{Name: "upstream_host", Value: "10.0.2.2:15008"},
				{Name: "upstream_cluster", Value: "connect_originate"},
				{Name: "downstream_local_address", Value: "10.0.2.2:8080"},
				{Name: "downstream_remote_address", Value: "envoy://internal_client_address/"},
			},
		},
		"any other line": {ofIstio("info\tads\tpush\tn=1"), []mesh.LogField{{Name: "n", Value: "1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, logline.Fields(test.line)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
