package ztunnel_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/ztunnel"
	"github.com/waylight/waylight/mesh"
)

const (
	completeLine = "2026-08-20T10:00:00.123456Z\tinfo\taccess\tconnection complete\t" + outboundFields
	oldLine      = "2024-05-01T10:00:00.123456Z  INFO access: connection complete " + outboundFields
	// outboundFields are all fields of A.11, and one that no version has yet.
	outboundFields = `src.addr=10.244.1.10:46238 src.workload="sleep-7656cf8794-qpvbm" src.namespace="sleep" src.identity="spiffe://cluster.local/ns/sleep/sa/sleep" src.cluster="Kubernetes" ` +
		`dst.addr=10.244.2.59:15008 dst.hbone_addr=10.96.74.131:9080 dst.service="reviews.bookinfo.svc.cluster.local" dst.workload="waypoint-5cdd6745d5-rc2gg" dst.namespace="bookinfo" ` +
		`dst.identity="spiffe://cluster.local/ns/bookinfo/sa/waypoint" dst.cluster="Kubernetes" direction="outbound" bytes_sent=112 bytes_recv=438 future="a b" duration="13ms"`
)

func outbound() *mesh.ConnectionLog {
	return &mesh.ConnectionLog{
		Event: "complete", Direction: "outbound",
		Source: mesh.LogPeer{Addr: "10.244.1.10:46238", Workload: "sleep-7656cf8794-qpvbm", Namespace: "sleep", Identity: "spiffe://cluster.local/ns/sleep/sa/sleep", Cluster: "Kubernetes"},
		Destination: mesh.LogPeer{
			Addr: "10.244.2.59:15008", Workload: "waypoint-5cdd6745d5-rc2gg", Namespace: "bookinfo", Identity: "spiffe://cluster.local/ns/bookinfo/sa/waypoint", Cluster: "Kubernetes",
		},
		HBONEAddr: "10.96.74.131:9080", Service: "reviews.bookinfo.svc.cluster.local", BytesSent: 112, BytesReceived: 438, Duration: 13 * time.Millisecond,
	}
}

func TestDecodeLine(t *testing.T) {
	future := []mesh.LogField{{Name: "future", Value: "a b"}}
	for name, test := range map[string]struct {
		raw  string
		want mesh.LogLine
	}{
		"a finished connection": {
			completeLine,
			mesh.LogLine{Kind: mesh.LogZtunnelAccess, Level: mesh.LogInfo, Scope: "access", Message: "connection complete", Connection: outbound(), Extra: future},
		},
		"the header of 1.22": {
			oldLine,
			mesh.LogLine{Kind: mesh.LogZtunnelAccess, Level: mesh.LogInfo, Scope: "access", Message: "connection complete", Connection: outbound(), Extra: future},
		},
		"JSON": {
			`{"level":"error","time":"2026-11-23T08:45:08.471974Z","scope":"access","message":"connection complete","src.addr":"10.244.1.11:56710","direction":"inbound","bytes_sent":0,"bytes_recv":7,"duration":"0ms","error":"connection closed due to policy rejection: allow policies exist, but none allowed","more":{"a":[1,"}"]}}`,
			mesh.LogLine{
				Kind: mesh.LogZtunnelAccess, Level: mesh.LogError, Scope: "access", Message: "connection complete",
				Connection: &mesh.ConnectionLog{
					Event: "complete", Direction: "inbound", Source: mesh.LogPeer{Addr: "10.244.1.11:56710"}, BytesReceived: 7,
					Error: "connection closed due to policy rejection: allow policies exist, but none allowed",
				},
				Extra: []mesh.LogField{{Name: "more", Value: `{"a":[1,"}"]}`}},
			},
		},
		"an early failure has neither counts nor a duration, and Rust's escapes are undone": {
			"2026-11-23T08:36:29.951982Z\twarn\taccess\tconnection failed\tsrc.addr=[fd00::1]:4 dst.addr=10.0.0.2:80 direction=\"outbound\" error=\"unknown waypoint: waypoint { namespace: \\\"shop\\\", tab: \\t, \\u{e9} } not found\"",
			mesh.LogLine{
				Kind: mesh.LogZtunnelAccess, Level: mesh.LogWarn, Scope: "access", Message: "connection failed",
				Connection: &mesh.ConnectionLog{
					Event: "failed", Direction: "outbound", Source: mesh.LogPeer{Addr: "[fd00::1]:4"}, Destination: mesh.LogPeer{Addr: "10.0.0.2:80"},
					BytesSent: -1, BytesReceived: -1, Duration: -1, Error: `unknown waypoint: waypoint { namespace: "shop", tab:  , é } not found`,
				},
			},
		},
		"fields in another order, a number that is none, and a line that was cut": {
			"2026-11-23T08:36:29.951982Z\tinfo\taccess\tconnection complete\tduration=\"soon\" bytes_sent=-4 direction=\"inbound\" src.addr=1.2.3.4:5 error=\"cut of",
			mesh.LogLine{
				Kind: mesh.LogZtunnelAccess, Level: mesh.LogInfo, Scope: "access", Message: "connection complete",
				Connection: &mesh.ConnectionLog{Event: "complete", Direction: "inbound", Source: mesh.LogPeer{Addr: "1.2.3.4:5"}, BytesSent: -1, BytesReceived: -1, Duration: -1, Error: "cut of"},
				Extra:      []mesh.LogField{{Name: "duration", Value: "soon"}, {Name: "bytes_sent", Value: "-4"}},
			},
		},
		"any other line with its span": {
			"2026-11-23T08:36:29.951982Z\twarn\txds::client:xds{id=7}\tXDS client error: gone, retrying in 5s\t",
			mesh.LogLine{
				Kind: mesh.LogPlain, Level: mesh.LogWarn, Scope: "xds::client", Message: "XDS client error: gone, retrying in 5s",
				Extra: []mesh.LogField{{Name: "span", Value: "xds{id=7}"}},
			},
		},
		"values without quotes that have blanks": {
			"2026-11-23T08:46:04.735820Z\tdebug\th2::codec\treceived\tframe=Data { stream_id: StreamId(19) } component=\"inbound plaintext\"",
			mesh.LogLine{
				Kind: mesh.LogPlain, Level: mesh.LogDebug, Scope: "h2::codec", Message: "received",
				Extra: []mesh.LogField{{Name: "frame", Value: "Data { stream_id: StreamId(19) }"}, {Name: "component", Value: "inbound plaintext"}},
			},
		},
		"any other line with the old header": {
			"2024-05-01T10:00:00.123456Z  WARN xds{id=1}: ztunnel::xds::client: XDS client error: gone",
			mesh.LogLine{
				Kind: mesh.LogPlain, Level: mesh.LogWarn, Scope: "ztunnel::xds::client", Message: "XDS client error: gone",
				Extra: []mesh.LogField{{Name: "span", Value: "xds{id=1}"}},
			},
		},
		"a connection with the old header within spans": {
			"2024-05-01T10:00:00.123456Z  WARN outbound{id=1 b=\"x: y\"}: access: connection failed src.addr=1.2.3.4:5",
			mesh.LogLine{
				Kind: mesh.LogZtunnelAccess, Level: mesh.LogWarn, Scope: "access", Message: "connection failed",
				Connection: &mesh.ConnectionLog{Event: "failed", Source: mesh.LogPeer{Addr: "1.2.3.4:5"}, BytesSent: -1, BytesReceived: -1, Duration: -1},
				Extra:      []mesh.LogField{{Name: "span", Value: `outbound{id=1 b="x: y"}`}},
			},
		},
		"configuration that is printed at the start": {"proxyArgs: proxy ztunnel", mesh.LogLine{Kind: mesh.LogPlain, Message: "proxyArgs: proxy ztunnel"}},
		"JSON that does not end":                     {`{"level":"info","scope":"acc`, mesh.LogLine{Kind: mesh.LogPlain, Message: `{"level":"info","scope":"acc`}},
		"nothing":                                    {"", mesh.LogLine{Kind: mesh.LogPlain}},
	} {
		t.Run(name, func(t *testing.T) {
			got := mesh.LogLine{Raw: test.raw}
			ztunnel.DecodeLine(&got)
			test.want.Raw = test.raw
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func BenchmarkDecodeLine(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		l := mesh.LogLine{Raw: completeLine}
		ztunnel.DecodeLine(&l)
	}
}

func FuzzDecodeLine(f *testing.F) {
	for _, raw := range []string{
		completeLine, oldLine, "2026-11-23T08:36:29.951982Z\twarn\txds::client:xds{id=7}\tgone\ta=b c={d=e f} g=\"h",
		`{"level":"error","time":"2026-11-23T08:45:08.471974Z","scope":"access","message":"connection complete","src.addr":"1.2.3.4:5","bytes_sent":-1,"duration":"1h","error":"\ud83d\""}`,
		"2024-05-01T10:00:00.123456Z  WARN a{b}: c{d=\"}: \"}: access: connection failed x=", "{", "\t\t\t\t",
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		l := mesh.LogLine{Raw: raw}
		ztunnel.DecodeLine(&l)
		if c := l.Connection; (c == nil) != (l.Kind == mesh.LogPlain) {
			t.Errorf("a line of kind %s has the connection %+v", l.Kind, c)
		} else if c != nil && (c.BytesSent < -1 || c.BytesReceived < -1 || c.Duration < -1 || c.Event == "") {
			t.Errorf("a number is out of range: %+v", c)
		}
		if l.Raw != raw {
			t.Error("the line was changed")
		}
	})
}
