package path

import "github.com/waylight/waylight/mesh"

// Destination is the Service or ServiceEntry that a backend of a route leads
// to: the backendRef of a Gateway API route, or who has the host a
// VirtualService wrote, short names completed as Istio does. The second result
// tells whether there is one; without it the Ref is what was written, as far as
// that names an object.
func Destination(s *mesh.Snapshot, r *mesh.Route, b mesh.Backend) (mesh.Ref, bool) {
	if b.Host == "" {
		return b.Ref, targetOf(s, b.Ref) != nil
	}
	if t := findHost(s, fullHost(b.Host, r.Namespace)); t != nil {
		return t.ref, true
	}
	return mesh.Ref{}, false
}
