package envoy_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/envoy"
	"github.com/waylight/waylight/mesh"
)

const (
	deniedText = `[2026-08-20T10:00:00.123Z] "DELETE /reviews/1 HTTP/1.1" 403 - rbac_access_denied_matched_policy[none] - "-" 0 19 0 - "-" "curl/8.9.1" "7b0e" "reviews:9080" "-" ` +
		`inbound-vip|9080|http|reviews.bookinfo.svc.cluster.local - 10.96.74.131:9080 10.244.1.10:46238 - default`
	deniedJSON = `{"authority":"reviews:9080","bytes_received":0,"bytes_sent":19,"connection_termination_details":null,"downstream_local_address":"10.96.74.131:9080",` +
		`"downstream_remote_address":"10.244.1.10:46238","duration":0,"method":"DELETE","path":"/reviews/1","protocol":"HTTP/1.1","request_id":"7b0e","requested_server_name":null,"response_code":403,` +
		`"response_code_details":"rbac_access_denied_matched_policy[none]","response_flags":"-","route_name":"default","start_time":"2026-08-20T10:00:00.123Z",` +
		`"upstream_cluster":"inbound-vip|9080|http|reviews.bookinfo.svc.cluster.local","upstream_host":null,"upstream_local_address":null,"upstream_service_time":null,` +
		`"upstream_transport_failure_reason":null,"user_agent":"curl/8.9.1","x_forwarded_for":null}`
)

func denied() *mesh.RequestLog {
	return &mesh.RequestLog{
		Started: time.Date(2026, 8, 20, 10, 0, 0, 123e6, time.UTC), Method: "DELETE", Path: "/reviews/1", Protocol: "HTTP/1.1",
		Status: 403, Details: "rbac_access_denied_matched_policy[none]", BytesSent: 19, UpstreamTime: -1, UserAgent: "curl/8.9.1", RequestID: "7b0e",
		Authority: "reviews:9080", UpstreamCluster: "inbound-vip|9080|http|reviews.bookinfo.svc.cluster.local",
		DownstreamLocal: "10.96.74.131:9080", DownstreamRemote: "10.244.1.10:46238", RouteName: "default",
	}
}

func TestDecodeLine(t *testing.T) {
	request := func(change func(*mesh.RequestLog)) mesh.LogLine {
		r := denied()
		change(r)
		return mesh.LogLine{Kind: mesh.LogEnvoyAccess, Request: r}
	}
	for name, test := range map[string]struct {
		raw  string
		want mesh.LogLine
	}{
		"Istio's text": {deniedText, request(func(*mesh.RequestLog) {})},
		"Istio's JSON": {deniedJSON, request(func(*mesh.RequestLog) {})},
		"flags and a tunnel that was refused": {
			`[2026-11-23T08:36:26.381Z] "- - -" 0 UF,URX - - "tunnel_response:401" 0 0 7 - "-" "-" "-" "-" "10.244.1.22:15008" connect_originate - 10.244.1.22:8080 envoy://internal_client_address/ - -`,
			mesh.LogLine{Kind: mesh.LogEnvoyAccess, Request: &mesh.RequestLog{
				Started: time.Date(2026, 11, 23, 8, 36, 26, 381e6, time.UTC), Flags: []string{"UF", "URX"}, TransportFailure: "tunnel_response:401",
				Duration: 7 * time.Millisecond, UpstreamTime: -1, UpstreamHost: "10.244.1.22:15008", UpstreamCluster: "connect_originate",
				DownstreamLocal: "10.244.1.22:8080", DownstreamRemote: "envoy://internal_client_address/",
			}},
		},
		"a client that writes quotes into its path and a whole line into its agent cannot pass off a status or an address": {
			`[2026-08-20T10:00:00.123Z] "DELETE /a"b"c HTTP/1.1" 403 - rbac_access_denied_matched_policy[none] - "-" 0 19 0 - "-" "x" "id" "host" "1.1.1.1:1" evil - 2.2.2.2:2 3.3.3.3:3 - - "y" "7b0e" "reviews:9080" "-" ` +
				`inbound-vip|9080|http|reviews.bookinfo.svc.cluster.local - 10.96.74.131:9080 10.244.1.10:46238 - default`,
			request(func(r *mesh.RequestLog) {
				r.Path, r.UserAgent = `/a"b"c`, `x" "id" "host" "1.1.1.1:1" evil - 2.2.2.2:2 3.3.3.3:3 - - "y`
			}),
		},
		"several addresses that a request was forwarded for": {
			`[2026-08-20T10:00:00.123Z] "DELETE /reviews/1 HTTP/1.1" 403 - rbac_access_denied_matched_policy[none] - "-" 0 19 0 - "1.2.3.4,10.0.0.1, 10.0.0.2" "curl/8.9.1" "7b0e" "reviews:9080" "-" ` +
				`inbound-vip|9080|http|reviews.bookinfo.svc.cluster.local - 10.96.74.131:9080 10.244.1.10:46238 - default`,
			request(func(r *mesh.RequestLog) { r.ForwardedFor = "1.2.3.4,10.0.0.1, 10.0.0.2" }),
		},
		"JSON with further keys and some missing": {
			`{"response_code":"200","method":"GET","trace":{"id":1},"tenant":"a b","start_time":"never"}`,
			mesh.LogLine{
				Kind:    mesh.LogEnvoyAccess,
				Request: &mesh.RequestLog{Method: "GET", Status: 200, BytesReceived: -1, BytesSent: -1, Duration: -1, UpstreamTime: -1},
				Extra:   []mesh.LogField{{Name: "trace", Value: `{"id":1}`}, {Name: "tenant", Value: "a b"}, {Name: "start_time", Value: "never"}},
			},
		},
		"a line of Envoy itself that the agent passes on": {
			"2026-11-23T08:14:37.000000Z\twarning\tenvoy misc source/common/protobuf/message_validator_impl.cc:39\tmessage 'x' is work-in-progress\tthread=23",
			mesh.LogLine{
				Kind: mesh.LogPlain, Level: mesh.LogWarn, Scope: "envoy misc", Message: "message 'x' is work-in-progress",
				Extra: []mesh.LogField{{Name: "source", Value: "source/common/protobuf/message_validator_impl.cc:39"}, {Name: "thread", Value: "23"}},
			},
		},
		"a line of Envoy itself": {
			"[2026-11-23 08:14:37.123][15][critical][main] [source/server/server.cc:12] out of memory",
			mesh.LogLine{
				Kind: mesh.LogPlain, Level: mesh.LogError, Scope: "main", Message: "out of memory",
				Extra: []mesh.LogField{{Name: "source", Value: "source/server/server.cc:12"}},
			},
		},
		"a line of the agent": {
			"2026-11-23T08:14:37.000000Z\tinfo\txdsproxy\tconnected to delta upstream XDS server: istiod.istio-system.svc:15012\tid=27",
			mesh.LogLine{
				Kind: mesh.LogPlain, Level: mesh.LogInfo, Scope: "xdsproxy", Message: "connected to delta upstream XDS server: istiod.istio-system.svc:15012",
				Extra: []mesh.LogField{{Name: "id", Value: "27"}},
			},
		},
		"another format that nobody told us of": {"GET / 200 web", mesh.LogLine{Kind: mesh.LogPlain, Message: "GET / 200 web"}},
		"nothing":                               {"", mesh.LogLine{Kind: mesh.LogPlain}},
	} {
		t.Run(name, func(t *testing.T) {
			got := mesh.LogLine{Raw: test.raw}
			envoy.DecodeLine(&got)
			test.want.Raw = test.raw
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func BenchmarkDecodeLine(b *testing.B) {
	for name, raw := range map[string]string{"text": deniedText, "JSON": deniedJSON} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l := mesh.LogLine{Raw: raw}
				envoy.DecodeLine(&l)
			}
		})
	}
}
