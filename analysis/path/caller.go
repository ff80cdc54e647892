package path

import (
	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// Entry is how a caller's calls leave its pods.
type Entry string

// The entries.
const (
	EntryZtunnel Entry = "ztunnel" // captured: with its identity
	EntrySidecar Entry = "sidecar" // with its identity, past service waypoints
	EntryGateway Entry = "gateway" // an ingress, egress or east-west gateway
	EntryNone    Entry = "none"    // outside the mesh: plaintext, no identity
)

// Caller is one row of "who may call this service": the pods of an account
// whose calls leave in the same way, and what the hops decide about them.
type Caller struct {
	Account *mesh.Account
	Entry   Entry
	Pods    []*mesh.Workload
	// Principal is the identity presented; empty outside the mesh.
	Principal string
	// ViaWaypoint tells whether its calls pass the waypoint. Then Waypoint is
	// the decision there, and Destination that of the ztunnel behind, which
	// sees the waypoint and not the caller.
	ViaWaypoint bool
	// Waypoint is nil for callers that pass none. Callers that are treated
	// alike share one Decision.
	Waypoint    *authz.Decision
	Destination *authz.Decision
	// Partly tells that some pods of the service decide otherwise.
	Partly bool
}

// Deciding is the decision that settles the call, and at which stage: the one
// that refuses it, else the one that is open, else the one about the caller.
func (c *Caller) Deciding() (*authz.Decision, Stage) {
	if !c.ViaWaypoint || (!c.Waypoint.Refused() && c.Destination.Refused()) {
		return c.Destination, StageDestination
	}
	if c.Waypoint.Verdict == authz.Allow && c.Destination.Verdict == authz.Undetermined {
		return c.Destination, StageDestination
	}
	return c.Waypoint, StageWaypoint
}

// atFirst is the decision of the first hop that judges the caller itself.
func (c *Caller) atFirst() *authz.Decision {
	if c.ViaWaypoint {
		return c.Waypoint
	}
	return c.Destination
}

// admittedAtFirst tells whether the first hop that judges the caller lets it
// on; what comes behind may still refuse the waypoint.
func (c *Caller) admittedAtFirst() bool {
	if c.ViaWaypoint {
		return !c.Waypoint.Refused()
	}
	return c.Admitted()
}

// Admitted tells whether calls of this row can get through, perhaps to some
// pods only or depending on the request.
func (c *Caller) Admitted() bool {
	if c.ViaWaypoint && c.Waypoint.Refused() {
		return false
	}
	return c.Partly || !c.Destination.Refused()
}

// Callers lists what becomes of calls from every account of the mesh to one
// port of a Service or ServiceEntry, by policies alone: whether anything
// answers is another question. Port 0 is the first port. Accounts whose pods
// leave in different ways have a row for each.
func Callers(s *mesh.Snapshot, service mesh.Ref, port uint16) []Caller {
	t := targetOf(s, service)
	if t == nil {
		return nil
	}
	p, ok := t.port(port)
	if !ok {
		return nil
	}
	return wholePlan(s, t, p).callers
}

func (p *plan) findCallers() {
	accounts := 0
	for _, sh := range p.snap.Shards {
		accounts += len(sh.Accounts())
	}
	p.callers = make([]Caller, 0, accounts)
	for _, sh := range p.snap.Shards {
		for _, a := range sh.Accounts() {
			before := len(p.callers)
			p.callers = p.judge.rows(p.callers, a)
			p.countIdentity(p.callers[before:])
		}
	}
}

// countIdentity counts one account by its rows.
func (p *plan) countIdentity(rows []Caller) {
	inMesh, admitted := 0, 0
	for i := range rows {
		if rows[i].Entry != EntryNone {
			inMesh = 1
			if rows[i].Admitted() {
				admitted = 1
			}
		}
	}
	p.identities += inMesh
	p.admitted += admitted
}
