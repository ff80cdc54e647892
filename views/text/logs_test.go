package text

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

var (
	logsAt    = time.Date(2026, 11, 23, 7, 42, 51, 237_000_000, time.UTC)
	aZtunnel  = &mesh.LogTarget{Writer: mesh.WriterZtunnel, Node: "node-b", Container: "istio-proxy", Pod: mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: "ztunnel-b"}}
	aWaypoint = &mesh.LogTarget{Writer: mesh.WriterWaypoint, Node: "node-a", Container: "istio-proxy", Pod: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "waypoint-1"}}
	anApp     = &mesh.LogTarget{Writer: mesh.WriterApplication, Node: "node-a", Container: "app", Pod: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "web-1"}}
)

func TestLinesOfLogsAreReadByPeople(t *testing.T) {
	web := mesh.LogPeer{Addr: "10.0.0.1:41234", Workload: "web-1", Namespace: "shop"}
	orders := mesh.LogPeer{Addr: "10.0.1.7:15008", Workload: "orders-1", Namespace: "shop"}
	tests := []struct {
		words string
		line  mesh.LogLine
		means mesh.LogExplanation
		late  bool
		want  string
	}{
		{
			words: "a connection that went well",
			line:  mesh.LogLine{From: aZtunnel, Kind: mesh.LogZtunnelAccess, Connection: &mesh.ConnectionLog{Event: "complete", Direction: "outbound", Source: web, Destination: orders, HBONEAddr: "10.0.1.7:8080", Service: "orders.shop.svc.cluster.local", BytesSent: 112, BytesReceived: 438, Duration: 13 * time.Millisecond}},
			means: mesh.LogExplanation{Text: "It went well."},
			want:  "07:42:51.237 ✓ ztunnel node-b    out  shop/web-1 → orders.shop:8080 at shop/orders-1  sent 112 B, received 438 B, 13ms\n",
		},
		{
			words: "a denial, with why and where to look",
			line:  mesh.LogLine{From: aZtunnel, Kind: mesh.LogZtunnelAccess, Connection: &mesh.ConnectionLog{Event: "complete", Direction: "inbound", Source: web, Destination: orders, HBONEAddr: "10.0.1.7:8080", Error: "policy"}},
			means: mesh.LogExplanation{Code: "POLICY_DENIED", Text: "A policy of the pod refused the caller, and it did that on purpose, as it seems.", Look: "the policy", Denied: true},
			want: "07:42:51.237 ✕ ztunnel node-b    in   shop/web-1 → shop/orders-1:8080  denied\n" +
				"    POLICY_DENIED: A policy of the pod refused the caller, and it did that on\n    purpose, as it seems.\n    look: the policy\n",
		},
		{
			words: "the same reason again says only once where to look",
			line:  mesh.LogLine{From: aZtunnel, Kind: mesh.LogZtunnelAccess, Connection: &mesh.ConnectionLog{Event: "failed", Source: mesh.LogPeer{Addr: "10.0.0.9:1"}, Destination: mesh.LogPeer{Addr: "10.96.0.1:80"}, BytesSent: -1, BytesReceived: -1, Duration: -1}},
			means: mesh.LogExplanation{Code: "POLICY_DENIED", Text: "Denied.", Look: "the policy"},
			want:  "07:42:51.237 ✕ ztunnel node-b    10.0.0.9 → 10.96.0.1:80  failed\n    POLICY_DENIED: Denied.\n",
		},
		{
			words: "the same meaning again is not said again",
			line:  mesh.LogLine{From: aZtunnel, Kind: mesh.LogZtunnelAccess, Connection: &mesh.ConnectionLog{Event: "failed", Source: mesh.LogPeer{Addr: "10.0.0.9:2"}, Destination: mesh.LogPeer{Addr: "10.96.0.1:80"}, BytesSent: -1, BytesReceived: -1, Duration: -1}},
			means: mesh.LogExplanation{Code: "POLICY_DENIED", Text: "Denied.", Look: "the policy"},
			want:  "07:42:51.237 ✕ ztunnel node-b    10.0.0.9 → 10.96.0.1:80  failed\n    POLICY_DENIED, as at 07:42:51.237\n",
		},
		{
			words: "a failure nobody has words for",
			line:  mesh.LogLine{From: aZtunnel, Kind: mesh.LogZtunnelAccess, Connection: &mesh.ConnectionLog{Event: "complete", Source: web, Destination: orders, Error: "odd"}},
			want:  "07:42:51.237 ✕ ztunnel node-b    shop/web-1 → shop/orders-1:15008  failed: odd\n",
		},
		{
			words: "a request",
			line:  mesh.LogLine{From: aWaypoint, Kind: mesh.LogEnvoyAccess, Request: &mesh.RequestLog{Method: "GET", Path: "/api?x=y", Authority: "orders.shop.svc.cluster.local", Status: 503, Flags: []string{"UH"}, Duration: 3 * time.Millisecond, DownstreamRemote: "10.0.0.1:41234"}},
			means: mesh.LogExplanation{Code: "NO_HEALTHY_ENDPOINT", Text: "Nobody was there."},
			want:  "07:42:51.237 ✕ shop/waypoint-1   GET orders.shop/api?x=y 10.0.0.1 → nobody  503 UH 3ms\n    NO_HEALTHY_ENDPOINT: Nobody was there.\n",
		},
		{
			words: "a request that was answered, by a pod behind the tunnel",
			line:  mesh.LogLine{From: aWaypoint, Kind: mesh.LogEnvoyAccess, Request: &mesh.RequestLog{Method: "GET", Path: "/", Authority: "orders.shop", Status: 200, Duration: time.Millisecond, DownstreamRemote: "10.0.0.1:41234", UpstreamHost: "envoy://connect_originate/10.0.1.7:8080"}},
			want:  "07:42:51.237 ✓ shop/waypoint-1   GET orders.shop/ 10.0.0.1 → 10.0.1.7:8080  200 1ms\n",
		},
		{
			words: "a line of an application, late and too long",
			line:  mesh.LogLine{From: anApp, Kind: mesh.LogPlain, Level: mesh.LogWarn, Raw: "slow", Message: "slow", Cut: 9}, late: true,
			want: "07:42:51.237 ◆ shop/web-1 app    slow … (9 bytes more)  late\n",
		},
		{
			words: "what the line says already is not explained with its own words",
			line:  mesh.LogLine{From: aZtunnel, Kind: mesh.LogPlain, Level: mesh.LogWarn, Scope: "xds", Message: "connection error, retrying"},
			means: mesh.LogExplanation{Code: "XDS_DISCONNECTED", Text: "This proxy has lost istiod: connection error, retrying."},
			want:  "07:42:51.237 ✕ ztunnel node-b    xds: connection error, retrying\n    XDS_DISCONNECTED: This proxy has lost istiod.\n",
		},
		{
			words: "hostile text is shown as what it is",
			line:  mesh.LogLine{From: anApp, Kind: mesh.LogPlain, Scope: "a\x1b[31m", Message: "b\r\n\u202ec"},
			want:  "07:42:51.237 · shop/web-1 app    a�[31m: b �c\n",
		},
	}
	var b strings.Builder
	w := NewLogWriter(&b, false)
	day := "── 2026-11-23 UTC\n"
	for _, tt := range tests {
		tt.line.Time = logsAt
		b.Reset()
		if err := w.Line(&tt.line, &tt.means, tt.late); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(day+tt.want, b.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.words, diff)
		}
		day = ""
	}
}

func TestColoursGoOnlyToWhoWantsThem(t *testing.T) {
	var b strings.Builder
	l := mesh.LogLine{Time: logsAt, From: anApp, Kind: mesh.LogPlain, Level: mesh.LogError, Raw: "broken"}
	if err := NewLogWriter(&b, true).Line(&l, &mesh.LogExplanation{Code: "APP_ERROR", Text: "It broke."}, false); err != nil {
		t.Fatal(err)
	}
	const want = "\x1b[2m── 2026-11-23 UTC\x1b[0m\n" +
		"\x1b[2m07:42:51.237\x1b[0m \x1b[1;31m✕\x1b[0m \x1b[2mshop/web-1 app  \x1b[0m  broken\n" +
		"    \x1b[1;31mAPP_ERROR\x1b[0m: It broke.\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGapsAreSentences(t *testing.T) {
	for want, g := range map[string]mesh.LogGap{
		"12 lines of istio-system/ztunnel-b/istio-proxy between 07:42:51 and 07:42:53 missing: the reader is slower than the log.": {Dropped: 12, Oldest: logsAt, Newest: logsAt.Add(2 * time.Second), Reason: mesh.GapSlow},
		"1 line of istio-system/ztunnel-b/istio-proxy missing: only the newest lines of the past are read.":                        {Dropped: 1, Reason: mesh.GapLimit},
		"an unknown number of lines of istio-system/ztunnel-b/istio-proxy missing: the log was rotated before it was read.":        {Dropped: -1, Reason: mesh.GapRotated},
	} {
		g.From = aZtunnel
		if got := LogGap(&g); got != want {
			t.Errorf("said %q", got)
		}
	}
}

func TestStatesAreSentencesWhereTheyAreNews(t *testing.T) {
	role := &mesh.LogTarget{Source: "ztunnel/node-z"}
	tests := []struct {
		words, want string
		state       mesh.LogState
	}{
		{"it works", "", mesh.LogState{From: aZtunnel, Phase: mesh.LogFollowing, Detail: "since now"}},
		{"it came to its end", "", mesh.LogState{From: aZtunnel, Phase: mesh.LogEnded}},
		{"it ended for a reason", "istio-system/ztunnel-b/istio-proxy: ended. The pod is gone.", mesh.LogState{From: aZtunnel, Phase: mesh.LogEnded, Detail: "The pod is gone."}},
		{"it is tried again", "istio-system/ztunnel-b/istio-proxy: reconnecting in 3s. The API server is away.", mesh.LogState{From: aZtunnel, Phase: mesh.LogReconnecting, RetryIn: 3 * time.Second, Detail: "The API server is away."}},
		{"a right is missing", "istio-system/ztunnel-b/istio-proxy: forbidden. get pods/log in istio-system.", mesh.LogState{From: aZtunnel, Phase: mesh.LogForbidden, Detail: "get pods/log in istio-system"}},
		{"nobody serves it", "ztunnel/node-z: reconnecting. Nobody does.", mesh.LogState{From: role, Phase: mesh.LogReconnecting, Detail: "Nobody does."}},
	}
	for _, tt := range tests {
		if got := LogState(&tt.state); got != tt.want {
			t.Errorf("%s: said %q", tt.words, got)
		}
	}
}
