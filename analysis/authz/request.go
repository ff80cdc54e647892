package authz

import "strings"

// Conditions on an HTTP request, which only a waypoint can see.
type (
	hostIs   struct{ text textMatch }
	methodIs struct{ text textMatch }
	pathIs   struct {
		text     textMatch
		template string // a URI template; empty for a plain match
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
	case m.template != "":
		return known(template(m.template, p))
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
		return pathIs{template: v}
	}
	return pathIs{text: parseText(v)}
}
