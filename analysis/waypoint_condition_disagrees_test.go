package analysis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointConditionDisagrees(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"))
	waypoint := mt.Waypoint("shop", "waypoint")
	bound := mt.Condition(mesh.ConditionWaypointBound, mesh.ConditionTrue, "WaypointAccepted", "Successfully attached to waypoint shop/waypoint")
	notReady := mt.Condition(mesh.ConditionWaypointBound, mesh.ConditionFalse, "WaypointIsNotReady", `waypoint "shop/waypoint" is not ready`)
	forbidden := mt.Condition(mesh.ConditionWaypointBound, mesh.ConditionFalse, "CrossNamespaceWaypointForbidden", "cannot bind to waypoint")
	namespace, service := []string{"warning Namespace shop"}, []string{"warning Service shop/web"}
	testCheck(t, "WAYPOINT_CONDITION_DISAGREES", []checkCase{
		{name: "istiod still says that the waypoint is not ready", parts: []mt.Part{ns, waypoint, mt.Service("shop", "web", notReady)}, want: namespace},
		{name: "one finding for all that inherit the label", parts: []mt.Part{ns, waypoint, mt.Service("shop", "web", notReady), mt.Service("shop", "orders", notReady)}, want: namespace},
		{name: "a label of its own is the Service's", parts: []mt.Part{mt.Namespace("shop"), waypoint, mt.Service("shop", "web", mt.UseWaypoint("waypoint"), notReady)}, want: service},
		{name: "istiod says bound of a Service without label", parts: []mt.Part{mt.Namespace("shop"), waypoint, mt.Service("shop", "web", bound)}, want: service},
		{name: "istiod knows a reason that Waylight does not", parts: []mt.Part{ns, waypoint, mt.ServiceEntry("shop", "bank", "bank.example", forbidden)}, want: namespace},
		{name: "both say not bound, for different reasons", parts: []mt.Part{ns, mt.Waypoint("shop", "waypoint", mt.WaypointFor("workload")), mt.Service("shop", "web", notReady)}, want: namespace},
		{name: "silent: they agree", parts: []mt.Part{ns, waypoint, mt.Service("shop", "web", bound)}},
		{name: "silent: both say that it does not exist", parts: []mt.Part{ns, mt.Service("shop", "web", notReady)}},
		{name: "silent: istiod says nothing of pods", parts: []mt.Part{ns, waypoint, mt.Deployment("shop", "web", mt.UseWaypoint("typo"))}},
		{name: "silent: the label was changed just now", parts: []mt.Part{mt.Namespace("shop", mt.ChangedBy("kubectl", 20*time.Second)), waypoint, mt.Service("shop", "web", bound)}},
		{name: "silent: the Service was changed just now", parts: []mt.Part{ns, waypoint, mt.Service("shop", "web", notReady, mt.ChangedBy("kubectl", 20*time.Second))}},
		{name: "silent: the Gateway got its address just now", parts: []mt.Part{
			ns, mt.Waypoint("shop", "waypoint", mt.With(func(g *mesh.Gateway) { g.StatusChange.Time = mt.Now.Add(-20 * time.Second) })), mt.Service("shop", "web", notReady),
		}},
		{name: "silent: Gateways may not be read", parts: []mt.Part{ns, waypoint, mt.Service("shop", "web", notReady), mt.Forbidden(mesh.ResourceGateways)}},
		{name: "silent: the namespace's labels may not be read", parts: []mt.Part{waypoint, mt.Service("shop", "web", bound), mt.Forbidden(mesh.ResourceNamespaces)}},
	})
}

func TestWaypointConditionDisagreesShowsBoth(t *testing.T) {
	f := only(t, assess(
		mt.Namespace("shop", mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint"),
		mt.Service("shop", "web", mt.Condition(mesh.ConditionWaypointBound, mesh.ConditionFalse, "AttachmentDenied", "we are not permitted to attach")),
	), "WAYPOINT_CONDITION_DISAGREES")
	text := evidenceText(f)
	for _, want := range []string{"AttachmentDenied: we are not permitted", "bound: Bound to Gateway shop/waypoint."} {
		if !strings.Contains(text, want) {
			t.Errorf("evidence lacks %q:\n%s", want, text)
		}
	}
}
