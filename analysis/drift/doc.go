// Package drift compares what a ztunnel has in its memory with what the API
// says of the mesh: what istiod should have sent it is computed from the
// objects, as istiod does (istio.md A and C).
//
// It is wary of saying too much. What changed within the last minute, lies
// outside of what is watched or of what istiod looks at, or depends on
// something unreadable is passed over, and so is what follows from rules of
// istiod that differ by release.
package drift
