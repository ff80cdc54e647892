package path

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// judgedAtZtunnel asks the policies at the backend's ztunnel: those it has in
// memory where that was read, else those the API declares.
func (q *question) judgedAtZtunnel(w *way, h *Hop, b *backend, from authz.Identity) []end {
	call := authz.Call{From: from, Destination: b.ip(), Port: b.port}
	expected := decideFrom(b.hop, call, w.pods)
	d := expected
	h.show(declaredBy(expected, from)...)
	if hop := q.loadedAt(b); hop != nil {
		d = decideFrom(hop, call, w.pods)
		h.Basis = Seen
		h.Contradiction = differ(expected, d, "the ztunnel on "+b.node)
		h.show(Evidence{Source: "ztunnel/" + b.node, Object: b.workload.Ref(), Field: "policies", Text: d.ReasonFor(from)})
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
	case w.behind != nil && d.Code != mesh.CodeStrictPlaintext:
		return identityCode(d)
	case d.Code == mesh.CodeNoneAllowed && onlyVoid(hop):
		return codeL7DeniesAll
	case d.Code == mesh.CodeNoneAllowed && otherPort(hop, call, q.to.port.Port):
		return codePortMismatch
	case d.Code == mesh.CodePolicyDenied && q.broader(d):
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
