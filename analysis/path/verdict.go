package path

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// finding is what one hop or branch means for calls.
type finding struct {
	verdict Verdict
	code    string
	summary string // one sentence without its full stop
	outcome string // what the client sees
}

var fine = finding{verdict: Reachable}

// conclude gives the verdict about the service as a whole: how the next call
// of a caller that policies admit would go. Hops are asked in the order a call
// meets them; the first that ends every call decides, and what ends only some
// makes the answer Ambiguous.
func (p *plan) conclude() finding {
	var partial *finding
	for _, ask := range [...]func() finding{p.clientSide, p.atWaypoint, p.admission, p.routes, p.branches} {
		f := ask()
		switch {
		case f.verdict == Unreachable || f.verdict == Undetermined:
			return f
		case f.verdict == Ambiguous && partial == nil:
			partial = &f
		}
	}
	if partial != nil {
		return *partial
	}
	return p.reachable()
}

// clientSide looks at the ztunnels of the callers' nodes.
func (p *plan) clientSide() finding {
	var missing []string
	for _, n := range p.sources {
		if p.ztunnelMissing(n) {
			missing = append(missing, n)
		}
	}
	if len(missing) == 0 {
		return fine
	}
	f := finding{
		verdict: Ambiguous, code: codeZtunnelMissing,
		summary: fmt.Sprintf("Callers on %s have no ztunnel on their node, so their calls fail", someWords(missing)),
		outcome: "Callers there cannot connect; the others get the application's own answer",
	}
	if len(missing) == len(p.sources) && !p.hasOtherCallers() {
		f.verdict, f.outcome = Unreachable, "The caller cannot connect"
	}
	return f
}

// hasOtherCallers tells whether admitted callers exist that need no ztunnel.
func (p *plan) hasOtherCallers() bool {
	for i := range p.callers {
		if c := &p.callers[i]; c.Entry != EntryZtunnel && c.Admitted() {
			return true
		}
	}
	return false
}

// atWaypoint ends the call where the waypoint takes none.
func (p *plan) atWaypoint() finding {
	if p.bypass != nil && p.bypass.state == StateUnknown {
		return finding{verdict: Undetermined, summary: p.bypass.explain, outcome: "unknown"}
	}
	var broken []*passage
	for _, w := range p.passages {
		switch w.state {
		case StateUnknown:
			return finding{verdict: Undetermined, summary: fmt.Sprintf("Waypoint %s: %s", w.ref.NamespacedName(), w.explain), outcome: "unknown"}
		case StateBad:
			broken = append(broken, w)
		}
	}
	if len(broken) == 0 {
		return fine
	}
	w := broken[0]
	f := finding{verdict: Unreachable, code: w.code, outcome: "The connection is reset by the caller's ztunnel, which finds no waypoint to send it to"}
	f.summary = fmt.Sprintf("Every call to %s fails at waypoint %s: %s", p.target.ref.Name, w.ref.NamespacedName(), w.explain)
	if len(broken) < len(p.passages) {
		f.verdict = Ambiguous
		f.summary = fmt.Sprintf("%s of the calls fail at waypoint %s: %s", percent(w.share), w.ref.NamespacedName(), w.explain)
		f.outcome = "Those are reset by the caller's ztunnel; the others get the application's own answer"
	}
	return f
}

// admission looks for anybody whom policies let through. Behind a waypoint the
// destination judges the waypoint, which ends the call for everyone.
func (p *plan) admission() finding {
	if f := p.behind(); f.verdict != Reachable {
		return f
	}
	var refused, open, partly *Caller
	for i := range p.callers {
		c := &p.callers[i]
		if c.Entry == EntryNone {
			continue
		}
		switch d := c.atFirst(); {
		case !c.Admitted():
			refused = cmp.Or(refused, c)
		case d.Refused():
			partly = cmp.Or(partly, c)
		case d.Verdict != authz.Undetermined || d.DependsOnRequest():
			return fine
		default:
			open = c
		}
	}
	switch {
	case partly != nil:
		return finding{
			verdict: Ambiguous, code: partly.atFirst().Code,
			summary: fmt.Sprintf("Calls to %s fail at some of its pods: %s", p.target.ref.Name, partly.atFirst().Reason),
			outcome: "The connection is reset by the ztunnel before those, the application's own answer from the others",
		}
	case open != nil:
		return finding{verdict: Undetermined, code: open.atFirst().Code, summary: capital(open.atFirst().Reason), outcome: "unknown"}
	case refused != nil:
		return p.nobody(refused)
	}
	return fine
}

// behind judges the waypoint's own identity at the destinations.
func (p *plan) behind() finding {
	if len(p.passages) == 0 {
		return fine
	}
	d := p.judge.passed
	switch {
	case d.Verdict == authz.Undetermined && len(d.Unread) > 0:
		return finding{verdict: Undetermined, code: d.Code, summary: capital(d.Reason), outcome: "unknown"}
	case !d.Refused():
		return fine
	}
	f := finding{verdict: Unreachable, code: identityCode(d.Decision)}
	who := authz.ShortPrincipal(p.judge.seen.identity(p.trust).Principal, p.target.ref.Namespace)
	f.summary = fmt.Sprintf("Every call to %s fails: the destination's ztunnel sees the waypoint (%s) as the caller and refuses it, since %s", p.target.ref.Name, who, d.Reason)
	f.outcome = p.waypointError(503)
	if d.partly {
		f.verdict = Ambiguous
		f.summary = fmt.Sprintf("Calls to %s fail at some pods: their ztunnel sees the waypoint (%s) as the caller and refuses it, since %s", p.target.ref.Name, who, d.Reason)
		f.outcome += " for those, the application's own answer from the others"
	}
	return f
}

// identityCode names a refusal of the waypoint's identity.
func identityCode(d authz.Decision) string {
	if d.Code == mesh.CodePolicyDenied {
		return codeDenyHitsWaypoint
	}
	return codeIdentityDenied
}

// waypointError is what the client sees when the waypoint cannot deliver.
func (p *plan) waypointError(status int) string {
	if !p.http() {
		return "The connection is cut by the waypoint"
	}
	return fmt.Sprintf("HTTP %d from the waypoint", status)
}

// nobody explains that policies admit no account of the mesh.
func (p *plan) nobody(c *Caller) finding {
	d := c.atFirst()
	f := finding{verdict: Unreachable, code: d.Code, outcome: "The connection is reset: the destination's ztunnel refuses it"}
	where := "the destination's ztunnel"
	if c.ViaWaypoint {
		where, f.outcome = "the waypoint", p.waypointError(403)
	}
	f.summary = fmt.Sprintf("no workload of the mesh may call %s: %s refuses every call, since %s", p.target.ref.Name, where, d.Reason)
	if p.bypass != nil {
		f.summary = fmt.Sprintf("calls go past waypoint %s, straight to the pods, and %s", p.bypass.ref.NamespacedName(), f.summary)
	}
	f.summary = capital(f.summary)
	return f
}

// reachable is the sentence about a service that works.
func (p *plan) reachable() finding {
	f := finding{verdict: Reachable, outcome: "The application's own answer"}
	way := "go directly to its pods"
	switch {
	case len(p.passages) > 0:
		way = "pass waypoint " + p.passages[0].ref.NamespacedName()
	case p.bypass != nil:
		f.code = p.bypass.code
		way = fmt.Sprintf("go past waypoint %s, straight to the pods: its policies and routes are NOT applied", p.bypass.ref.NamespacedName())
	}
	f.summary = fmt.Sprintf("Calls to %s %s; %s", p.target.ref.Name, way, p.whoMayCall())
	if p.anyDependsOnRequest() {
		f.summary += ", depending on the request"
	}
	return f
}

// whoMayCall names those admitted where they are few.
func (p *plan) whoMayCall() string {
	admitted, all := p.admitted, p.identities
	switch {
	case all == 0:
		return "no workload of the mesh is there to call it"
	case admitted == all:
		return "every identity of the mesh may call it"
	case admitted > maxWords:
		return fmt.Sprintf("%d of %s may call it", admitted, count(all, "identity"))
	}
	var names []string
	for i := range p.callers {
		c := &p.callers[i]
		if c.Entry == EntryNone || !c.Admitted() {
			continue
		}
		if n := authz.ShortPrincipal(c.Principal, p.target.ref.Namespace); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return fmt.Sprintf("only %s may call it", words(names))
}

func (p *plan) anyDependsOnRequest() bool {
	for i := range p.callers {
		if c := &p.callers[i]; c.ViaWaypoint && c.Admitted() && c.Waypoint.DependsOnRequest() {
			return true
		}
	}
	return false
}
