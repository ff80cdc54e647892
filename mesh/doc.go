// Package mesh is Waylight's domain: what an Istio ambient mesh is made of, as
// one immutable Snapshot.
//
// It imports the standard library only. Collectors translate what they read
// (Kubernetes objects, proxy dumps, recorded files) into these types at the
// edge, so that analysis and views never see a wire format. Nothing in here
// reads a clock, a network or a file: time is always a parameter.
//
// Every value reachable from a Snapshot is read-only once it was published.
// Slices and maps are shared between snapshots; to change one is a bug.
package mesh
