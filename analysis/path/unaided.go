package path

import (
	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// unaided is a call that no proxy of the mesh sends: the node's own load
// balancing takes it to a pod, in plaintext and without an identity.
func (q *question) unaided(w *way) []end {
	w.uses, w.from = Plaintext, authz.NoIdentity
	switch {
	case q.to.unknown != "":
		return w.unknown(Hop{Kind: HopBackend, Name: q.to.place(), Transport: Plaintext}, "%s", q.to.unknown)
	case q.to.kind == toStranger:
		return q.stranger(w)
	case q.to.kind == toPod:
		return q.reach(w, q.podBackend())
	case q.to.portMissing():
		return w.fail(Hop{Kind: HopBackend, Name: q.to.target.ref.Name, Transport: Plaintext}, mesh.CodePortNotOnService, Outcome{Kind: OutcomeRefused, Text: "The connection is refused or times out."}, "%s has no port %d", q.to.target.ref, q.to.number())
	}
	p := newPlan(q.snap, q.ztunnels, q.to.target, q.to.port)
	if len(p.passages) > 0 {
		p.bypass = &bypass{ref: p.passages[0].ref, state: StateWarn, explain: "only ztunnel sends calls to a waypoint, and this caller has none"}
	}
	w.bypassed(p)
	return q.toEndpoints(w, p, &view{})
}
