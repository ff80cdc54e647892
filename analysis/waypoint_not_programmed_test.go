package analysis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointNotProgrammed(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"))
	programmed := mt.Condition(mesh.ConditionProgrammed, mesh.ConditionTrue, "Programmed", "")
	testCheck(t, "WAYPOINT_NOT_PROGRAMMED", []checkCase{
		{name: "a Service names it and it has no address", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.NeverProgrammed()), mt.Service("shop", "web")}, want: []string{"critical Gateway shop/waypoint"}},
		{name: "the address decides, not the condition", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.NeverProgrammed(), programmed), mt.Service("shop", "web")}, want: []string{"critical Gateway shop/waypoint"}},
		{name: "nothing names it: a warning", parts: []mt.Part{mt.Namespace("shop"), mt.Waypoint("shop", "waypoint", mt.NeverProgrammed())}, want: []string{"warning Gateway shop/waypoint"}},
		{name: "pods that inherit the label will never use a service waypoint", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.NeverProgrammed()), mt.Deployment("shop", "web")}, want: []string{"warning Gateway shop/waypoint"}},
		{name: "pods do use a workload waypoint", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.WaypointFor("workload"), mt.NeverProgrammed()), mt.Deployment("shop", "web")}, want: []string{"critical Gateway shop/waypoint"}},
		{name: "silent: Programmed says False and the address is there", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.Condition(mesh.ConditionProgrammed, mesh.ConditionFalse, "Invalid", "")), mt.Service("shop", "web")}},
		{name: "silent: just created and named by nobody", parts: []mt.Part{mt.Namespace("shop"), mt.Waypoint("shop", "waypoint", mt.NeverProgrammed(), mt.Age(20*time.Second))}},
		{name: "silent: being deleted", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.NeverProgrammed(), mt.Terminating()), mt.Service("shop", "web")}},
		{name: "silent: an ingress without address is no waypoint", parts: []mt.Part{mt.Namespace("shop"), mt.Gateway("shop", "edge", mt.With(func(g *mesh.Gateway) { g.Addresses = nil }))}},
	})
}

func TestWaypointNotProgrammedShowsIstiodsReasonAndThePods(t *testing.T) {
	f := only(t, assess(
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Service("shop", "web"),
		mt.Waypoint("shop", "waypoint", mt.NeverProgrammed(), mt.With(func(w *mesh.Workload) {
			w.Phase, w.Containers[0].Waiting, w.Containers[0].WaitingText = "Pending", "ImagePullBackOff", "no such image"
		})),
	), "WAYPOINT_NOT_PROGRAMMED")
	for _, want := range []string{"AddressNotAssigned", "no instances found", "ImagePullBackOff: no such image"} {
		if !strings.Contains(evidenceText(f), want) {
			t.Errorf("evidence lacks %q:\n%s", want, evidenceText(f))
		}
	}
	if !strings.Contains(f.Detail, "fail-open") || len(f.Affects) != 1 || f.Class != analysis.Unprotected {
		t.Errorf("detail %q, affects %v, class %s", f.Detail, f.Affects, f.Class)
	}
}
