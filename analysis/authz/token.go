package authz

import (
	"slices"
	"strings"
)

// Conditions on the token of a request. Without a valid token there are no
// claims, and none of them holds.
type (
	// tokenOf is requestPrincipals: issuer and subject.
	tokenOf struct{ issuer, subject textMatch }
	// claimIs compares one claim, of which one value must match. Nested claims
	// are joined by a dot in Token.Claims.
	claimIs struct {
		name string
		text textMatch
	}
)

func (m tokenOf) holds(c *Call) answer {
	t := c.request().Token
	if a, settled := withoutClaims(t); settled {
		return a
	}
	return t.compare(m.issuer, t.Issuer).and(t.compare(m.subject, t.Subject))
}

func (m claimIs) holds(c *Call) answer {
	t := c.request().Token
	if a, settled := withoutClaims(t); settled {
		return a
	}
	switch {
	case m.name == "iss":
		return t.compare(m.text, t.Issuer)
	case m.name == "sub":
		return t.compare(m.text, t.Subject)
	case t.Claims == nil:
		return open(attrToken)
	}
	return known(slices.ContainsFunc(t.Claims[m.name], m.text.matches))
}

// withoutClaims answers for every state but a valid token.
func withoutClaims(t Token) (a answer, settled bool) {
	switch t.State {
	case TokenUnknown:
		return open(attrToken), true
	case TokenNone, TokenInvalid:
		return known(false), true
	}
	return answer{}, false
}

// compare compares the issuer or the subject. Of a token whose claims are known
// it is known too that it has none; others are taken to have one.
func (t Token) compare(m textMatch, s string) answer {
	switch {
	case s == "" && t.Claims != nil:
		return known(false)
	case m.kind == textPresent:
		return known(true)
	case m.kind == textExact && m.text == "":
		return known(false) // no token has an empty one
	case s == "":
		return open(attrToken)
	}
	return known(m.matches(s))
}

// requestPrincipal reads ISSUER/SUBJECT; the issuer may be a URL, so that the
// last slash divides. "*" alone is any valid token (istiod's authz/model).
func requestPrincipal(v string) condition {
	present := textMatch{kind: textPresent}
	if v == "*" {
		return tokenOf{present, present}
	}
	i := strings.LastIndex(v, "/")
	if i < 0 {
		switch m := parseText(v); m.kind {
		case textSuffix:
			return tokenOf{present, m}
		case textPrefix:
			return tokenOf{m, present}
		}
		// Exact without a slash asks for an empty subject, which no token has.
		return tokenOf{textMatch{text: v}, textMatch{}}
	}
	issuer, subject := textMatch{text: v[:i]}, textMatch{text: v[i+1:]}
	if strings.HasPrefix(v, "*") {
		issuer = parseText(v[:i])
	} else if strings.HasSuffix(v, "*") {
		subject = parseText(v[i+1:])
	}
	return tokenOf{issuer, subject}
}

func claim(names []string) func(string) condition {
	return func(v string) condition { return claimIs{strings.Join(names, "."), parseText(v)} }
}
