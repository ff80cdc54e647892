package views

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestProxiesAreSummedUpByKind(t *testing.T) {
	old := mt.With(func(e *mesh.ZtunnelEvidence) { e.At = mt.Now.Add(-12 * time.Minute) })
	s := mt.Mesh(
		mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", "waypoint"), mt.Node("node-a"), mt.Node("node-b"), mt.Node("node-c"), mt.Node("node-d"),
		mt.ZtunnelSaid("node-a", old), mt.ZtunnelSaid("node-b"), mt.WaypointSaid("shop", "waypoint-1"),
		mt.Source("ztunnel/node-c", mesh.SourceForbidden, "create pods/portforward in istio-system"), mt.Source("ztunnel/node-d", mesh.SourceStarting, ""),
		mt.Source("ztunnel/node-e", mesh.SourceAbsent, ""),
	)
	want := []ProxyReads{
		{Source: "ztunnel/*", Words: "dumps of 2 of 4 nodes read", Oldest: mt.Now.Add(-12 * time.Minute), Rest: "1 forbidden, 1 starting"},
		{Source: "envoy/*", Words: "dumps of 1 of 1 waypoint proxy read", Oldest: mt.Now},
	}
	if diff := cmp.Diff(want, newProxyReads(s, s.Sources)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := newProxyReads(mt.Mesh(mt.Namespace("shop")), nil); len(got) > 0 {
		t.Errorf("where no proxy is read: %+v", got)
	}
}
