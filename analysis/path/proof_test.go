package path_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// written is what proxies wrote; they were not read otherwise.
type written map[mesh.LogSource][]*mesh.LogLine

func (written) Ztunnel(string) *mesh.ZtunnelDump              { return nil }
func (written) Envoy(mesh.Ref) *mesh.EnvoyDump                { return nil }
func (w written) Lines(source mesh.LogSource) []*mesh.LogLine { return w[source] }

const (
	noneAllowed  = "connection closed due to policy rejection: allow policies exist, but none allowed"
	refusedThere = "http status: 401 Unauthorized"
	noAnswer     = "connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008: deadline has elapsed"
)

// street is a mesh in which web on node-a calls orders on node-b straight.
func street(more ...meshtest.Part) *mesh.Snapshot {
	return meshtest.Mesh(append(more,
		meshtest.Namespace("shop", meshtest.Ambient),
		meshtest.Deployment("shop", "web", meshtest.OnNode("node-a")), meshtest.Deployment("shop", "other", meshtest.OnNode("node-a")),
		meshtest.Deployment("shop", "orders", meshtest.OnNode("node-b")), meshtest.Service("shop", "orders"),
	)...)
}

// connection is a line of the ztunnel of a node about a call of a pod to
// orders, some time ago.
func connection(s *mesh.Snapshot, node, direction, client, failure string, ago time.Duration) *mesh.LogLine {
	from, to := s.Workload("shop", client), s.Workload("shop", "orders-1")
	return &mesh.LogLine{
		ID: node + ago.String(), Time: s.At.Add(-ago), Kind: mesh.LogZtunnelAccess, Scope: "access",
		From: &mesh.LogTarget{Source: mesh.ZtunnelLogs(node), Writer: mesh.WriterZtunnel, Pod: mesh.ReadyPod(s.Ztunnels(node)).Ref(), Node: node, Container: "istio-proxy"},
		Connection: &mesh.ConnectionLog{
			Event: "complete", Direction: direction, Source: mesh.LogPeer{Addr: from.IPs[0] + ":40000", Workload: client, Namespace: "shop"},
			Destination: mesh.LogPeer{Addr: to.IPs[0] + ":15008", Workload: to.Name, Namespace: "shop"}, HBONEAddr: to.IPs[0] + ":8080",
			Service: "orders.shop.svc.cluster.local", Error: failure,
		},
	}
}

// request is a line of the waypoint about one of web's to orders.
func request(s *mesh.Snapshot, requested string, status int, details string, ago time.Duration) *mesh.LogLine {
	pod := s.Waypoint("shop", "waypoint").Pods[0]
	return &mesh.LogLine{
		ID: requested + ago.String(), Time: s.At.Add(-ago), Kind: mesh.LogEnvoyAccess,
		From: &mesh.LogTarget{Source: mesh.WaypointLogs("shop", "waypoint"), Writer: mesh.WriterWaypoint, Pod: pod.Ref(), Node: pod.Node, Container: "istio-proxy"},
		Request: &mesh.RequestLog{
			Method: "GET", Path: requested, Protocol: "HTTP/1.1", Status: status, Details: details, UpstreamCluster: "inbound-vip|80|http|orders.shop.svc.cluster.local",
			DownstreamLocal: s.Service("shop", "orders").VIPs[0] + ":80", DownstreamRemote: s.Workload("shop", "web-1").IPs[0] + ":40000",
		},
	}
}

// proofs says of each proxy on a way what its log shows.
func proofs(e *path.Explanation) string {
	var out []string
	for _, h := range e.Hops {
		if h.Kind != path.HopSourceZtunnel && h.Kind != path.HopWaypoint && h.Kind != path.HopDestinationZtunnel {
			continue
		}
		text := fmt.Sprintf("%s %s %s", h.Kind, h.Result, h.Basis)
		if h.Proof != nil {
			text += fmt.Sprintf(" by %d", h.Proof.Lines)
		}
		if strings.Contains(h.Contradiction, "log shows") {
			text += ", contradicted"
		}
		for _, x := range h.Evidence {
			if strings.Contains(x.Text, "(otherwise, but before") {
				text += ", otherwise before"
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func nobody(opts ...meshtest.Option) meshtest.Part {
	p := &mesh.AuthorizationPolicy{Action: "ALLOW", Rules: []mesh.AuthorizationRule{fromPrincipals("cluster.local/ns/shop/sa/nobody")}}
	p.Kind, p.Namespace, p.Name = "AuthorizationPolicy", "shop", "nobody"
	for _, o := range opts {
		o(p)
	}
	return meshtest.Objects(p)
}

func TestLinesOfLogsProveHops(t *testing.T) {
	denies := street(nobody())
	allows := street()
	blocked := street(meshtest.Objects(wall("orders")))
	type lines = []*mesh.LogLine
	in := func(s *mesh.Snapshot, failure string, ago time.Duration) *mesh.LogLine {
		return connection(s, "node-b", "inbound", "web-1", failure, ago)
	}
	out := func(s *mesh.Snapshot, failure string, ago time.Duration) *mesh.LogLine {
		return connection(s, "node-a", "outbound", "web-1", failure, ago)
	}
	const minute = time.Minute
	tests := map[string]struct {
		snap  *mesh.Snapshot
		lines lines
		want  string
	}{
		"no line":                              {allows, nil, "source-ztunnel pass expected; destination-ztunnel pass expected"},
		"both ends saw it pass":                {allows, lines{out(allows, "", minute), in(allows, "", minute)}, "source-ztunnel pass proven by 1; destination-ztunnel pass proven by 1"},
		"the client's end saw it pass":         {allows, lines{out(allows, "", minute)}, "source-ztunnel pass proven by 1; destination-ztunnel pass proven by 1"},
		"both ends saw it refused":             {denies, lines{out(denies, refusedThere, minute), in(denies, noneAllowed, minute), in(denies, noneAllowed, 2*minute)}, "source-ztunnel pass proven by 1; destination-ztunnel deny proven by 2"},
		"only the client's end is read":        {denies, lines{out(denies, refusedThere, minute)}, "source-ztunnel pass proven by 1; destination-ztunnel deny proven by 1"},
		"refused though it should pass":        {allows, lines{in(allows, noneAllowed, minute)}, "source-ztunnel pass expected; destination-ztunnel pass expected, contradicted"},
		"passed though it should be refused":   {denies, lines{in(denies, "", minute)}, "source-ztunnel pass expected; destination-ztunnel deny expected, contradicted"},
		"refused before, and passes now":       {allows, lines{in(allows, "", minute), in(allows, noneAllowed, 2*minute)}, "source-ztunnel pass expected; destination-ztunnel pass proven by 1"},
		"another client was refused":           {allows, lines{connection(allows, "node-b", "inbound", "other-1", noneAllowed, minute)}, "source-ztunnel pass expected; destination-ztunnel pass expected"},
		"a connection that a policy cut later": {allows, lines{in(allows, "connection closed due to policy change", minute)}, "source-ztunnel pass expected; destination-ztunnel pass expected"},
		"an application that does not listen":  {allows, lines{in(allows, "connection failed: Connection refused (os error 111)", minute)}, "source-ztunnel pass expected; destination-ztunnel pass proven by 1"},
		"a network that lets nothing through":  {blocked, lines{out(blocked, noAnswer, minute)}, "source-ztunnel pass proven by 1; destination-ztunnel fail proven by 1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			logs := written{}
			for _, l := range test.lines {
				logs[l.From.Source] = append(logs[l.From.Source], l)
			}
			e := explained(t, test.snap, logs, "/")
			if diff := cmp.Diff(test.want, proofs(e)); diff != "" {
				t.Errorf("proofs (-want +got):\n%s", diff)
			}
			if without := explained(t, test.snap, nil, "/"); without.Verdict != e.Verdict || without.Code != e.Code || without.Summary != e.Summary {
				t.Errorf("lines changed the answer: %s %s %q, without them %s %s %q", e.Verdict, e.Code, e.Summary, without.Verdict, without.Code, without.Summary)
			}
		})
	}
}

func explained(t *testing.T, s *mesh.Snapshot, dumps path.Dumps, requested string) *path.Explanation {
	t.Helper()
	e, err := path.Explain(s, dumps, path.Request{From: "shop/web-1", To: "shop/orders:80", Path: requested})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestALineOlderThanThePolicyProvesNothing(t *testing.T) {
	changed := street(nobody(meshtest.ChangedBy("kubectl", time.Minute)))
	for name, test := range map[string]struct{ failure, want string }{
		"it passed before":      {"", "source-ztunnel pass expected; destination-ztunnel deny expected, otherwise before"},
		"it was refused before": {noneAllowed, "source-ztunnel pass expected; destination-ztunnel deny expected"},
	} {
		t.Run(name, func(t *testing.T) {
			l := connection(changed, "node-b", "inbound", "web-1", test.failure, 2*time.Minute)
			if diff := cmp.Diff(test.want, proofs(explained(t, changed, written{l.From.Source: {l}}, "/"))); diff != "" {
				t.Errorf("proofs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWaypointsLineIsAboutTheSameRequest(t *testing.T) {
	s := shop()
	fine := request(s, "/api/items", 200, "via_upstream", time.Minute)
	fine.Request.UpstreamHost = "envoy://connect_originate/" + s.Workload("shop", "orders-v1-1").IPs[0] + ":8080"
	refused := request(s, "/admin?x=1", 403, "rbac_access_denied_matched_policy[none]", time.Minute)
	logs := written{fine.From.Source: {fine, refused}}
	for requested, want := range map[string]string{
		"/api/items": "source-ztunnel pass expected; waypoint pass proven by 1",
		"/admin":     "source-ztunnel pass expected; waypoint deny proven by 1",
		"/api/else":  "source-ztunnel pass expected; waypoint pass expected",
	} {
		if got := proofs(explained(t, s, logs, requested)); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", requested, got, want)
		}
	}
}
