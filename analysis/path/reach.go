package path

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// Codes of hops on the destination's side.
const (
	codeWrongPeer      = "PEER_IDENTITY_MISMATCH"
	codePortUnresolved = "SERVICE_PORT_UNRESOLVED"
)

// reach ends a way at a backend: over the network, past the ztunnel before it,
// to the application.
func (q *question) reach(w *way, b *backend) []end {
	t := w.transportTo(b)
	h := Hop{Kind: HopDestinationZtunnel, Node: b.node, Name: "ztunnel", Transport: t, Result: HopPass, Basis: Expected}
	if b.entrance != throughZtunnel {
		h = q.backendHop(b, t)
	} else if pod := mesh.ReadyPod(q.snap.Ztunnels(b.node)); pod != nil {
		h.Name, h.Ref = pod.Name, pod.Ref()
	}
	if t == HBONE {
		h.Identity = spiffe(w.from)
	}
	if ends := q.connects(w, h, b, t); ends != nil {
		return ends
	}
	switch {
	case b.entrance == throughZtunnel:
		return q.throughDestination(w, h, b, t)
	case b.unfollowed:
		return w.unknown(h, "%s has a proxy of its own, and what its policies decide is not followed here", b.name())
	case b.workload != nil && b.workload.Claimed() == mesh.FactPending:
		return w.fail(h, codeRedirectionPending, w.refused(), "the traffic of %s is redirected to a ztunnel that never took the pod (redirection pending)", b.name())
	}
	return q.application(w, b, t)
}

// transportTo is how the sender carries the call: HBONE where it can and the
// destination takes it, as far as the sender knows.
func (w *way) transportTo(b *backend) Transport {
	switch {
	case w.uses != HBONE:
		return Plaintext
	case b.sent != "":
		return b.sent
	}
	return b.transport()
}

// connects asks whether a connection to the backend comes about.
func (q *question) connects(w *way, h Hop, b *backend, t Transport) []end {
	if b.stale {
		h.Basis = Seen
		return w.fail(h, codeDrift, w.late(), "the sender still has %s at %s, where no pod of that name is any more", b.owner.NamespacedName(), b.address)
	}
	if n := q.otherNetwork(w, b); n != "" {
		return w.unknown(h, "%s is on the network %s: calls between networks go through gateways, which are not followed here", b.name(), n)
	}
	if ends := w.netpolStop(h, q.blocked(w, b.workload, b.ip(), b.port, t)); ends != nil {
		return ends
	}
	if t != HBONE {
		return nil
	}
	if b.entrance == inTheClear {
		return w.fail(h, codeDrift, w.cut(), "the sender takes %s for a pod that speaks HBONE, and nothing takes HBONE there", b.name())
	}
	if w.behind == nil {
		if c := q.certificate(w.node, w.from.Principal); c.code != "" {
			h.Evidence, h.Basis = append(h.Evidence, c.evidence...), Seen
			return w.fail(h, c.code, w.cut(), "%s", c.text)
		}
	}
	if b.workload != nil && b.peer != "" && b.peer != orDefault(b.workload.ServiceAccount) {
		return w.fail(h, codeWrongPeer, w.cut(), "the sender expects the account %s at %s, which runs as %s", b.peer, b.name(), orDefault(b.workload.ServiceAccount))
	}
	return nil
}

func orDefault(account string) string {
	if account == "" {
		return "default"
	}
	return account
}

// otherNetwork names the network of a backend that is not the sender's.
func (q *question) otherNetwork(w *way, b *backend) string {
	if b.workload == nil || len(w.pods) == 0 || b.workload.Network == "" || w.pods[0].Network == "" || b.workload.Network == w.pods[0].Network {
		return ""
	}
	return b.workload.Network
}

// throughDestination passes the ztunnel of a captured backend.
func (q *question) throughDestination(w *way, h Hop, b *backend, t Transport) []end {
	if b.noZtunnel {
		h.Ref = mesh.Ref{Kind: "Node", Name: b.node}
		return w.fail(h, codeZtunnelMissing, w.refused(), "node %s has no ready ztunnel, so nothing takes calls for the captured pods there", b.node)
	}
	if l := q.servedLocally(b.workload); l.code != "" {
		h.Evidence = append(h.Evidence, l.evidence...)
		if len(l.evidence) > 0 {
			h.Basis = Seen
		}
		return w.fail(h, l.code, w.refused(), "%s", l.text)
	}
	from := authz.NoIdentity
	if t == HBONE {
		from = w.from
		if c := q.certificate(b.node, b.workload.Principal(q.trust)); c.code != "" {
			h.Evidence, h.Basis = append(h.Evidence, c.evidence...), Seen
			return w.fail(h, c.code, w.cut(), "%s", c.text)
		}
	}
	if ends := q.judgedAtZtunnel(w, &h, b, from); ends != nil {
		return ends
	}
	w.through(h)
	return q.application(w, b, Local)
}

// judgedAtZtunnel asks the policies at the backend's ztunnel: those it has in
// memory where that was read, else those the API declares.
func (q *question) judgedAtZtunnel(w *way, h *Hop, b *backend, from authz.Identity) []end {
	call := authz.Call{From: from, Destination: b.ip(), Port: b.port}
	expected := decideFrom(b.hop, call, w.pods)
	d := expected
	h.Evidence = append(h.Evidence, declaredBy(expected, from)...)
	if hop := q.loadedAt(b); hop != nil {
		d = decideFrom(hop, call, w.pods)
		h.Basis = Seen
		h.Contradiction = differ(expected, d, "the ztunnel on "+b.node)
		h.Evidence = append(h.Evidence, Evidence{Source: "ztunnel/" + b.node, Object: b.workload.Ref(), Field: "policies", Text: d.ReasonFor(from)})
	}
	note(h, d, from)
	switch {
	case d.Refused():
		h.Result = HopDeny
		e := q.refusedBy(w, b, d, from, call)
		h.Code = q.refusalCode(w, b.hop, d, call)
		if h.Contradiction != "" {
			h.Code = q.staleCode(h.Ref)
			e.code = h.Code
		}
		return w.stop(*h, e)
	case d.Verdict == authz.Undetermined:
		return w.unknown(*h, "whether the ztunnel before %s lets the call in is open: %s", b.name(), d.Reason)
	case h.Contradiction != "":
		h.Code = q.staleCode(h.Ref)
	}
	return nil
}

// refusedBy is the ending of a call that the ztunnel before a backend refuses.
// Its code is that of what went wrong before, where that is why it comes to be
// judged there.
func (q *question) refusedBy(w *way, b *backend, d authz.Decision, from authz.Identity, call authz.Call) ending {
	e := ending{verdict: Unreachable, code: q.refusalCode(w, b.hop, d, call), outcome: w.cut()}
	e.summary = fmt.Sprintf("the ztunnel before %s refuses the call: %s", b.name(), d.ReasonFor(from))
	switch {
	case w.behind != nil:
		e.summary = fmt.Sprintf("the ztunnel before %s sees the waypoint (%s) as the caller and refuses the call: %s", b.name(), authz.ShortPrincipal(from.Principal, b.workload.Namespace), d.ReasonFor(from))
	case w.past != nil && w.past.code != "" && w.past.state == StateBad:
		if q.admitsWaypoint(b, w.past.ref, call) {
			e.code = w.past.code
		}
		e.summary = fmt.Sprintf("the call goes past waypoint %s (%s) and %s", w.past.ref.NamespacedName(), strings.TrimSuffix(w.past.explain, "."), e.summary)
	case w.unheld == codeNotCaptured && from == authz.NoIdentity:
		e.code = w.unheld
		e.summary = "the caller is not captured by the mesh and calls without an identity: " + e.summary
	}
	return e
}

// admitsWaypoint tells that the pod lets in the waypoint that a call goes past,
// or another one of the mesh (its name may be the mistake): then that it does
// not pass it is why the call is refused.
func (q *question) admitsWaypoint(b *backend, past mesh.Ref, call authz.Call) bool {
	admits := func(principal string) bool {
		call.From = authz.Known(principal)
		return b.hop.Decide(call).Verdict == authz.Allow
	}
	return admits(mesh.Principal(q.trust, past.Namespace, past.Name)) ||
		slices.ContainsFunc(q.snap.Waypoints(), func(w *mesh.Waypoint) bool { return admits(w.Principal(q.trust)) })
}

// loadedAt is the enforcement point before a backend as its ztunnel has it;
// nil where that is not known.
func (q *question) loadedAt(b *backend) *authz.Hop {
	d := q.ztunnelDump(b.node)
	if d == nil {
		return nil
	}
	x := workloadOf(d, b.workload)
	if x == nil {
		return nil
	}
	return authz.FromZtunnel(d, x, authz.PeerModeOf(q.snap, b.workload))
}

// differ says where what a proxy has in memory and what the API declares
// decide otherwise; empty where they agree or one is open.
func differ(expected, found authz.Decision, who string) string {
	if expected.Verdict == found.Verdict || expected.Verdict == authz.Undetermined || found.Verdict == authz.Undetermined {
		return ""
	}
	verb := map[authz.Verdict]string{authz.Allow: "admits it", authz.Deny: "refuses it"}
	return fmt.Sprintf("By the API the call would be met so: %s (%s). By what it has in memory %s %s: %s.", verb[expected.Verdict], expected.Reason, who, verb[found.Verdict], found.Reason)
}

// refusalCode is the code of the finding that explains a refusal, else the
// decision's own hop code.
func (q *question) refusalCode(w *way, hop *authz.Hop, d authz.Decision, call authz.Call) string {
	switch {
	case w.behind != nil && d.Code != authz.CodeStrictPlaintext:
		return identityCode(d)
	case d.Code == authz.CodeNoneAllowed && onlyVoid(hop):
		return codeL7DeniesAll
	case d.Code == authz.CodeNoneAllowed && otherPort(hop, call, q.to.port.Port):
		return codePortMismatch
	case d.Code == authz.CodePolicyDenied && q.broader(d):
		return codeDenyBroader
	}
	return d.Code
}

// otherPort tells that a hop which refuses a call would admit it on another
// port: policies name the one that their enforcer never sees (istio.md C.4).
func otherPort(h *authz.Hop, call authz.Call, port uint16) bool {
	if port == 0 || port == call.Port {
		return false
	}
	call.Port = port
	return h.Decide(call).Verdict == authz.Allow
}

// broader tells that the rule which denies a call asks for HTTP as well, which
// ztunnel cuts.
func (q *question) broader(d authz.Decision) bool {
	p, ok := q.snap.Lookup(d.Policy).(*mesh.AuthorizationPolicy)
	return ok && d.Rule > 0 && d.Rule <= len(p.Rules) && len(authz.HTTPFields(&p.Rules[d.Rule-1])) > 0
}

// Codes of findings about policies that do something else than they say.
const (
	codeL7DeniesAll  = "AUTHZ_L7_DENIES_ALL"
	codePortMismatch = "AUTHZ_PORT_MISMATCH"
	codeDenyBroader  = "AUTHZ_DENY_BROADER"
	codeHTTPOnTCP    = "AUTHZ_HTTP_ON_TCP_PORT"
)

// onlyVoid tells that every ALLOW policy with rules lost all of them.
func onlyVoid(h *authz.Hop) bool {
	some := false
	for _, a := range h.Attached {
		if a.Idle != "" || (a.Policy.Action != "" && a.Policy.Action != authz.ActionAllow) || len(a.Policy.Rules) == 0 {
			continue
		}
		if !a.Void() {
			return false
		}
		some = true
	}
	return some
}

// backendHop is the place a call ends at.
func (q *question) backendHop(b *backend, t Transport) Hop {
	h := Hop{Kind: HopBackend, Name: b.name(), Node: b.node, Ref: b.owner, Transport: t, Result: HopPass, Basis: Expected}
	if b.workload != nil {
		h.Ref = b.workload.Ref()
	}
	return h
}

// application ends a way at the pod. Whether somebody listens on the port is
// not declared anywhere: container ports are for the reader only.
func (q *question) application(w *way, b *backend, t Transport) []end {
	h := q.backendHop(b, t)
	switch {
	case b.port == 0:
		return w.fail(h, codePortUnresolved, w.cut(), "%s has no port by the name the Service asks for", b.name())
	case b.entrance == inTheClear && q.snap.Enrolment(b.workload).AskedFor == mesh.FactYes:
		h.Code = codeNotCaptured
		h.Explain = fmt.Sprintf("%s takes the call on port %d in plaintext: it is not captured, so no policy at ztunnel protects it.", b.name(), b.port)
	case b.entrance == inTheClear:
		h.Explain = fmt.Sprintf("%s takes the call on port %d in plaintext: it is not in the mesh.", b.name(), b.port)
	case b.entrance == ownProxy:
		h.Explain = fmt.Sprintf("%s takes the call through a proxy of its own.", b.name())
	case b.entrance == outsideCluster:
		h.Explain = fmt.Sprintf("%s is outside the cluster: what it answers is out of the mesh's sight.", b.name())
	default:
		h.Explain = fmt.Sprintf("%s takes the call on port %d.", b.name(), b.port)
	}
	way := ""
	if w.behind != nil {
		way = " through waypoint " + w.behind.ref.NamespacedName()
	}
	return w.arrive(h, "the call reaches %s%s", b.name(), way)
}
