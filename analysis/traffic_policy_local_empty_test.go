package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestTrafficPolicyLocalEmpty(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient)
	local := mt.With(func(s *mesh.Service) { s.InternalTrafficPolicy = "Local" })
	cache := mt.Service("shop", "cache", local)
	onA, onB := mt.OnNode("node-a"), mt.OnNode("node-b")
	fires := []string{"error Service shop/cache"}
	behind := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"))
	deny := mt.Objects(&mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "nobody"}, Action: "ALLOW"})
	testCheck(t, "TRAFFIC_POLICY_LOCAL_EMPTY", []checkCase{
		{name: "a caller on a node without an endpoint", parts: []mt.Part{ns, cache, mt.Deployment("shop", "cache", onA), mt.Deployment("shop", "web", onB)}, want: fires},
		{name: "behind a waypoint its own node counts", parts: []mt.Part{behind, mt.Waypoint("shop", "waypoint", onB), cache, mt.Deployment("shop", "cache", onA), mt.Deployment("shop", "web", onA)}, want: fires},
		{name: "silent: every node that calls has one", parts: []mt.Part{ns, cache, mt.DaemonSet("shop", "cache", mt.Replicas(2), mt.OnNode("node-a", "node-b")), mt.Deployment("shop", "web", onB)}},
		{name: "silent: behind a waypoint the caller's node does not count", parts: []mt.Part{behind, mt.Waypoint("shop", "waypoint", onA), cache, mt.Deployment("shop", "cache", onA), mt.Deployment("shop", "web", onB)}},
		{name: "silent: policy Cluster", parts: []mt.Part{ns, mt.Service("shop", "cache"), mt.Deployment("shop", "cache", onA), mt.Deployment("shop", "web", onB)}},
		{name: "silent: policies admit nobody there", parts: []mt.Part{ns, deny, cache, mt.Deployment("shop", "cache", onA), mt.Deployment("shop", "web", onB)}},
		{name: "silent: nothing is ready anywhere, which is another finding", parts: []mt.Part{ns, cache, mt.Deployment("shop", "cache", onA, mt.Ready(0)), mt.Deployment("shop", "web", onB)}},
		{name: "silent: only pods outside the mesh are there", parts: []mt.Part{ns, cache, mt.Deployment("shop", "cache", onA), mt.Namespace("legacy"), mt.Deployment("legacy", "batch", onB)}},
	})
}
