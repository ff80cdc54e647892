package logline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

const (
	noneAllowed  = "connection closed due to policy rejection: allow policies exist, but none allowed"
	refusedThere = "http status: 401 Unauthorized"
	noWaypoint   = `unknown waypoint: waypoint GatewayAddress { destination: Hostname(NamespacedHostname { namespace: "shop", hostname: "waypoint.shop.svc.cluster.local" }), hbone_mtls_port: 15008 } not found`
	ordersHost   = "orders.shop.svc.cluster.local"
)

// town is a mesh in which web on node-a calls orders on node-b.
type town struct {
	*mesh.Snapshot
	web, orders, waypoint *mesh.Workload
	vip                   string
}

func newTown(parts ...meshtest.Part) town {
	s := meshtest.Mesh(append(parts,
		meshtest.Namespace("shop", meshtest.Ambient), meshtest.Namespace("legacy"), meshtest.Waypoint("shop", "waypoint"),
		meshtest.Deployment("shop", "web", meshtest.OnNode("node-a")),
		meshtest.Deployment("shop", "orders", meshtest.Replicas(2), meshtest.OnNode("node-b")),
		meshtest.Service("shop", "orders"),
	)...)
	return town{s, s.Workload("shop", "web-1"), s.Workload("shop", "orders-1"), s.Waypoint("shop", "waypoint").Pods[0], s.Service("shop", "orders").VIPs[0]}
}

// at is a moment of the tests; the snapshot's is noon of another day.
func at(seconds float64) time.Time {
	return meshtest.Now.Add(time.Duration(seconds * float64(time.Second)))
}

// ztunnel is a line of the ztunnel of a node.
func (c town) ztunnel(node string, when time.Time, l mesh.ConnectionLog) *mesh.LogLine {
	pod := mesh.ReadyPod(c.Ztunnels(node))
	from := &mesh.LogTarget{Source: mesh.ZtunnelLogs(node), Writer: mesh.WriterZtunnel, Pod: pod.Ref(), Node: node, Container: "istio-proxy"}
	if l.Event == "" {
		l.Event = "complete"
	}
	return &mesh.LogLine{ID: fmt.Sprintf("%s/%s/0", node, when), Time: when, From: from, Kind: mesh.LogZtunnelAccess, Scope: "access", Connection: &l, Raw: l.Error}
}

// envoy is a line of the waypoint.
func (c town) envoy(when time.Time, l mesh.RequestLog) *mesh.LogLine {
	from := &mesh.LogTarget{Source: mesh.WaypointLogs("shop", "waypoint"), Writer: mesh.WriterWaypoint, Pod: c.waypoint.Ref(), Node: c.waypoint.Node, Container: "istio-proxy"}
	return &mesh.LogLine{ID: fmt.Sprintf("waypoint/%s/0", when), Time: when, From: from, Kind: mesh.LogEnvoyAccess, Request: &l}
}

func peer(w *mesh.Workload, port int) mesh.LogPeer {
	return mesh.LogPeer{Addr: fmt.Sprintf("%s:%d", w.IPs[0], port), Workload: w.Name, Namespace: w.Namespace, Identity: "spiffe://" + w.Principal("cluster.local")}
}

// denied are the two lines of a call from one pod to another that the
// destination's ztunnel refuses: the client's and its own.
func (c town) denied(when time.Time, client *mesh.Workload) (out, in *mesh.LogLine) {
	l := mesh.ConnectionLog{
		Source: peer(client, 40000), Destination: peer(c.orders, 15008), HBONEAddr: c.orders.IPs[0] + ":8080", Service: ordersHost,
		Direction: "outbound", Error: refusedThere,
	}
	out = c.ztunnel("node-a", when, l)
	l.Direction, l.Error = "inbound", noneAllowed
	l.Source.Addr = client.IPs[0] + ":31000" // the tunnel's own port
	return out, c.ztunnel("node-b", when.Add(-time.Millisecond), l)
}

// sentence is a group in one line.
func sentence(g *logline.FailureGroup) string {
	var by []string
	for _, d := range g.Deciders {
		word := string(d.Writer) + " on " + d.Node
		if !d.Read() {
			word = "unread " + word
		}
		by = append(by, word)
	}
	return fmt.Sprintf("%d× %s → %s %s by %s", g.Count, g.Source.From(), g.Destination.To(), g.Code, strings.Join(by, ", "))
}

func sentences(f logline.Failures) []string {
	var out []string
	for i := range f.Groups {
		out = append(out, sentence(&f.Groups[i]))
	}
	return out
}

func TestEachFailedCallIsCountedOnceUnderWhoDecided(t *testing.T) {
	c := newTown()
	out, in := c.denied(at(0), c.web)
	early := c.ztunnel("node-a", at(0), mesh.ConnectionLog{
		Event: "failed", Source: mesh.LogPeer{Addr: c.web.IPs[0] + ":4000"}, Destination: mesh.LogPeer{Addr: c.vip + ":80"}, Direction: "outbound", Error: noWaypoint,
	})
	waypointPeer := peer(c.waypoint, 5000)
	atPod := c.ztunnel("node-b", at(0), mesh.ConnectionLog{
		Source: waypointPeer, Destination: peer(c.orders, 15008), HBONEAddr: c.orders.IPs[0] + ":8080", Service: ordersHost, Direction: "inbound", Error: noneAllowed,
	})
	tunnel := c.envoy(at(0), mesh.RequestLog{
		Started: at(0), Flags: []string{"UF", "URX"}, TransportFailure: "tunnel_response:401", UpstreamHost: c.orders.IPs[0] + ":15008",
		UpstreamCluster: "connect_originate", DownstreamLocal: c.orders.IPs[0] + ":8080", DownstreamRemote: "envoy://internal_client_address/",
	})
	request := c.envoy(at(9), mesh.RequestLog{ // written nine seconds late
		Started: at(0), Method: "GET", Path: "/api", Protocol: "HTTP/1.1", Status: 503, Flags: []string{"UC"},
		Details: "upstream_reset_before_response_started{connection_termination}", UpstreamHost: "envoy://connect_originate/" + c.orders.IPs[0] + ":8080",
		UpstreamCluster: "inbound-vip|80|http|" + ordersHost, DownstreamLocal: c.vip + ":80", DownstreamRemote: c.web.IPs[0] + ":4000",
	})
	other := c.Workload("shop", "orders-2")
	firstTry := c.ztunnel("node-b", at(0), mesh.ConnectionLog{
		Source: waypointPeer, Destination: peer(other, 15008), HBONEAddr: other.IPs[0] + ":8080", Service: ordersHost, Direction: "inbound", Error: noneAllowed,
	})
	refused := c.envoy(at(0), mesh.RequestLog{
		Started: at(0), Method: "GET", Path: "/admin", Protocol: "HTTP/1.1", Status: 403, Details: "rbac_access_denied_matched_policy[none]",
		UpstreamCluster: "inbound-vip|80|http|" + ordersHost, DownstreamLocal: c.vip + ":80", DownstreamRemote: c.web.IPs[0] + ":4000",
	})
	fine := c.ztunnel("node-a", at(0), mesh.ConnectionLog{Source: peer(c.web, 1), Destination: peer(c.orders, 15008), Service: ordersHost, Direction: "outbound"})
	const web = " shop/deployment/web → shop/orders:80 "
	tests := map[string]struct {
		lines []*mesh.LogLine
		want  []string
	}{
		"nothing failed":                        {[]*mesh.LogLine{fine}, nil},
		"both ends write of one call":           {[]*mesh.LogLine{in, out}, []string{"1×" + web + "POLICY_NONE_ALLOWED by ztunnel on node-b"}},
		"the client's end is read first":        {[]*mesh.LogLine{out, in}, []string{"1×" + web + "POLICY_NONE_ALLOWED by ztunnel on node-b"}},
		"two calls at once":                     {[]*mesh.LogLine{out, out, in, in}, []string{"2×" + web + "POLICY_NONE_ALLOWED by ztunnel on node-b"}},
		"only the destination's end is read":    {[]*mesh.LogLine{in}, []string{"1×" + web + "POLICY_NONE_ALLOWED by ztunnel on node-b"}},
		"only the client's end is read":         {[]*mesh.LogLine{out}, []string{"1×" + web + "POLICY_DENIED by unread ztunnel on node-b"}},
		"a line that names addresses only":      {[]*mesh.LogLine{early}, []string{"1×" + web + "WAYPOINT_UNREACHABLE by ztunnel on node-a"}},
		"a waypoint refused by the pod's node":  {[]*mesh.LogLine{atPod, tunnel, request}, []string{"1×" + web + "POLICY_NONE_ALLOWED by ztunnel on node-b"}},
		"its lines in another order":            {[]*mesh.LogLine{request, tunnel, atPod}, []string{"1×" + web + "POLICY_NONE_ALLOWED by ztunnel on node-b"}},
		"a waypoint that tried two pods":        {[]*mesh.LogLine{firstTry, atPod, request}, []string{"1×" + web + "POLICY_NONE_ALLOWED by ztunnel on node-b"}},
		"a waypoint without an access log":      {[]*mesh.LogLine{atPod}, []string{"1× shop/deployment/waypoint → shop/orders:80 POLICY_NONE_ALLOWED by ztunnel on node-b"}},
		"a tunnel without a call that needs it": {[]*mesh.LogLine{tunnel}, nil},
		"a waypoint that refuses itself":        {[]*mesh.LogLine{refused}, []string{"1×" + web + "POLICY_NONE_ALLOWED by waypoint on " + c.waypoint.Node}},
		"refused here and there": {[]*mesh.LogLine{refused, in}, []string{
			"1×" + web + "POLICY_NONE_ALLOWED by waypoint on " + c.waypoint.Node, "1×" + web + "POLICY_NONE_ALLOWED by ztunnel on node-b",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			feed := logline.NewFeed(0)
			for _, l := range test.lines {
				feed.Add(c.Snapshot, l, at(10))
			}
			feed.Settle()
			if diff := cmp.Diff(test.want, sentences(feed.Failures(at(20)))); diff != "" {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAFailureStaysForTheWindowAndSaysSinceWhen(t *testing.T) {
	c := newTown()
	feed := logline.NewFeed(10 * time.Minute)
	for _, second := range []float64{0, 300, 500} {
		_, in := c.denied(at(second), c.web)
		feed.Add(c.Snapshot, in, at(second))
	}
	feed.Settle()
	for _, look := range []struct {
		second float64
		count  int
	}{{500, 3}, {700, 2}, {1000, 1}, {1200, 0}} {
		got := feed.Failures(at(look.second))
		if got.Calls != look.count {
			t.Errorf("after %v s: %d calls, want %d", look.second, got.Calls, look.count)
		}
		if look.count > 0 && (!got.Groups[0].Last.Equal(at(499.999)) || !got.Groups[0].First.Equal(at(-0.001))) {
			t.Errorf("after %v s: from %s to %s", look.second, got.Groups[0].First, got.Groups[0].Last)
		}
	}
}

func TestACallIsShownBeforeAllProxiesWroteOfIt(t *testing.T) {
	c := newTown()
	feed := logline.NewFeed(0)
	out, in := c.denied(at(0), c.web)
	feed.Add(c.Snapshot, out, at(0))
	if got := feed.Failures(at(0.1)); got.Calls != 0 {
		t.Errorf("shown at once, before the line that says why could come: %v", sentences(got))
	}
	if got := feed.Failures(at(1.5)); got.Calls != 1 || got.Groups[0].Deciders[0].Read() {
		t.Errorf("after a second: %v", sentences(got))
	}
	feed.Add(c.Snapshot, in, at(2))
	if got := feed.Failures(at(2)); got.Calls != 1 || got.Groups[0].Code != "POLICY_NONE_ALLOWED" {
		t.Errorf("with the reason: %v", sentences(got))
	}
}

func TestAFeedIsBounded(t *testing.T) {
	c := newTown()
	feed := logline.NewFeed(0)
	const calls = 5000
	for i := range calls {
		out, _ := c.denied(at(0), c.web)
		out.Connection.Service = fmt.Sprintf("host-%d.example", i)
		feed.Add(c.Snapshot, out, at(0))
	}
	feed.Settle()
	got := feed.Failures(at(1))
	if len(got.Groups) > 300 || got.Calls+got.Beyond != calls {
		t.Errorf("%d groups, %d calls in them and %d beyond; want all %d calls in at most 300 groups or counted", len(got.Groups), got.Calls, got.Beyond, calls)
	}
}

func TestANodeWhoseClockIsAheadPushesNothingOut(t *testing.T) {
	c := newTown()
	feed := logline.NewFeed(0)
	_, now := c.denied(at(0), c.web)
	_, ahead := c.denied(at(0).Add(24*time.Hour), c.web)
	feed.Add(c.Snapshot, now, at(1))
	feed.Add(c.Snapshot, ahead, at(1))
	feed.Settle()
	if got := feed.Failures(at(2)); got.Calls != 2 || got.Groups[0].Last.After(at(2)) {
		t.Errorf("%v, last at %s", sentences(got), got.Groups[0].Last)
	}
}

func TestHostileLinesAreCountedAsTheyAre(t *testing.T) {
	c := newTown()
	feed := logline.NewFeed(0)
	for _, peer := range []mesh.LogPeer{{}, {Addr: "not an address"}, {Addr: "[::1%eth0]:70000"}, {Addr: "10.0.0.1:80", Workload: "<script>", Namespace: "../.."}} {
		feed.Add(c.Snapshot, c.ztunnel("node-a", at(0), mesh.ConnectionLog{
			Source: peer, Destination: peer, HBONEAddr: peer.Addr, Service: strings.Repeat(".", 1000) + "svc", Direction: "outbound", Error: noneAllowed,
		}), at(0))
	}
	feed.Settle()
	if got := feed.Failures(at(1)); got.Calls != 4 {
		t.Errorf("%d calls of 4: %v", got.Calls, sentences(got))
	}
}
