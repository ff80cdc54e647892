package path

import (
	"fmt"

	"github.com/waylight/waylight/analysis/authz"
)

// direct sums up what ztunnel's policies do to calls that were meant for a
// waypoint and go past it: whether its absence is fail-open.
type direct struct {
	admitted, refused int // identities of the mesh
	why, unread       *authz.Decision
}

func (p *plan) direct() direct {
	out := direct{why: &authz.Decision{}, unread: &authz.Decision{}}
	for i := range p.callers {
		c := &p.callers[i]
		switch d := c.Destination; {
		case c.Entry == EntryNone:
		case d.Refused() && !c.Partly:
			out.refused++
			out.why = d
		case len(d.Unread) > 0:
			out.unread = d
		default:
			out.admitted++
		}
	}
	return out
}

// sentence says it about a service, and whether policies at ztunnel make the
// missing waypoint fail-closed.
func (d direct) sentence(service string) (text string, closed bool) {
	switch {
	case d.unread.Reason != "":
		return fmt.Sprintf("Whether ztunnel refuses direct calls to %s is unknown: %s.", service, d.unread.Reason), false
	case d.admitted+d.refused == 0:
		return fmt.Sprintf("No workload of the mesh is there to call %s.", service), false
	case d.refused == 0:
		return fmt.Sprintf("Nothing at ztunnel stops direct calls: every identity of the mesh reaches %s without the waypoint's policies (fail-open).", service), false
	case d.admitted == 0:
		return fmt.Sprintf("The destination's ztunnel refuses every direct call to %s: %s. Callers see the connection reset.", service, d.why.Reason), true
	}
	return fmt.Sprintf("At ztunnel %s of the mesh reach %s directly, without the waypoint's policies; %d are refused.", count(d.admitted, "identity"), service, d.refused), false
}
