// Package meshtest builds snapshots for tests, the gallery and benchmarks.
//
// A mesh is written as a list of parts, and reads as a sentence:
//
//	snap := meshtest.Mesh(
//		meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypoint("waypoint")),
//		meshtest.Waypoint("shop", "waypoint", meshtest.Replicas(2)),
//		meshtest.Deployment("shop", "orders", meshtest.Replicas(2)),
//		meshtest.Service("shop", "orders", meshtest.Port(80, "http")),
//	)
//
// Whatever a test does not mention is healthy: nodes that pods name exist and
// run ztunnel and istio-cni, istiod runs, selected pods are captured, Services
// have the endpoints their selectors give them, and istiod's conditions agree
// with the rules. Options then break exactly one thing. Objects the package
// has no builder for go in as they are, with Objects, and With reaches every
// field of those it has.
package meshtest
