package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestServiceEntryNeedsWaypoint(t *testing.T) {
	entry := func(status mesh.ConditionStatus) mt.Part {
		return mt.ServiceEntry("shop", "partners", "*.example.com", mt.Condition(mesh.ConditionWaypointMissing, status, "NoWaypointForWildcardService", "a waypoint is required for wildcard hosts"))
	}
	testCheck(t, "SERVICEENTRY_NEEDS_WAYPOINT", []checkCase{
		{name: "istiod misses its waypoint", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), entry(mesh.ConditionTrue)}, want: []string{"error ServiceEntry shop/partners"}},
		{name: "silent: False is the good state", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), entry(mesh.ConditionFalse)}},
		{name: "silent: no such condition", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.ServiceEntry("shop", "partners", "api.example.com")}},
	})
}
