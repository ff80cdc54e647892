package server

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// TestProxiesSayWhatTheirNumbersAreOf looks for the PromQL behind the load of a
// waypoint and of a ztunnel.
func TestProxiesSayWhatTheirNumbersAreOf(t *testing.T) {
	s := startCharts(t, drawnShop(), changedShop(), mt.Node("node-a"), mt.Counted(func(*mesh.Traffic) {}))
	for address, want := range map[string]string{
		"/waypoints/shop/waypoint": "sum by (namespace, pod) (memory)",
		"/ztunnels/node-a":         "sum by (namespace, pod) (failed)",
	} {
		if body := get(t, s.Server, address).Body.String(); !strings.Contains(body, want) {
			t.Errorf("%s does not have %q", address, want)
		}
	}
}
