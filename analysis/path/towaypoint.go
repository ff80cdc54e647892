package path

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// toWaypoint sends a way to the waypoint of a plan. h is the ztunnel, sidecar
// or gateway that sends it.
func (q *question) toWaypoint(w *way, h Hop, p *plan) []end {
	pass := p.passages[0]
	h.Explain = cmp.Or(h.Explain, fmt.Sprintf("The call goes to waypoint %s by HBONE.", pass.ref.NamespacedName()))
	if t := q.certificate(w.node, w.from.Principal); t.code != "" {
		h.show(t.evidence...)
		h.Explain = ""
		return w.fail(h, t.code, reset, "%s", t.text)
	}
	w.through(h)
	hop := Hop{Kind: HopWaypoint, Name: pass.ref.NamespacedName(), Ref: pass.ref, Transport: HBONE, Identity: spiffe(w.from), Result: HopPass, Basis: cmp.Or(pass.basis, Expected)}
	hop.show(pass.evidence...)
	switch pass.state {
	case StateUnknown:
		return w.unknown(hop, "Waypoint %s: %s", pass.ref.NamespacedName(), pass.explain)
	case StateBad:
		return w.fail(hop, pass.code, reset, "every call to %s fails at waypoint %s: %s", q.to.place(), pass.ref.NamespacedName(), pass.explain)
	}
	pods := q.waypointPods(pass)
	if len(pods) == 0 {
		return q.onWaypoint(w, hop, p, waypointPod{})
	}
	return split(w, pods, func(w *way, x waypointPod) []end { return q.onWaypoint(w, hop, p, x) })
}

// waypointPod is one of a waypoint's pods; the zero value stands for one that
// nothing is known of.
type waypointPod struct {
	*mesh.Workload
	address string
	stale   bool // the caller's ztunnel has an address that is no more
}

func (x waypointPod) key() waypointPod { return x }

func (x waypointPod) parts() int { return 1 }

func (x waypointPod) name() string {
	if x.Workload == nil {
		return "waypoint at " + x.address
	}
	return x.Name
}

// waypointPods are the pods that may take a call: the endpoints that the
// caller's ztunnel has, else the ready ones.
func (q *question) waypointPods(pass *passage) []waypointPod {
	var out []waypointPod
	for i := range pass.endpoints {
		e := &pass.endpoints[i]
		out = append(out, waypointPod{Workload: e.pod(q.snap), address: e.ip(), stale: e.stale(q.snap)})
	}
	if len(out) > 0 {
		return out
	}
	for _, w := range pass.pods() {
		if w.Ready && !w.Finished() {
			out = append(out, waypointPod{Workload: w})
		}
	}
	return out
}

// onWaypoint is a call at one pod of a waypoint: reached, judged and routed.
func (q *question) onWaypoint(w *way, h Hop, p *plan, pod waypointPod) []end {
	pass := p.passages[0]
	h.Transport = HBONE
	if pod.stale {
		h.Basis = Seen
		return w.fail(h, mesh.CodeWaypointUnreachable, w.late(), "the ztunnel on %s sends to %s, an address that waypoint %s has no longer", w.node, pod.address, pass.ref.NamespacedName())
	}
	if pod.Workload != nil {
		h.Node = pod.Node
		if ends := w.netpolStop(h, q.blocked(w, pod.Workload, netip.Addr{}, mesh.PortHBONE, HBONE)); ends != nil {
			return ends
		}
		if t := q.waypointCertificate(pod.Workload); t.code != "" {
			h.show(t.evidence...)
			h.Basis = Seen
			return w.fail(h, t.code, reset, "%s", t.text)
		}
	}
	l := q.loadedFor(p, pod)
	if l.dump != nil && l.chain == nil {
		return q.noChain(w, h, p, &l)
	}
	if ends := q.judgedAtWaypoint(w, &h, p, &l); ends != nil {
		return ends
	}
	w.behind, w.http = pass, p.http()
	switch {
	case p.pod != nil:
		w.through(h)
		w.leave(q, pass, pod)
		p.pod.sent = ""
		return q.reach(w, p.pod)
	case l.chain != nil:
		w.http = l.chain.HTTP
		return q.byLoaded(w, h, p, pod, &l)
	}
	return q.route(w, h, p, pod)
}

// leave makes the waypoint the one that sends the call: from here on it is who
// others see (istio.md C.4).
func (w *way) leave(q *question, pass *passage, pod waypointPod) {
	w.from, w.uses = pass.identity(q.trust), HBONE
	w.pods, w.node = pass.pods(), ""
	if pod.Workload != nil {
		w.pods, w.node = []*mesh.Workload{pod.Workload}, pod.Node
	}
}

// judgedAtWaypoint asks the policies at the waypoint; ends where they refuse
// the call or where it is not known whether they do.
func (q *question) judgedAtWaypoint(w *way, h *Hop, p *plan, l *loaded) []end {
	pass := p.passages[0]
	call := q.call(w, q.to.ip, p.port.Port)
	if !p.http() {
		call.Request = nil
	}
	expected := decideFrom(pass.hop, call, w.pods)
	d := expected
	h.show(declaredBy(expected, w.from)...)
	if l.hop != nil {
		if call.Request = nil; l.chain.HTTP {
			call.Request = q.seen()
		}
		d = decideFrom(l.hop, call, w.pods)
		seenAtWaypoint(h, l, expected, d, w.from)
	}
	note(h, d, w.from)
	if q.request.Token.State == authz.TokenUnknown && call.Request != nil && call.Request.Token.State == authz.TokenValid {
		h.Explain += " The token's signature is taken for valid: it cannot be checked here."
	}
	if h.Contradiction != "" {
		h.Code = q.staleCode(l.dump.Pod)
	}
	switch {
	case d.Refused():
		h.Result = HopDeny
		h.Code = cmp.Or(misplaced(pass.hop, call, p.port), h.Code)
		return w.stop(*h, ending{
			verdict: Unreachable, code: h.Code, outcome: refusal(d),
			summary: fmt.Sprintf("waypoint %s refuses the call: %s", pass.ref.NamespacedName(), d.ReasonFor(w.from)),
		})
	case d.Verdict == authz.Undetermined:
		return w.unknown(*h, "whether waypoint %s lets the call pass is open: %s", pass.ref.NamespacedName(), d.Reason)
	}
	return nil
}

// misplaced is the finding about policies at a waypoint that ask for what it
// does not see: HTTP on a port that carries none, the pods' port in the place of
// the Service's. Empty where they do not.
func misplaced(h *authz.Hop, call authz.Call, port mesh.ServicePort) string {
	target, err := strconv.ParseUint(port.TargetPort, 10, 16)
	switch {
	case call.Request == nil && onlyVoid(h):
		return codeHTTPOnTCP
	case err == nil && otherPort(h, call, uint16(target)):
		return codePortMismatch
	}
	return ""
}

// note writes a decision into a hop.
func note(h *Hop, d authz.Decision, from authz.Identity) {
	h.Code, h.DecidedBy = d.Code, d.Policy
	h.Explain = sentence(d.ReasonFor(from))
}

// declaredBy is the policy behind a decision that was made by what the API
// declares.
func declaredBy(d authz.Decision, from authz.Identity) []Evidence {
	if d.Policy.IsZero() {
		return nil
	}
	field := "spec"
	if d.Rule > 0 {
		field = fmt.Sprintf("spec.rules[%d]", d.Rule-1)
	}
	return []Evidence{{Source: mesh.KubernetesSource, Object: d.Policy, Field: field, Text: d.ReasonFor(from)}}
}

// refusal is what a client sees whom policies at a waypoint refuse.
func refusal(d authz.Decision) Outcome {
	switch {
	case d.Status == 0:
		return Outcome{Kind: OutcomeReset, Text: "The connection is cut by the waypoint."}
	case d.Code == mesh.CodeJWTInvalid:
		return answered(d.Status, "the waypoint: the token is not accepted")
	case d.Code == mesh.CodeExtAuthzDenied:
		return answered(d.Status, "the waypoint")
	}
	return answered(d.Status, `the waypoint ("RBAC: access denied")`)
}
