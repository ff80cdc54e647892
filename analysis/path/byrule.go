package path

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// route sends a call on from a waypoint by the first rule that takes it.
func (q *question) route(w *way, h Hop, p *plan, pod waypointPod) []end {
	p.findRouting()
	if len(p.routing.Rules) == 0 {
		w.through(h)
		w.leave(q, p.passages[0], pod)
		return q.toEndpoints(w, p, &view{})
	}
	rule, open := p.ruleFor(q.request, q.seen())
	switch {
	case open != "":
		return w.unknown(h, "which rule of the routes takes the call depends on %s", open)
	case rule == nil:
		h.Explain = ""
		return w.fail(h, mesh.CodeRouteNotFound, answered(404, "the waypoint"), "waypoint %s has routes for %s, and none of them takes %s %s", p.passages[0].ref.NamespacedName(), q.to.place(), q.request.Method, q.request.Path)
	}
	return q.follow(w, h, p, rule, pod)
}

// follow applies a rule: an answer of its own, a fault, or destinations by
// weight.
func (q *question) follow(w *way, h Hop, p *plan, r *Rule, pod waypointPod) []end {
	where := fmt.Sprintf("rule %d of %s", r.Number, r.Route.Ref())
	h.Explain += " " + sentence(where+" takes it"+r.extras())
	h.show(Evidence{Source: mesh.KubernetesSource, Object: r.Route.Ref(), Field: fmt.Sprintf("spec.rules[%d]", r.Number-1), Text: matchText(r.Match)})
	if ends := r.answers(w, h, where); ends != nil {
		return ends
	}
	var out []end
	if f := r.Spec.Fault; f != nil && f.AbortPercent > 0 {
		// An abort by gRPC status is HTTP 200.
		if out, w = abort(w, h, f.AbortPercent, cmp.Or(f.AbortStatus, 200), r.Route.Ref()); w == nil {
			return out
		}
	}
	w.through(h)
	w.leave(q, p.passages[0], pod)
	total := int32(0)
	for _, b := range r.Spec.Backends {
		total += b.Weight
	}
	for _, b := range r.Spec.Backends {
		share := declared(b.Weight, total, len(r.Spec.Backends))
		if share == 0 {
			continue
		}
		v := p.versionOf(*r, b)
		label := ""
		if len(r.Spec.Backends) > 1 {
			label = v.title
		}
		out = append(out, q.toVersion(w.fork(label, share), p, v)...)
	}
	return out
}

// answers ends a way at a rule that the waypoint answers itself.
func (r *Rule) answers(w *way, h Hop, where string) []end {
	status, what := 0, ""
	switch {
	case r.Spec.Redirect != nil:
		status, what = cmp.Or(r.Spec.Redirect.Status, 301), "answers with a redirect"
	case r.Spec.DirectResponse != 0 && r.Route.Kind != "VirtualService":
		status, what = r.Spec.DirectResponse, "gives no destination a share of the calls"
	case r.Spec.DirectResponse != 0:
		status, what = r.Spec.DirectResponse, "answers itself"
	case len(r.Spec.Backends) == 0:
		status, what = missingStatus(*r), "has no destination"
	default:
		return nil
	}
	h.DecidedBy = r.Route.Ref()
	return w.fail(h, "", answered(status, "the waypoint: "+where+" "+what), "%s %s, so the application is never asked", where, what)
}

// toVersion sends a way to the endpoints of one destination of a route.
func (q *question) toVersion(w *way, p *plan, v *version) []end {
	h := Hop{Kind: HopBackend, Name: v.title, Ref: v.ref, Transport: HBONE, Basis: Expected}
	switch {
	case v.unknown != "":
		return w.unknown(h, "%s", v.unknown)
	case v.broken != "":
		o := answered(cmp.Or(v.status, 503), "the waypoint")
		if !w.http {
			o = Outcome{Kind: OutcomeReset, Text: "The connection is cut by the waypoint."}
		}
		return w.fail(h, v.code, o, "calls to %s fail: %s", v.title, v.broken)
	}
	return q.spread(w, p, slices.Clone(v.backends))
}
