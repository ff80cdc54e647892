package path

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// Options of a drawing. The zero value is what the service page uses.
type Options struct {
	// MaxCards bounds the cards of a column; the rest becomes one card that
	// counts them. 0: DefaultMaxCards.
	MaxCards int
}

// DefaultMaxCards is how many cards of one column a reader takes in at a
// glance.
const DefaultMaxCards = 6

func (o Options) maxCards() int {
	if o.MaxCards > 0 {
		return o.MaxCards
	}
	return DefaultMaxCards
}

// ForService draws how the next call to one port of a Service or ServiceEntry
// would go, from the objects of the snapshot. Statements are Expected, and Seen
// where the proxies concerned were compared and have the same. Port 0 is the
// first port.
func ForService(s *mesh.Snapshot, ref mesh.Ref, port uint16, opts Options) Graph {
	t := targetOf(s, ref)
	if t == nil {
		return missingService(s, ref)
	}
	if t.service != nil && t.service.Type == "ExternalName" {
		return aliased(t)
	}
	p, ok := t.port(port)
	g := Graph{Service: ref, Port: p, Host: t.host}
	if !ok {
		g.Verdict, g.Code = Unreachable, mesh.CodePortNotOnService
		g.Summary = fmt.Sprintf("%s has no port %d; it has %s.", ref, port, t.portList())
		g.Outcome = "The connection is reset: ztunnel knows no such port."
		if len(t.ports) == 0 {
			g.Summary = fmt.Sprintf("%s has no port the mesh carries.", ref)
		}
		return g
	}
	plan := wholePlan(s, t, p)
	f := plan.conclude()
	g.Verdict, g.Code = f.verdict, f.code
	g.Summary, g.Outcome = sentence(f.summary), sentence(f.outcome)
	d := &drawing{plan: plan, opts: opts, graph: &g}
	d.draw()
	d.confirm()
	plan.remark(&g)
	g.Policies, g.callers = plan.policies(), plan.callers
	return g
}

// aliased answers for an ExternalName Service, which istiod never sends to
// ztunnel: its name is an alias in DNS, and calls go to what it stands for.
func aliased(t *target) Graph {
	return Graph{
		Service: t.ref, Host: t.host, Verdict: Undetermined, Outcome: "Whatever that host answers.",
		Summary: fmt.Sprintf("%s is an alias in DNS for %s: the mesh does not know it, and calls are calls to that host.", t.ref, t.service.ExternalName),
	}
}

// missingService answers for a service the snapshot does not hold.
func missingService(s *mesh.Snapshot, ref mesh.Ref) Graph {
	g := Graph{Service: ref, Verdict: Unreachable, Code: mesh.CodeNoService, Summary: fmt.Sprintf("There is no %s.", ref), Outcome: "Its name does not resolve."}
	resource := mesh.ResourceServices
	if ref.Kind == "ServiceEntry" {
		resource = mesh.ResourceServiceEntries
	}
	if !s.Readable(resource, ref.Namespace) {
		g.Verdict, g.Code, g.Outcome = Undetermined, "", "Unknown."
		g.Summary = fmt.Sprintf("%s in namespace %s were not readable, so whether there is a %s is unknown.", resource, ref.Namespace, ref)
	}
	return g
}
