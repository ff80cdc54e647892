package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointSingleReplica(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"))
	web := mt.Service("shop", "web")
	testCheck(t, "WAYPOINT_SINGLE_REPLICA", []checkCase{
		{name: "one replica before a Service", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint")}, want: []string{"warning Gateway shop/waypoint"}},
		{name: "one replica before a ServiceEntry", parts: []mt.Part{ns, mt.ServiceEntry("shop", "bank", "bank.example"), mt.Waypoint("shop", "waypoint")}, want: []string{"warning Gateway shop/waypoint"}},
		{name: "an autoscaler that may go down to one", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint", mt.Autoscaled(1, 5))}, want: []string{"warning Gateway shop/waypoint"}},
		{name: "silent: an autoscaler keeps two", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint", mt.Autoscaled(2, 5))}},
		{name: "silent: two replicas", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint", mt.Replicas(2))}},
		{name: "silent: two asked for and one ready yet", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint", mt.Replicas(2), mt.Ready(1))}},
		{name: "silent: in nobody's path", parts: []mt.Part{mt.Namespace("shop"), web, mt.Waypoint("shop", "waypoint")}},
		{name: "silent: only workloads are bound to it", parts: []mt.Part{ns, mt.Deployment("shop", "web"), mt.Waypoint("shop", "waypoint", mt.WaypointFor("workload"))}},
		{name: "silent: its one replica is not ready, which is another finding", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint", mt.Ready(0))}},
		{name: "silent: autoscalers may not be read", parts: []mt.Part{ns, web, mt.Waypoint("shop", "waypoint"), mt.Forbidden(mesh.ResourceAutoscalers)}},
	})
}

func TestWaypointSingleReplicaRaisesTheAutoscalersMinimum(t *testing.T) {
	f := only(t, assess(mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Service("shop", "web"), mt.Waypoint("shop", "waypoint", mt.Autoscaled(1, 5))), "WAYPOINT_SINGLE_REPLICA")
	diffText(t, []string{`kubectl -n shop patch horizontalpodautoscaler/waypoint --type=merge -p '{"spec":{"minReplicas":2}}'`}, f.Fix.Changing())
}
