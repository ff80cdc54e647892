package authz

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// issuer is whose tokens a waypoint accepts.
type issuer struct {
	// ref is the RequestAuthentication; zero where a proxy's memory does not
	// tell.
	ref  mesh.Ref
	name string
	// audiences a token must be for one of; empty is any.
	audiences []string
	// required: a request without a token is refused, which no
	// RequestAuthentication asks for by itself; lenient: one with a token that is
	// not valid passes.
	required, lenient bool
}

// readTokens adds the issuers that are declared, unless for another istiod.
func (h *Hop) readTokens(s *mesh.Snapshot, list []*mesh.RequestAuthentication) {
	for _, r := range list {
		if why, open := otherRevision(s, &r.Meta); why != "" {
			h.tokensUnread = h.tokensUnread || open
			continue
		}
		for i := range r.Rules {
			h.tokens = append(h.tokens, issuer{ref: r.Ref(), name: r.Rules[i].Issuer, audiences: r.Rules[i].Audiences})
		}
	}
}

// token refuses a token that no issuer in effect stands behind, which Envoy
// answers with 401, and one for another audience, which it answers with 403. No
// token at all passes here.
func (h *Hop) token(c *Call) Decision {
	t := c.request().Token
	if len(h.tokens) == 0 || h.lenient() {
		return pass
	}
	switch t.State {
	case TokenInvalid:
		return h.refusesToken(h.tokens[0].ref, statusUnauthorized, "accepts no such token")
	case TokenNone:
		if h.required() {
			d := h.refusesToken(h.tokens[0].ref, statusUnauthorized, "asks for a token, and the request carries none")
			d.Code = mesh.CodeJWTMissing
			return d
		}
	case TokenValid:
		return h.issued(t)
	}
	return pass
}

// issued compares a token with the issuers, as far as it is known.
func (h *Hop) issued(t Token) Decision {
	if t.Issuer == "" && t.Claims == nil {
		return pass
	}
	var names []string
	for _, i := range h.tokens {
		switch {
		case i.name != "" && i.name != t.Issuer:
			names = appendNew(names, i.name)
		case t.Claims == nil || len(i.audiences) == 0 || slices.ContainsFunc(t.Claims["aud"], i.admitsAudience):
			return pass
		default:
			return h.refusesToken(i.ref, statusForbidden, "accepts tokens for "+few(i.audiences, " or ")+" only")
		}
	}
	return h.refusesToken(h.tokens[0].ref, statusUnauthorized, "accepts tokens of "+few(names, " or ")+" only")
}

// admitsAudience compares as Envoy does, which ignores scheme and a slash at
// the end (its jwt_verify_lib).
func (i issuer) admitsAudience(audience string) bool {
	return slices.ContainsFunc(i.audiences, func(a string) bool { return bareAudience(a) == bareAudience(audience) })
}

func bareAudience(s string) string {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
	return strings.TrimSuffix(s, "/")
}

func (h *Hop) refusesToken(by mesh.Ref, status int, why string) Decision {
	who := "the waypoint's token filter"
	if !by.IsZero() {
		who = by.String()
	}
	return Decision{Verdict: Deny, Code: mesh.CodeJWTInvalid, Policy: by, Status: status, Reason: fmt.Sprintf("%s %s", who, why)}
}

func (h *Hop) lenient() bool {
	return slices.ContainsFunc(h.tokens, func(i issuer) bool { return i.lenient })
}

func (h *Hop) required() bool {
	return slices.ContainsFunc(h.tokens, func(i issuer) bool { return i.required })
}

// judged reduces a token to what this waypoint makes of it: without any issuer
// nothing reads it and there are no claims.
func (h *Hop) judged(r *Request) *Request {
	reads := len(h.tokens) > 0 || h.tokensUnread
	lost := !reads || (h.lenient() && r.Token.State == TokenInvalid)
	if !lost || r.Token.State == TokenNone {
		return r
	}
	if r == &nothingKnown {
		return &tokenless
	}
	out := *r
	out.Token = Token{State: TokenNone}
	return &out
}
