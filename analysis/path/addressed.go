package path

import "github.com/waylight/waylight/mesh"

// Addressed tells which port of which Service or ServiceEntry a call is
// addressed to, and false where it goes to a pod or to an address nobody knows.
func Addressed(s *mesh.Snapshot, r Request) (service mesh.Ref, port uint16, ok bool) {
	q, err := newQuestion(s, nil, r)
	if err != nil || q.to.target == nil {
		return mesh.Ref{}, 0, false
	}
	return q.to.target.ref, q.to.port.Port, true
}
