package path

import (
	"fmt"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// DirectKind is what becomes of calls that reach a service without a waypoint.
type DirectKind string

// The kinds.
const (
	// DirectRefused: policies at ztunnel refuse every caller. The missing
	// waypoint is fail-closed by them.
	DirectRefused DirectKind = "refused"
	// DirectAdmitted: every caller gets through; nothing at all is enforced in
	// the waypoint's place (fail-open).
	DirectAdmitted DirectKind = "admitted"
	// DirectSome: ztunnel's policies tell callers apart.
	DirectSome DirectKind = "some"
	// DirectUnknown: policies or pods were not readable.
	DirectUnknown DirectKind = "unknown"
)

// DirectOutcome answers the question a check asks about a waypoint that calls
// do not pass: do policies at ztunnel refuse direct callers?
type DirectOutcome struct {
	Kind DirectKind
	// Text is one sentence about it.
	Text string
	// Policies at ztunnel that decide, each once.
	Policies []mesh.Ref
	// Admitted and Refused count identities of the mesh.
	Admitted, Refused int
}

// Direct answers for the first port of a Service or ServiceEntry, as if no
// waypoint were there, whatever its binding is.
func Direct(s *mesh.Snapshot, service mesh.Ref) DirectOutcome {
	t := targetOf(s, service)
	if t == nil {
		return DirectOutcome{Kind: DirectUnknown, Text: fmt.Sprintf("There is no %s.", service)}
	}
	port, ok := t.port(0)
	if !ok {
		return DirectOutcome{Kind: DirectUnknown, Text: fmt.Sprintf("%s has no port the mesh carries.", service)}
	}
	bare := *t
	bare.binding = mesh.Binding{State: mesh.BindingNone}
	bare.podAddressed = false
	return directOf(wholePlan(s, &bare, port))
}

// directOf sums the callers up.
func directOf(p *plan) DirectOutcome {
	var out DirectOutcome
	why, unread := &authz.Decision{}, &authz.Decision{}
	seen := make(map[mesh.Ref]bool)
	for i := range p.callers {
		c := &p.callers[i]
		if c.Entry == EntryNone {
			continue
		}
		d := c.Destination
		if !d.Policy.IsZero() && !seen[d.Policy] {
			seen[d.Policy] = true
			out.Policies = append(out.Policies, d.Policy)
		}
		switch {
		case d.Refused() && !c.Partly:
			out.Refused++
			why = d
		case len(d.Unread) > 0:
			unread = d
		default:
			out.Admitted++
		}
	}
	out.sum(p.target.ref, why, unread)
	return out
}

func (o *DirectOutcome) sum(service mesh.Ref, why, unread *authz.Decision) {
	switch {
	case unread.Reason != "":
		o.Kind, o.Text = DirectUnknown, fmt.Sprintf("Whether ztunnel refuses direct calls to %s is unknown: %s.", service, unread.Reason)
	case o.Admitted+o.Refused == 0:
		o.Kind, o.Text = DirectUnknown, fmt.Sprintf("No workload of the mesh is there to call %s.", service)
	case o.Refused == 0:
		o.Kind, o.Text = DirectAdmitted, fmt.Sprintf("Nothing at ztunnel stops direct calls: every identity of the mesh reaches %s without the waypoint's policies (fail-open).", service)
	case o.Admitted == 0:
		o.Kind, o.Text = DirectRefused, fmt.Sprintf("The destination's ztunnel refuses every direct call to %s: %s. Callers see the connection reset.", service, why.Reason)
	default:
		o.Kind, o.Text = DirectSome, fmt.Sprintf("At ztunnel %s of the mesh reach %s directly, without the waypoint's policies; %d are refused.", count(o.Admitted, "identity"), service, o.Refused)
	}
}
