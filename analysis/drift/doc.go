// Package drift compares what proxies have in their memory with what the API
// says of the mesh: what istiod should have sent a ztunnel or the Envoy of a
// waypoint is computed from the objects, as istiod does (istio.md A, C and E).
//
// It is wary of saying too much. What differs and changed within the last
// minute, lies outside of what is watched or of what istiod looks at, depends
// on something unreadable, or follows from rules of istiod that differ by
// release is not judged, and listed as such. What is the same on both sides is
// confirmed, however young it is.
package drift
