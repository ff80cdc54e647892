package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestMetricsAbsent(t *testing.T) {
	by := func(source mesh.TrafficSource, none bool) mt.Part {
		return mt.Counted(func(c *mesh.Traffic) { c.Source, c.NoRequestsAtAll = source, none })
	}
	testCheck(t, "METRICS_ABSENT", []checkCase{
		{name: "Prometheus answers and has no requests of waypoints", parts: shop(by(mesh.TrafficFromPrometheus, true)), want: []string{"info Mesh"}},
		{name: "silent: it has some", parts: shop(by(mesh.TrafficFromPrometheus, false))},
		{name: "silent: no waypoint runs", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web"), by(mesh.TrafficFromPrometheus, true)}},
		{name: "silent: the waypoint never had an address", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web"), mt.Waypoint("shop", "waypoint", mt.NeverProgrammed()), by(mesh.TrafficFromPrometheus, true)}},
		{name: "silent: there is no Prometheus", parts: shop(by(mesh.TrafficFromScrapes, true))},
		{name: "silent: nothing was counted", parts: shop()},
	})
}
