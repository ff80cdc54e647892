package traffic_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// along says what was counted of each leg of the drawing of orders, by the
// titles of its ends: requests, those that failed, connections.
func along(t *testing.T, port uint16, parts ...mt.Part) map[string]string {
	t.Helper()
	s := mt.Mesh(parts...)
	g := path.ForService(s, orders, port, path.Options{})
	a := traffic.New(s).Along(&g)
	out := make(map[string]string)
	title := make(map[string]string)
	for _, n := range g.Nodes {
		title[n.ID] = strings.TrimSuffix(strings.TrimPrefix(n.Title, "ztunnel-"), " in the mesh")
		out[title[n.ID]] = loadText(a.Node(n.ID))
	}
	for _, l := range g.Legs {
		out[title[l.From]+" > "+title[l.To]] = loadText(a.Leg(l.From, l.To))
	}
	return out
}

func loadText(l traffic.Load) string {
	text := "?"
	if l.Requests != nil {
		text = fmt.Sprintf("%g requests, %g failed", l.Requests.Count, l.Requests.Errors)
	}
	if l.Connections != nil {
		text += fmt.Sprintf("; %g connections, %g failed", l.Connections.All(), l.Connections.Failed)
	}
	return text
}

func onNode(name, node string, more ...mt.Option) mt.Part {
	return mt.Deployment("shop", name, append(more, mt.OnNode(node))...)
}

// twoNodes is the canary with its callers on one node and its versions on two.
func twoNodes(more ...mt.Part) []mt.Part {
	version := func(v string) []mt.Option {
		return []mt.Option{mt.Label("app", "orders"), mt.Label("version", v)}
	}
	return append([]mt.Part{
		mt.Node("a"), mt.Node("b"),
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint", mt.OnNode("a")),
		onNode("web", "a"), onNode("orders-v1", "a", version("v1")...), onNode("orders-v2", "b", version("v2")...),
		mt.Service("shop", "orders"), mt.Objects(route(split(90, 10)), subsets("version")),
	}, more...)
}

func TestTrafficAlongTheDrawing(t *testing.T) {
	opened := arrived("web", "-", "mutual_tls", 12, 0)
	opened.Reporter = traffic.ReporterSource
	got := along(t, 0, twoNodes(
		requests(
			mt.Flow("shop", "orders", "orders-v1", "v1", "200", 60), mt.Flow("shop", "orders", "orders-v2", "v2", "200", 30),
			mt.Flow("shop", "orders", "orders-v2", "v2", "503", 8), mt.Flow("shop", "orders", "", "", "403", 2)),
		connections(opened, arrived("waypoint", "-", "mutual_tls", 4, 0)))...)
	want := map[string]string{
		"waypoint":      "100 requests, 8 failed; 12 connections, 0 failed",
		"waypoint > v1": "60 requests, 0 failed", // of connections no metric tells versions apart
		"waypoint > v2": "38 requests, 8 failed",
		"orders-v1":     "60 requests, 0 failed; 4 connections, 0 failed",
		"orders-v2":     "38 requests, 8 failed; 0 connections, 0 failed",
	}
	for leg, w := range want {
		if !strings.HasPrefix(got[leg], w) {
			t.Errorf("%s: %q, want %q", leg, got[leg], w)
		}
	}
	if t.Failed() {
		t.Logf("%v", got)
	}
}

func TestWhatIsNotCountedIsNoZero(t *testing.T) {
	gap := mt.Counted(func(t *mesh.Traffic) {
		t.Unread = append(t.Unread, mesh.TrafficGap{Proxy: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "waypoint-1"}, Reason: "refused"})
	})
	for _, tt := range []struct {
		name string
		part mt.Part
		want string
	}{
		{"nobody sent anything", mt.Counted(func(*mesh.Traffic) {}), "0 requests, 0 failed; 0 connections, 0 failed"},
		{"the waypoint was not read", gap, "?"},
		{"nobody counts at all", mt.Parts(), "?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := along(t, 0, twoNodes(tt.part)...)["waypoint"]; got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestConnectionsAlongADrawingWithoutAWaypoint(t *testing.T) {
	parts := []mt.Part{
		mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web"), mt.Deployment("shop", "orders-v1", mt.Label("app", "orders")), mt.Service("shop", "orders"),
		mt.Namespace("lab"), mt.Deployment("lab", "batch"),
		connections(arrived("web", "-", "mutual_tls", 90, 0), arrived("web", "CONNECT", "mutual_tls", 0, 3), arrived("batch", "-", "unknown", 7, 0)),
	}
	got := along(t, 0, parts...)
	for leg, want := range map[string]string{
		"all pods":         "?; 90 connections, 3 failed",
		"orders-v1":        "?; 97 connections, 3 failed",
		"outside the mesh": "?; 7 connections, 0 failed",
		"any workload":     "?; 90 connections, 3 failed",
	} {
		if got[leg] != want {
			t.Errorf("%s: %q, want %q", leg, got[leg], want)
		}
	}
	if t.Failed() {
		t.Logf("%v", got)
	}
}

func TestNetworksFollowSingleLegs(t *testing.T) {
	// Kept beside the drawing's own tests: a leg that shares both of its ends
	// with others has no number.
	parts := twoNodes(mt.Namespace("shop2", mt.Ambient), mt.Deployment("shop2", "client", mt.OnNode("b")), sent(10, 5))
	got := along(t, 0, parts...)
	var shared []string
	for leg, text := range got {
		if strings.Contains(leg, " > waypoint") {
			shared = append(shared, strings.Split(text, ";")[0])
		}
	}
	slices.Sort(shared)
	if diff := cmp.Diff([]string{"?", "?"}, shared); diff != "" {
		t.Errorf("two ztunnels lead to the waypoint, and no metric names the caller's node (-want +got):\n%s\n%v", diff, got)
	}
}
