package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointUndersized(t *testing.T) {
	limits := mt.With(func(w *mesh.Workload) { w.Containers[0].Limits = mesh.Resources{MilliCPU: 2000, MemoryBytes: 1 << 30} })
	young := mt.OnPod(2, mt.With(func(w *mesh.Workload) { w.Created, w.Started = mt.Now.Add(-time.Minute), mt.Now.Add(-time.Minute) }))
	waypoint := func(opts ...mt.Option) mt.Part {
		return mt.Parts(mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Service("shop", "orders"), mt.Deployment("shop", "orders"),
			mt.Waypoint("shop", "waypoint", append([]mt.Option{mt.Replicas(2)}, opts...)...))
	}
	use := func(change func(first, second *mesh.ProxyTraffic)) mt.Part {
		return mt.Counted(func(c *mesh.Traffic) {
			change(c.Proxy(ref("Pod", "shop", "waypoint-1")), c.Proxy(ref("Pod", "shop", "waypoint-2")))
		})
	}
	uneven := use(func(first, second *mesh.ProxyTraffic) { first.Connections, second.Connections = 90, 10 })
	want := []string{"warning Gateway shop/waypoint"}
	testCheck(t, "WAYPOINT_UNDERSIZED", []checkCase{
		{name: "a replica uses 95 % of its CPU", parts: []mt.Part{waypoint(limits), use(func(first, _ *mesh.ProxyTraffic) { first.CPU = 1.9 })}, want: want},
		{name: "a replica uses 95 % of its memory", parts: []mt.Part{waypoint(limits), use(func(_, second *mesh.ProxyTraffic) { second.Memory = 973 << 20 })}, want: want},
		{name: "one replica has nine times the connections", parts: []mt.Part{waypoint(), uneven}, want: want},
		{name: "silent: 80 %", parts: []mt.Part{waypoint(limits), use(func(first, _ *mesh.ProxyTraffic) { first.CPU, first.Memory = 1.6, 800<<20 })}},
		{name: "silent: no limit", parts: []mt.Part{waypoint(), use(func(first, _ *mesh.ProxyTraffic) { first.CPU, first.Memory = 8, 8<<30 })}},
		{name: "silent: what it uses is not known", parts: []mt.Part{waypoint(limits), use(func(_, _ *mesh.ProxyTraffic) {})}},
		{name: "silent: three times the connections", parts: []mt.Part{waypoint(), use(func(first, second *mesh.ProxyTraffic) { first.Connections, second.Connections = 300, 100 })}},
		{name: "silent: nine connections to one are chance enough", parts: []mt.Part{waypoint(), use(func(first, second *mesh.ProxyTraffic) { first.Connections, second.Connections = 9, 1 })}},
		{name: "silent: the replica with few is new", parts: []mt.Part{waypoint(young), uneven}},
		{name: "silent: its counters began anew", parts: []mt.Part{waypoint(), uneven, use(func(_, second *mesh.ProxyTraffic) { second.Restarted = true })}},
		{name: "silent: connections of a replica are not known", parts: []mt.Part{waypoint(), use(func(first, second *mesh.ProxyTraffic) { first.Connections, second.Connections = 90, -1 })}},
		{name: "silent: nothing was counted", parts: []mt.Part{waypoint(limits)}},
	})
}
