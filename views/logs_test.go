package views

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/uitest"
)

func TestLogRows(t *testing.T) {
	ztunnel := &mesh.LogTarget{Writer: mesh.WriterZtunnel, Node: "node-a", Pod: mesh.Ref{Namespace: "istio-system", Name: "ztunnel-1"}, Container: "istio-proxy"}
	waypoint := &mesh.LogTarget{Writer: mesh.WriterWaypoint, Node: "node-a", Pod: mesh.Ref{Namespace: "shop", Name: "waypoint-1"}, Container: "istio-proxy"}
	app := &mesh.LogTarget{Writer: mesh.WriterApplication, Pod: mesh.Ref{Namespace: "shop", Name: "web-1"}, Container: "app"}
	connection := func(change func(*mesh.ConnectionLog)) *mesh.LogLine {
		c := &mesh.ConnectionLog{
			Event: "complete", Direction: "outbound", Source: mesh.LogPeer{Workload: "web-1", Addr: "10.0.0.1:1"}, HBONEAddr: "10.96.0.1:80",
			Service: "orders.shop.svc.cluster.local", BytesSent: 11, BytesReceived: 22_000, Duration: 3 * time.Millisecond,
		}
		change(c)
		return &mesh.LogLine{From: ztunnel, Kind: mesh.LogZtunnelAccess, Connection: c}
	}
	tests := map[string]struct {
		line      *mesh.LogLine
		explained mesh.LogExplanation
		want      string // role, place, call, word, tone, meaning, took, bytes
	}{
		"a client's connection": {
			line: connection(func(*mesh.ConnectionLog) {}),
			want: "client ztunnel|node-a|web-1 → orders.shop:80|ok|good||3ms|↑11 ↓22k",
		},
		"the destination counts the other way round": {
			line: connection(func(c *mesh.ConnectionLog) { c.Direction = "inbound" }),
			want: "destination ztunnel|node-a|web-1 → orders.shop:80|ok|good||3ms|↑22k ↓11",
		},
		"an early denial has addresses only": {
			line: connection(func(c *mesh.ConnectionLog) {
				*c = mesh.ConnectionLog{Event: "failed", Source: mesh.LogPeer{Addr: "10.0.0.1:1"}, Destination: mesh.LogPeer{Addr: "10.0.0.2:80"}, BytesSent: -1, BytesReceived: -1, Duration: -1, Error: "denied"}
			}),
			explained: mesh.LogExplanation{Code: "POLICY_DENIED", Text: "A DENY matched.", Denied: true},
			want:      "ztunnel|node-a|10.0.0.1:1 → 10.0.0.2:80|denied|bad|A DENY matched.||",
		},
		"an opened connection has not ended": {
			line: connection(func(c *mesh.ConnectionLog) { c.Event = "opened" }),
			want: "client ztunnel|node-a|web-1 → orders.shop:80|opened|none||3ms|↑11 ↓22k",
		},
		"an answer of the application": {
			line: &mesh.LogLine{From: waypoint, Kind: mesh.LogEnvoyAccess, Request: &mesh.RequestLog{Method: "GET", Path: "/x", Authority: "orders.shop", Status: 404, BytesReceived: -1, BytesSent: 9, Duration: -1}},
			want: "waypoint|waypoint-1|GET orders.shop/x|404|warn|||↑? ↓9",
		},
		"an explained failure is bad whatever its status": {
			line:      &mesh.LogLine{From: waypoint, Kind: mesh.LogEnvoyAccess, Request: &mesh.RequestLog{Method: "GET", Authority: "orders.shop", Status: 404, BytesReceived: -1, BytesSent: -1, Duration: -1}},
			explained: mesh.LogExplanation{Code: "ROUTE_NOT_FOUND", Text: "No route."},
			want:      "waypoint|waypoint-1|GET orders.shop|404 failed|bad|No route.||",
		},
		"a line of an application is as it is": {
			line: &mesh.LogLine{From: app, Kind: mesh.LogPlain, Raw: "hello"},
			want: "pod|shop/web-1 app|||none|hello||",
		},
		"a warning says what it says after what it means": {
			line:      &mesh.LogLine{From: ztunnel, Kind: mesh.LogPlain, Raw: "raw", Message: "XDS client error", Level: mesh.LogWarn},
			explained: mesh.LogExplanation{Text: "istiod is away."},
			want:      "ztunnel|node-a||warning|warn|istiod is away. · XDS client error||",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			row := lineRow(&LogsEvent{LogEvent: mesh.LogEvent{Line: tt.line}, Explained: tt.explained})
			got := strings.Join([]string{row.Role + row.Program, row.Place, row.Call, row.Word, row.Tone, row.Meaning, row.Took, row.Bytes}, "|")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsAskedOfLogsIsTheAddress(t *testing.T) {
	ask := LogsAsk{
		Call: path.Request{From: "shop/web-1", To: "shop/orders:80", Method: "POST"}, Service: "shop/orders", Waypoint: "shop/waypoint", Node: "node a",
		Sources: []string{"istiod", "pod/shop/web-1/app"}, Since: "1h", Previous: true, Include: "a&b", Exclude: "c", Mark: "d", Level: "warn", Denied: true,
	}
	address, err := url.Parse(string(Links{Namespace: "shop"}.Logs(ask)))
	if err != nil {
		t.Fatal(err)
	}
	read := ParseLogsAsk(address.Query())
	if got := string(Links{Namespace: "shop"}.Logs(read)); got != address.String() {
		t.Errorf("%s asks for something else:\n%s", address, got)
	}
	if !reflect.DeepEqual(ask, read) {
		t.Errorf("%s is read as %+v", address, read)
	}
	if address.Query().Get("ns") != "shop" {
		t.Errorf("%s lost the scope", address)
	}
}

func TestSourcesAreReadHoweverTheyAreSeparated(t *testing.T) {
	got := ParseLogsAsk(url.Values{"source": {"istiod\r\nztunnel/a, ztunnel/b", "", "cni/a"}})
	if diff := cmp.Diff([]string{"istiod", "ztunnel/a", "ztunnel/b", "cni/a"}, got.Sources); diff != "" {
		t.Error(diff)
	}
	if got.Since != "10m" {
		t.Errorf("where nothing is said the page looks back %q", got.Since)
	}
}

func TestTheSameLogsInATerminal(t *testing.T) {
	a := LogsAnswer{
		Ask:    LogsAsk{Service: "shop/orders", Since: "1h", Include: "a b", Denied: true, Previous: true},
		Follow: url.Values{"service": {"shop/orders"}, "source": {"istiod", "ztunnel/node-a"}},
	}
	const asked = " --service shop/orders --source istiod --source ztunnel/node-a --since 1h --include 'a b' --denied --previous"
	for origin, want := range map[mesh.Origin]string{
		mesh.OriginLive:     "waylight logs" + asked + " -f",
		mesh.OriginRecorded: "waylight logs --bundle BUNDLE" + asked,
		mesh.OriginDemo:     "", // no terminal has it
	} {
		s := mt.Mesh(mt.Namespace("shop"))
		s.Cluster.Origin = origin
		if got := NewLogs(assess(s), a, Query{}).Command; got != want {
			t.Errorf("of a mesh that is %s: %q", origin, got)
		}
	}
}

func TestWhatIsSwitchedOffIsNotAskedFor(t *testing.T) {
	for value, want := range map[string]bool{"1": true, "true": true, "ON": true, "0": false, "false": false, "": false} {
		if got := ParseLogsAsk(url.Values{"denied": {value}}).Denied; got != want {
			t.Errorf("denied=%s: %t", value, got)
		}
	}
}

func TestLogsOfNothingOfferSomething(t *testing.T) {
	s := mt.Mesh(mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", "waypoint"), mt.Node("node-a"))
	doc := uitest.Document(t, LogsContent(NewLogs(assess(s), LogsAnswer{}, Query{})))
	if doc.Find("[data-follow], .logs-live").Length() > 0 {
		t.Error("a page that follows nothing opens a stream")
	}
	for _, want := range []string{`/logs?waypoint=shop%2Fwaypoint`, `/logs?node=node-a`, `/logs?source=istiod`} {
		if doc.Find(`.logs-ways a[href="`+want+`"]`).Length() != 1 {
			t.Errorf("no way to %s", want)
		}
	}
}

func TestOnlyTheNewestRowsAndHowManyOfHowMany(t *testing.T) {
	a := LogsAnswer{All: 1204}
	for range maxLogsRows + 5 {
		a.Events = append(a.Events, LogsEvent{LogEvent: mesh.LogEvent{Line: &mesh.LogLine{From: &mesh.LogTarget{}, Kind: mesh.LogPlain}}})
	}
	rows, count := logsRows(a)
	if len(rows) != maxLogsRows || count != "300 of 1,204 lines" {
		t.Errorf("%d rows, %q", len(rows), count)
	}
}
