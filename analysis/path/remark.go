package path

import (
	"fmt"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// remark writes what a reader must know beside the drawing.
func (p *plan) remark(g *Graph) {
	add := func(state State, code, text string) {
		g.Remarks = append(g.Remarks, Remark{State: state, Code: code, Text: sentence(text)})
	}
	p.remarkBypass(add)
	p.remarkUnused(add)
	p.remarkRouting(add)
	p.remarkCapture(add)
	p.remarkUnknown(add)
}

type remarker func(state State, code, text string)

// remarkBypass says what a waypoint that is not passed means: fail-open or
// not is the first thing to know.
func (p *plan) remarkBypass(add remarker) {
	if p.bypass == nil {
		return
	}
	if p.bypass.state == StateUnknown {
		add(StateUnknown, "", p.bypass.explain)
		return
	}
	text := fmt.Sprintf("%s Calls go past waypoint %s, so policies and routes that live there are NOT applied", sentence(p.bypass.explain), p.bypass.ref.NamespacedName())
	if names := p.lostPolicies(); len(names) > 0 {
		text += ": " + someWords(names)
	}
	add(p.bypass.state, p.bypass.code, text)
	state := StateBad
	said, closed := p.direct().sentence(p.target.ref.String())
	if closed {
		state = StateWarn
	}
	add(state, "", said)
}

// lostPolicies names what is attached to the service and enforced nowhere
// without a waypoint.
func (p *plan) lostPolicies() []string {
	var out []string
	for _, r := range p.attachedToService() {
		out = append(out, r.String())
	}
	for _, r := range p.unused {
		out = append(out, r.Ref().String())
	}
	return out
}

// attachedToService are policies and token rules that name the service as a
// target.
func (p *plan) attachedToService() []mesh.Ref {
	var out []mesh.Ref
	sh := p.snap.Shard(p.target.ref.Namespace)
	for _, a := range sh.Authorizations {
		if names(a.TargetRefs, p.target.ref, a.Namespace) {
			out = append(out, a.Ref())
		}
	}
	for _, a := range sh.RequestAuths {
		if names(a.TargetRefs, p.target.ref, a.Namespace) {
			out = append(out, a.Ref())
		}
	}
	return out
}

func names(targets []mesh.TargetRef, ref mesh.Ref, namespace string) bool {
	for _, t := range targets {
		if t.Kind == ref.Kind && t.Name == ref.Name && (t.Namespace == "" || t.Namespace == namespace) {
			return true
		}
	}
	return false
}

// remarkUnused speaks of policies and routes where no waypoint is asked for.
func (p *plan) remarkUnused(add remarker) {
	if p.bypass != nil || len(p.passages) > 0 {
		return
	}
	for _, ref := range p.attachedToService() {
		add(StateBad, codeTargetNotBound, fmt.Sprintf("%s targets this service, and no waypoint serves it: it is enforced nowhere", ref))
	}
	for _, r := range p.unused {
		add(StateWarn, codeNoWaypoint, fmt.Sprintf("%s names this service, and no waypoint applies it to calls from captured pods", r.Ref()))
	}
}

// remarkRouting speaks of rules beside the split that is drawn.
func (p *plan) remarkRouting(add remarker) {
	for _, r := range p.routing.Rules {
		if r.Dead {
			continue
		}
		if r.Match != nil {
			add(StateOK, "", fmt.Sprintf("requests with %s go to %s (rule %d of %s)", matchText(r.Match), destinations(r), r.Number, r.Route.Ref()))
		}
		p.remarkRule(r, add)
	}
	if p.noDefault {
		add(StateWarn, codeNoDefault, "no rule takes everything: requests that match none get HTTP 404 from the waypoint")
	}
	p.remarkDead(add)
	for _, i := range p.routing.Ignored {
		add(StateWarn, "", fmt.Sprintf("%s has no effect at the waypoint: %s", i.Route.Ref(), i.Reason))
	}
}

func destinations(r Rule) string {
	var out []string
	for _, b := range r.Spec.Backends {
		name := b.Subset
		if name == "" {
			name = b.Host
		}
		if name == "" {
			name = b.Ref.NamespacedName()
		}
		out = append(out, name)
	}
	if len(out) == 0 {
		return "an answer of the waypoint's own"
	}
	return someWords(out)
}

// remarkRule speaks of what a rule does to requests on the way.
func (p *plan) remarkRule(r Rule, add remarker) {
	where := fmt.Sprintf("rule %d of %s", r.Number, r.Route.Ref())
	if f := r.Spec.Fault; f != nil {
		if f.Delay != nil {
			add(StateWarn, codeFault, fmt.Sprintf("%s delays %s of its requests by %s on purpose", where, percent(f.DelayPercent), f.Delay))
		}
		if f.AbortPercent > 0 {
			add(StateWarn, codeFault, fmt.Sprintf("%s aborts %s of its requests with status %d on purpose", where, percent(f.AbortPercent), f.AbortStatus))
		}
	}
	for _, m := range r.Spec.Mirrors {
		add(StateOK, "", fmt.Sprintf("%s copies %s of its requests to %s", where, percent(m.Percent), m.Host+m.Ref.NamespacedName()))
	}
}

// remarkDead names objects that are entirely behind a catch-all.
func (p *plan) remarkDead(add remarker) {
	alive := make(map[*mesh.Route]bool)
	for _, r := range p.routing.Rules {
		if !r.Dead {
			alive[r.Route] = true
		}
	}
	said := make(map[*mesh.Route]bool)
	for _, r := range p.routing.Rules {
		if !alive[r.Route] && !said[r.Route] {
			said[r.Route] = true
			add(StateWarn, codeShadowed, fmt.Sprintf("%s has no effect: an older object for the same host takes every request before it", r.Route.Ref()))
		}
	}
}

// remarkCapture speaks of backends that the mesh does not stand before.
func (p *plan) remarkCapture(add remarker) {
	plain := 0
	for _, b := range p.served() {
		if b.entrance == inTheClear && b.workload != nil && p.snap.Enrolment(b.workload).AskedFor == mesh.FactYes {
			plain++
		}
	}
	if plain > 0 {
		add(StateWarn, codeNotCaptured, fmt.Sprintf("%s of this service is not captured: calls reach it in plaintext and past every policy at ztunnel; its own calls leave without an identity", count(plain, "pod")))
	}
}

// remarkUnknown says what could not be seen.
func (p *plan) remarkUnknown(add remarker) {
	if !p.podsKnown {
		text := "pods were not readable everywhere, so callers elsewhere are not listed and some ztunnels cannot be seen"
		if p.snap.Scope != nil {
			text = fmt.Sprintf("only %s watched, so callers elsewhere are not listed", plural(p.snap.Scope))
		}
		add(StateUnknown, "", text)
	}
	seen := make(map[*authz.Hop]bool)
	for _, b := range p.served() {
		if b.hop != nil && !seen[b.hop] && len(b.hop.Unread) > 0 {
			seen[b.hop] = true
			add(StateUnknown, "", fmt.Sprintf("not all policies are known: %s not readable", words(b.hop.Unread)))
		}
	}
}

func plural(namespaces []string) string {
	if len(namespaces) == 1 {
		return "namespace " + namespaces[0] + " is"
	}
	return "namespaces " + someWords(namespaces) + " are"
}
