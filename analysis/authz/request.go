package authz

import (
	"regexp"
	"strings"
)

// Conditions on an HTTP request, which only a waypoint can see.
type (
	hostIs   struct{ text textMatch }
	methodIs struct{ text textMatch }
	pathIs   struct {
		text     textMatch
		template *regexp.Regexp // of a URI template; nil for a plain match
		sampled  string         // a path the template matches
	}
	headerIs struct {
		name string
		text textMatch
	}
)

func (m hostIs) holds(c *Call) answer {
	h := c.request().Host
	if h == "" {
		return open(attrHost)
	}
	return known(m.text.matches(strings.ToLower(h)))
}

func (m methodIs) holds(c *Call) answer {
	method := c.request().Method
	if method == "" {
		return open(attrMethod)
	}
	return known(m.text.matches(method))
}

// holds compares the path without its query, as Envoy's path matcher does.
func (m pathIs) holds(c *Call) answer {
	p, _, _ := strings.Cut(c.request().Path, "?")
	switch {
	case p == "":
		return open(attrPath)
	case m.template != nil:
		return known(m.template.MatchString(p))
	}
	return known(m.text.matches(p))
}

func (m headerIs) holds(c *Call) answer {
	v, there, isKnown := c.request().header(m.name)
	if !isKnown {
		return open(headerAttribute(m.name))
	}
	return known(there && (m.text.kind == textPresent || m.text.matches(v)))
}

func host(v string) condition   { return hostIs{parseText(strings.ToLower(v))} }
func method(v string) condition { return methodIs{parseText(v)} }

func path(v string) condition {
	if isTemplate(v) {
		return ofTemplate(envoyTemplate.Replace(v))
	}
	return pathIs{text: parseText(v)}
}

// ofTemplate compares with a template of Envoy's. One that Envoy does not accept
// is refused by istiod's validation, and by Envoy where that is passed by: what
// holds then nobody here can tell.
func ofTemplate(pattern string) condition {
	re := templateRegex(pattern)
	if re == nil {
		return unknowable{attrOther}
	}
	return pathIs{template: re, sampled: strings.NewReplacer("**", "x", "*", "x").Replace(pattern)}
}
