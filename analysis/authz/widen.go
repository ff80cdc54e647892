package authz

import (
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// Widening is a pair of ALLOW rules of which one asks for a token and the
// other lets the same request through without: rules are ORed, so the token is
// not required.
type Widening struct {
	// Token and Open are the policies, TokenRule and OpenRule their rules,
	// counted from 1 as written.
	Token, Open         mesh.Ref
	TokenRule, OpenRule int
	// Example is a call without a token that Open admits and no DENY refuses.
	Example Call
}

// Widenings lists the pairs at a hop, with an example for each. port is the
// one the hop stands for. Sources count: rules for different callers do not
// widen each other.
func (h *Hop) Widenings(port uint16) []Widening {
	var asking, others []allowRule
	for _, p := range h.allow {
		for i := range p.rules {
			if r := (allowRule{p.ref, &p.rules[i]}); r.asksForToken() {
				asking = append(asking, r)
			} else {
				others = append(others, r)
			}
		}
	}
	var out []Widening
	for _, token := range asking {
		for _, open := range others {
			if c, ok := h.passesBoth(token.rule, open.rule, port); ok {
				out = append(out, Widening{Token: token.policy, TokenRule: token.number, Open: open.policy, OpenRule: open.number, Example: c})
			}
		}
	}
	return out
}

// allowRule is a rule with the policy it is in.
type allowRule struct {
	policy mesh.Ref
	*rule
}

// asksForToken tells that no request without a token matches the rule: a
// clause needs one in each of its alternatives.
func (r *rule) asksForToken() bool {
	c := Call{From: UnknownIdentity, Request: &tokenless}
	if r.matches(&c).is != no {
		return false
	}
	c.Request = &nothingKnown
	return r.matches(&c).is != no
}

// passesBoth looks for a call that both rules are for, the token aside, and
// that is admitted without one. Calls are put together from what the two rules
// name: where they overlap, the narrower value of a field is mostly in both. A
// prefix beside a suffix is not tried, so that pair can be missed.
func (h *Hop) passesBoth(token, open *rule, port uint16) (Call, bool) {
	var s samples
	s.collect(token)
	s.collect(open)
	for _, from := range s.callers() {
		for _, host := range orUnknown(s.hosts) {
			for _, method := range orUnknown(s.methods) {
				for _, path := range orUnknown(s.paths) {
					c := Call{From: from, Port: port, Request: &Request{Host: host, Method: method, Path: path}}
					if h.widened(token, open, c) {
						c.Request.Token.State = TokenNone
						return c, true
					}
				}
			}
		}
	}
	return Call{}, false
}

func (h *Hop) widened(token, open *rule, c Call) bool {
	if token.matches(&c).is == no {
		return false
	}
	r := *c.Request
	r.Token.State = TokenNone
	c.Request = &r
	return open.matches(&c).is != no && h.denied(&c).Verdict != Deny
}

// samples are values that satisfy the conditions of some rules, one for each.
type samples struct{ identities, hosts, methods, paths []string }

func (s *samples) collect(r *rule) {
	p := policy{rules: []rule{*r}}
	p.conditions(func(c condition) {
		switch c := c.(type) {
		case principalIs:
			s.identities = appendNew(s.identities, c.text.sample())
		case namespaceLike:
			s.identities = appendNew(s.identities, mesh.Principal(mesh.DefaultTrustDomain, strings.ReplaceAll(c.pattern, "*", "x"), "x"))
		case trustDomainIs:
			s.identities = appendNew(s.identities, mesh.Principal(strings.ReplaceAll(c.pattern, "*", "x"), "x", "x"))
		case accountIs:
			s.identities = appendNew(s.identities, mesh.Principal(mesh.DefaultTrustDomain, c.namespace, c.name))
		case hostIs:
			s.hosts = appendNew(s.hosts, c.text.sample())
		case methodIs:
			s.methods = appendNew(s.methods, c.text.sample())
		case pathIs:
			s.paths = appendNew(s.paths, c.sample())
		}
	})
	// What neither names stands for all that the nots of a rule leave over.
	s.identities = appendNew(s.identities, mesh.Principal(mesh.DefaultTrustDomain, "x", "x"))
}

// callers are the identities to try.
func (s *samples) callers() []Identity {
	out := make([]Identity, 0, len(s.identities))
	for _, p := range s.identities {
		out = append(out, Known(p))
	}
	return out
}

// orUnknown adds a value that is none of those named; empty is unknown, and
// right where nobody asks.
func orUnknown(values []string) []string {
	if len(values) == 0 {
		return []string{""}
	}
	return appendNew(slices.Clip(values), Unnamed)
}

// Unnamed is a host, method or path of an example that no rule names.
const Unnamed = "/-unnamed-"

// sample is a text that matches.
func (m textMatch) sample() string {
	switch m.kind {
	case textPresent:
		return "x"
	case textPrefix:
		return m.text + "x"
	case textSuffix:
		return "x" + m.text
	}
	return m.text
}

func (m pathIs) sample() string {
	if m.template == nil {
		return m.text.sample()
	}
	return m.sampled
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
