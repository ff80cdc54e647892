package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// ended lets the first container of a pod have ended so long ago.
func ended(reason string, ago time.Duration, restarts int32) mt.Option {
	return mt.With(func(w *mesh.Workload) {
		w.Containers = []mesh.Container{w.Containers[0]}
		w.Containers[0].RestartCount = restarts
		w.Containers[0].LastExit = &mesh.ContainerExit{Reason: reason, ExitCode: 137, At: mt.Now.Add(-ago)}
	})
}

func TestWaypointOOMKilled(t *testing.T) {
	shop := func(pod ...mt.Option) []mt.Part {
		return []mt.Part{mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Service("shop", "web"), mt.Waypoint("shop", "waypoint", mt.Replicas(2), mt.OnPod(2, pod...))}
	}
	testCheck(t, "WAYPOINT_OOM_KILLED", []checkCase{
		{name: "one replica was killed an hour ago", parts: shop(ended("OOMKilled", time.Hour, 1)), want: []string{"error Gateway shop/waypoint"}},
		{name: "silent: killed two days ago", parts: shop(ended("OOMKilled", 48*time.Hour, 1))},
		{name: "silent: it ended for another reason", parts: shop(ended("Error", time.Hour, 1))},
		{name: "silent: it never ended", parts: shop()},
		{name: "silent: another pod of the namespace was killed", parts: append(shop(), mt.Deployment("shop", "web", ended("OOMKilled", time.Hour, 1)))},
	})
}
