package server

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestReadingAnewIsOfferedOnlyWhereThereIsSomethingNewToRead(t *testing.T) {
	evidence := meshtest.Objects(&mesh.ZtunnelEvidence{Meta: mesh.Meta{Kind: "ZtunnelEvidence", Name: "node-a"}, At: meshtest.Now})
	for _, tt := range []struct {
		name   string
		origin mesh.Origin
		want   bool
	}{
		{"a live mesh", mesh.OriginLive, true},
		{"a recording", mesh.OriginRecorded, false},
		{"the demo", mesh.OriginDemo, false},
	} {
		s := withDumps(t, serveSmallDump, meshtest.Deployment("shop", "web"), evidence, meshtest.Cluster(mesh.ClusterInfo{Name: "test", Origin: tt.origin}))
		for _, address := range []string{
			"/ztunnels", "/ztunnels/node-a", "/waypoints/shop/waypoint/routes", "/waypoints/shop/waypoint/sync",
			"/path?" + aCall,
		} {
			page := document(t, get(t, s, address)).Find("main")
			if got := page.Find(`a[href*="fresh"]`).Length() > 0; got != tt.want {
				t.Errorf("%s: %s offers to read anew: %t", tt.name, address, got)
			}
			if text := page.Text(); !tt.want && (strings.Contains(text, "Read all now") || strings.Contains(text, "Read again")) {
				t.Errorf("%s: %s speaks of reading anew", tt.name, address)
			}
		}
	}
}
