package path_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// basisByStage is the basis of the cards of each column, "mixed" where they
// are not of one.
func basisByStage(g *path.Graph) map[path.Stage]path.Basis {
	out := make(map[path.Stage]path.Basis)
	for _, n := range g.Nodes {
		if b, known := out[n.Stage]; known && b != n.Basis {
			out[n.Stage] = "mixed"
			continue
		}
		out[n.Stage] = n.Basis
	}
	return out
}

func TestCardsAreSeenWhereProxiesConfirmThem(t *testing.T) {
	const expected, seen = path.Expected, path.Seen
	read := meshtest.ProxiesRead()
	ztunnel := func(change func(*mesh.ZtunnelEvidence)) meshtest.Part {
		return meshtest.Parts(read, meshtest.ZtunnelSaid("node-a", meshtest.With(change)), meshtest.ZtunnelSaid("node-b", meshtest.With(change)))
	}
	waypoints := func(change func(*mesh.EnvoyEvidence)) meshtest.Part {
		return meshtest.Parts(read, meshtest.WaypointSaid("shop", "waypoint-1", meshtest.With(change)), meshtest.WaypointSaid("shop", "waypoint-2", meshtest.With(change)))
	}
	unjudged := func(kind, name string) func(*mesh.EnvoyEvidence) {
		return func(e *mesh.EnvoyEvidence) {
			e.Unjudged, e.UnjudgedCount = []mesh.Ref{{Kind: kind, Namespace: "shop", Name: name}}, 1
		}
	}
	for _, tt := range []struct {
		name                                           string
		parts                                          []meshtest.Part
		source, waypoint, version, destination, backed path.Basis
	}{
		{"nothing was read", nil, expected, expected, expected, expected, expected},
		{"all was read and is the same", []meshtest.Part{read}, seen, seen, seen, seen, seen},
		{"ztunnels were read and not compared", []meshtest.Part{ztunnel(func(e *mesh.ZtunnelEvidence) { e.Compared = false })}, expected, seen, seen, expected, seen},
		{"waypoints were read and not compared", []meshtest.Part{waypoints(func(e *mesh.EnvoyEvidence) { e.Compared = false })}, seen, expected, expected, seen, expected},
		{"one waypoint of two was not read", []meshtest.Part{read, meshtest.Source("envoy/shop/waypoint-2", mesh.SourceDown, "refused")}, seen, expected, expected, seen, expected},
		{"ztunnels were replaced since", []meshtest.Part{ztunnel(func(e *mesh.ZtunnelEvidence) { e.Pod.Name = "old" })}, expected, seen, seen, expected, seen},
		{"a route could not be judged", []meshtest.Part{waypoints(unjudged("VirtualService", "orders"))}, seen, expected, expected, seen, seen},
		{"something else could not be judged", []meshtest.Part{waypoints(unjudged("VirtualService", "elsewhere"))}, seen, seen, seen, seen, seen},
		{"proxies were read before the policies and routes came", []meshtest.Part{
			ztunnel(func(e *mesh.ZtunnelEvidence) { e.At = meshtest.Now.AddDate(-1, 0, 0) }), waypoints(func(e *mesh.EnvoyEvidence) { e.At = meshtest.Now.AddDate(-1, 0, 0) }),
		}, expected, expected, expected, expected, expected},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := draw(shop(tt.parts...))
			got := basisByStage(&g)
			want := map[path.Stage]path.Basis{
				path.StageCaller: expected, path.StageSource: tt.source, path.StageWaypoint: tt.waypoint,
				path.StageVersion: tt.version, path.StageDestination: tt.destination, path.StageBackend: tt.backed,
			}
			for stage, basis := range want {
				if got[stage] != basis {
					t.Errorf("%s: %s, want %s", stage, got[stage], basis)
				}
			}
			for _, n := range g.Nodes {
				if has := n.Seen.Where != "" && !n.Seen.At.IsZero(); has != (n.Basis == seen) {
					t.Errorf("%s is %s, seen in %q", n.Title, n.Basis, n.Seen.Where)
				}
			}
		})
	}
}

func TestAProxyThatHasSomethingElseIsNotHidden(t *testing.T) {
	direct := meshtest.ZtunnelSaid("node-a", meshtest.With(func(e *mesh.ZtunnelEvidence) {
		e.Differences, e.DifferenceCount = []mesh.Difference{{Object: ordersRef, Field: "waypoint", Expected: "shop/waypoint"}}, 1
	}))
	g := draw(shop(meshtest.ProxiesRead(), direct))
	i := slices.IndexFunc(g.Nodes, func(n path.Node) bool { return n.Stage == path.StageSource && n.State == path.StateWarn })
	if i < 0 {
		t.Fatal("no ztunnel of the client side warns")
	}
	n := g.Nodes[i]
	const says = "the ztunnel on node-a has nothing for waypoint of Service shop/orders, where the API says shop/waypoint"
	if n.Code != "CONFIG_DRIFT" || n.Basis != path.Expected || !strings.Contains(n.Explain, says) {
		t.Errorf("%+v", n)
	}
	if !slices.ContainsFunc(g.Remarks, func(r path.Remark) bool { return r.Code == "CONFIG_DRIFT" && strings.Contains(r.Text, says[4:]) }) {
		t.Errorf("no remark says so: %+v", g.Remarks)
	}
}

func TestWithoutAWaypointTheZtunnelsOfCallersAreAsked(t *testing.T) {
	s := meshtest.Mesh(
		meshtest.Namespace("shop", meshtest.Ambient), meshtest.Deployment("shop", "orders", meshtest.OnNode("node-a")),
		meshtest.Deployment("shop", "web", meshtest.OnNode("node-b")), meshtest.Service("shop", "orders"), meshtest.ProxiesRead(),
	)
	g := draw(s)
	for stage, basis := range basisByStage(&g) {
		if want := path.Seen; stage != path.StageCaller && basis != want {
			t.Errorf("%s: %s", stage, basis)
		}
	}
}
