package path

import (
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

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

// Named lists the Services and ServiceEntries that the host of a VirtualService
// or DestinationRule in a namespace is for: who has the host, and of a wildcard
// everything it covers. Short names are completed as Istio does.
func Named(s *mesh.Snapshot, host, namespace string) []mesh.Ref {
	full := fullHost(host, namespace)
	if !strings.HasPrefix(full, "*") {
		if t := findHost(s, full); t != nil {
			return []mesh.Ref{t.ref}
		}
		return nil
	}
	var out []mesh.Ref
	for _, sh := range s.Shards {
		for _, svc := range sh.Services {
			if hostMatches(full, fullHost(svc.Name, svc.Namespace)) {
				out = append(out, svc.Ref())
			}
		}
		for _, e := range sh.ServiceEntries {
			if slices.ContainsFunc(e.Hosts, func(h string) bool { return hostMatches(full, h) }) {
				out = append(out, e.Ref())
			}
		}
	}
	return out
}
