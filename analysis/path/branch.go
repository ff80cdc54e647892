package path

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// routes looks at what the routing itself does to calls.
func (p *plan) routes() finding {
	for _, r := range p.routing.Rules {
		if r.Dead || !r.CatchAll() || r.Spec.Fault == nil || r.Spec.Fault.AbortPercent <= 0 {
			continue
		}
		f := finding{
			verdict: Ambiguous, code: mesh.CodeFaultInjected,
			summary: fmt.Sprintf("%s aborts %s of the calls on purpose", r.Route.Ref(), percent(r.Spec.Fault.AbortPercent)),
			outcome: p.waypointError(r.Spec.Fault.AbortStatus) + " for those, the application's own answer for the others",
		}
		if r.Spec.Fault.AbortPercent >= 100 {
			f.verdict, f.outcome = Unreachable, p.waypointError(r.Spec.Fault.AbortStatus)
		}
		return f
	}
	return fine
}

// branches asks each version calls are split to.
func (p *plan) branches() finding {
	var bad, unknown *version
	good := 0
	for _, v := range p.versions {
		switch {
		case v.idle() || v.answeredAsAsked():
		case v.unknown != "":
			unknown = v
		case v.broken != "":
			if bad == nil {
				bad = v
			}
		default:
			good++
		}
	}
	switch {
	case bad != nil && good == 0 && unknown == nil:
		return finding{verdict: Unreachable, code: bad.code, summary: fmt.Sprintf("Every call to %s fails: %s", p.target.ref.Name, bad.broken), outcome: p.undelivered(bad)}
	case unknown != nil:
		return finding{verdict: Undetermined, summary: capital(unknown.unknown), outcome: "unknown"}
	case bad != nil:
		return finding{
			verdict: Ambiguous, code: bad.code, summary: fmt.Sprintf("Calls that go to %s fail: %s", bad.title, bad.broken),
			outcome: p.undelivered(bad) + " for those, the application's own answer for the others",
		}
	}
	return p.ztunnelsOfBackends()
}

// undelivered is what the client sees when a version takes no call.
func (p *plan) undelivered(v *version) string {
	if len(p.passages) > 0 {
		return p.waypointError(v.status)
	}
	return "The connection is reset by the caller's ztunnel, which finds no healthy endpoint"
}

// ztunnelsOfBackends looks for captured pods on nodes without a ztunnel.
func (p *plan) ztunnelsOfBackends() finding {
	cut, all := 0, 0
	node := ""
	for _, b := range readyOf(p.served()) {
		all++
		if b.noZtunnel {
			cut, node = cut+1, b.node
		}
	}
	if cut == 0 {
		return fine
	}
	f := finding{
		verdict: Ambiguous, code: codeZtunnelMissing,
		summary: fmt.Sprintf("%d of %s of %s run on a node without ztunnel (%s), where nothing takes calls for them", cut, count(all, "pod"), p.target.ref.Name, node),
	}
	f.outcome = "The connection times out or is reset for those, the application's own answer for the others"
	if cut == all {
		f.verdict, f.outcome = Unreachable, "The connection times out or is reset"
	}
	if len(p.passages) > 0 {
		f.outcome = p.waypointError(503)
		if cut < all {
			f.outcome += " for those, the application's own answer for the others"
		}
	}
	return f
}
