package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointRestarting(t *testing.T) {
	shop := func(pod ...mt.Option) []mt.Part {
		return []mt.Part{mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Service("shop", "web"), mt.Waypoint("shop", "waypoint", mt.OnPod(1, pod...))}
	}
	looping := mt.With(func(w *mesh.Workload) { w.Containers[0].Waiting = "CrashLoopBackOff" })
	testCheck(t, "WAYPOINT_RESTARTING", []checkCase{
		{name: "three restarts of a pod that is half an hour old", parts: shop(ended("Error", time.Minute, 3), mt.Age(30*time.Minute)), want: []string{"warning Gateway shop/waypoint"}},
		{name: "an old pod in a crash loop", parts: shop(ended("Error", time.Minute, 7), looping), want: []string{"warning Gateway shop/waypoint"}},
		{name: "silent: three restarts over the days of an old pod", parts: shop(ended("Error", time.Minute, 3))},
		{name: "silent: two restarts", parts: shop(ended("Error", time.Minute, 2), mt.Age(30*time.Minute))},
		{name: "silent: the last one was two hours ago", parts: shop(ended("Error", 2*time.Hour, 5), looping)},
		{name: "silent: want of memory is another finding", parts: shop(ended("OOMKilled", time.Minute, 5), looping)},
	})
}
