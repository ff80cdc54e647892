package authz

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// Decide says what the hop does with a call, in the enforcer's own order: at
// ztunnel STRICT and DENY, then ALLOW (istio.md A.7); at a waypoint CUSTOM,
// the token, DENY, ALLOW (C.4). A refusal that is certain beats an earlier
// step that is open, since the call is refused either way. A token nobody said
// anything about may be absent or valid, and is not taken for an invalid one.
func (h *Hop) Decide(c Call) Decision {
	if h.Enforcer == Waypoint {
		c.Request = h.judged(h.paths.tidied(c.request()))
	}
	d := h.decide(&c)
	if d.Verdict == Deny && d.Status == 0 && h.Enforcer == Waypoint && !h.tcp {
		d.Status = statusForbidden
	}
	return d
}

func (h *Hop) decide(c *Call) Decision {
	var opens []Decision
	var last Decision
	for _, step := range [...]func(*Call) Decision{h.strict, h.authorizer, h.token, h.denied, h.admitted} {
		last = step(c)
		switch last.Verdict {
		case Deny:
			return last
		case Undetermined:
			opens = append(opens, last)
		}
	}
	if h.then != nil {
		if last = h.then.decide(c); last.Verdict == Undetermined {
			opens = append(opens, last)
		}
	}
	if len(opens) > 0 && last.Verdict != Deny {
		return first(opens)
	}
	return last
}

// first keeps the earliest open step and unites what all of them miss.
func first(opens []Decision) Decision {
	out := opens[0]
	for _, d := range opens[1:] {
		out.Missing = union(out.Missing, d.Missing)
		out.Unread = union(out.Unread, d.Unread)
	}
	return out
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// pass is a step that has nothing against the call.
var pass = Decision{Verdict: Allow}

// strict is the policy istiod makes of PeerAuthentications: DENY whoever
// presents no identity. What a ztunnel has loaded has it among the others.
func (h *Hop) strict(c *Call) Decision {
	if h.Enforcer != Ztunnel || h.Loaded || c.From.Principal != "" {
		return pass
	}
	switch {
	case c.From.Unknown && h.Mode.StrictOn(c.Port):
		return Decision{
			Verdict: Undetermined, Code: mesh.CodeStrictPlaintext, Policy: h.Mode.deciding(c.Port), Missing: attrIdentity.names(),
			Reason: "mTLS is required here (STRICT), and it is not known whether the caller uses it",
		}
	case len(h.Mode.Unread) > 0:
		return Decision{
			Verdict: Undetermined, Code: mesh.CodeStrictPlaintext, Unread: h.Mode.Unread,
			Reason: "the caller uses no mTLS, and the PeerAuthentications that may forbid it were not readable",
		}
	case !c.From.Unknown && h.Mode.StrictOn(c.Port):
		by := h.Mode.deciding(c.Port)
		return Decision{
			Verdict: Deny, Code: mesh.CodeStrictPlaintext, Policy: by,
			Reason: fmt.Sprintf("%s requires mTLS (STRICT), and the call is plaintext", by),
		}
	}
	return pass
}

func (h *Hop) denied(c *Call) Decision {
	out := pass
	for _, p := range h.deny {
		a, r := p.matches(c)
		switch {
		case a.is == yes:
			return Decision{Verdict: Deny, Code: h.denyCode(p, c), Policy: p.ref, Rule: r.number, Reason: r.decides}
		case a.is == maybe && out.Verdict == Allow:
			out = h.opened(p, r, a, cmp.Or(p.code, mesh.CodePolicyDenied))
		}
	}
	if len(h.Unread) > 0 && out.Verdict == Allow {
		return Decision{Verdict: Undetermined, Unread: h.Unread, Reason: "not all policies were readable: " + list(h.Unread)}
	}
	return out
}

// opened is a decision that a rule makes depending on what is missing.
func (h *Hop) opened(p *policy, r *rule, a answer, code string) Decision {
	return Decision{Verdict: Undetermined, Code: code, Policy: p.ref, Rule: r.number, Missing: a.missing.names(), Reason: h.depending(r, a.missing)}
}

// depending words an open decision, once for each rule and what it misses.
func (h *Hop) depending(r *rule, missing attributes) string {
	type key struct {
		rule    *rule
		missing attributes
	}
	if v, ok := h.texts.Load(key{r, missing}); ok {
		if text, ok := v.(string); ok {
			return text
		}
	}
	text := r.decides + " depending on " + missing.sentence()
	if r.open != "" {
		text = r.open
	}
	h.texts.Store(key{r, missing}, text)
	return text
}

// denyCode tells a DENY that fired only because the token is missing.
func (h *Hop) denyCode(p *policy, c *Call) string {
	if p.code != "" {
		return p.code
	}
	if c.request().Token.State == TokenNone && len(h.tokens) > 0 {
		if a, _ := p.matches(withUnknownToken(c)); a.is != yes {
			return mesh.CodeJWTMissing
		}
	}
	return mesh.CodePolicyDenied
}

func (h *Hop) admitted(c *Call) Decision {
	if len(h.allow) == 0 {
		return Decision{Verdict: Allow, Reason: "no ALLOW policy is in effect, so everything not denied is allowed"}
	}
	var opened Decision
	sum := known(false)
	for _, p := range h.allow {
		a, r := p.matches(c)
		if a.is == yes {
			return Decision{Verdict: Allow, Policy: p.ref, Rule: r.number, Reason: r.decides}
		}
		if a.is == maybe && opened.Verdict == "" {
			opened = h.opened(p, r, a, mesh.CodeNoneAllowed)
		}
		sum = sum.or(a)
	}
	if opened.Verdict == "" {
		return h.none(c)
	}
	opened.Missing = sum.missing.names()
	return opened
}

// none explains why no ALLOW policy admits a call.
func (h *Hop) none(c *Call) Decision {
	d := Decision{Verdict: Deny, Code: mesh.CodeNoneAllowed, Policy: h.allow[0].ref}
	if len(h.Unread) > 0 {
		return Decision{Verdict: Undetermined, Code: mesh.CodeNoneAllowed, Unread: h.Unread, Reason: "no ALLOW policy that was readable admits it, and not all were"}
	}
	switch {
	case c.From == NoIdentity && h.mayAdmit(withUnknownIdentity(c)):
		d.Code, d.Reason = mesh.CodeNoIdentity, fmt.Sprintf("allow policies exist (%s) and ask for an identity, and the caller presents none", h.allowText)
	case h.Enforcer == Waypoint && c.request().Token.State == TokenNone && len(h.tokens) > 0 && h.mayAdmit(withUnknownToken(c)):
		d.Code, d.Reason = mesh.CodeJWTMissing, fmt.Sprintf("allow policies exist (%s) and ask for a token, and the request carries none", h.allowText)
	default:
		d.Reason, d.nobody = h.noneText, h
	}
	return d
}

func (h *Hop) noneAllows(who string) string {
	return fmt.Sprintf("allow policies exist (%s), but none allows %s", h.allowText, who)
}

func (h *Hop) mayAdmit(c *Call) bool {
	for _, p := range h.allow {
		if a, _ := p.matches(c); a.is != no {
			return true
		}
	}
	return false
}

func withUnknownIdentity(c *Call) *Call {
	out := *c
	out.From = UnknownIdentity
	return &out
}

func withUnknownToken(c *Call) *Call {
	out, r := *c, *c.request()
	r.Token = Token{}
	out.Request = &r
	return &out
}
