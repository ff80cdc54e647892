package authz

import (
	"net/netip"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// Conditions that Envoy's expressions are made of besides those both enforcers
// share.
type (
	allOf  []condition
	anyOf  []condition
	noneOf struct{ condition condition }
	// peerIs compares the caller's SPIFFE ID; a caller without one has none to
	// compare.
	peerIs struct{ text textMatch }
	// headerLike is headerIs with all that Envoy can ask of a header.
	headerLike struct{ match HeaderMatch }
	portWithin struct{ from, to uint32 }
)

func (m allOf) holds(c *Call) answer {
	out := known(true)
	for _, of := range m {
		if out = out.and(of.holds(c)); out.is == no {
			return out
		}
	}
	return out
}

func (m anyOf) holds(c *Call) answer { return anyHolds(m, c) }

func (m noneOf) holds(c *Call) answer { return m.condition.holds(c).not() }

func (m peerIs) holds(c *Call) answer {
	if c.From.Unknown {
		return open(attrIdentity)
	}
	return known(c.From.Principal != "" && m.text.matches("spiffe://"+c.From.Principal))
}

func (m portWithin) holds(c *Call) answer {
	if c.Port == 0 {
		return open(attrPort)
	}
	return known(uint32(c.Port) >= m.from && uint32(c.Port) < m.to)
}

func (m headerLike) holds(c *Call) answer {
	is, known := m.match.Matches(c.request())
	switch {
	case !known:
		return open(headerAttribute(m.match.name))
	case is:
		return answer{is: yes}
	}
	return answer{is: no}
}

func headerAttribute(name string) attributes {
	switch name {
	case ":method":
		return attrMethod
	case ":authority":
		return attrHost
	case ":path":
		return attrPath
	}
	return attrHeader
}

// ofExpression makes a condition of a permission or principal.
func ofExpression(e *mesh.EnvoyExpression) condition {
	switch e.Kind {
	case mesh.EnvoyTrue:
		return allOf{}
	case mesh.EnvoyAnd:
		return allOf(ofExpressions(e.Of))
	case mesh.EnvoyOr:
		return anyOf(ofExpressions(e.Of))
	case mesh.EnvoyNot:
		return noneOf{allOf(ofExpressions(e.Of))}
	case mesh.EnvoyPort:
		return portWithin{e.Port, e.EndPort}
	case mesh.EnvoyDestination:
		return destinationIn{e.Block}
	case mesh.EnvoySource:
		return sourceIn{e.Block}
	case mesh.EnvoyRemote:
		return remoteIn{e.Block}
	case mesh.EnvoyURLTemplate:
		return ofTemplate(e.Name)
	case mesh.EnvoyServerName:
		return unknowable{attrSNI}
	case mesh.EnvoyHeader:
		return headerOf(e.Header)
	}
	return ofText(e)
}

// ofText makes a condition of what is compared with a text.
func ofText(e *mesh.EnvoyExpression) condition {
	text, ok := envoyText(e.Text)
	switch {
	case !ok:
		return unknowable{attrOther}
	case e.Kind == mesh.EnvoyURLPath:
		return pathIs{text: text}
	case e.Kind == mesh.EnvoyPrincipal:
		return peerIs{text}
	case e.Kind == mesh.EnvoyClaim:
		return claimIs{e.Name, text}
	}
	return unknowable{attrOther}
}

func ofExpressions(list []mesh.EnvoyExpression) []condition {
	out := make([]condition, 0, len(list))
	for i := range list {
		out = append(out, ofExpression(&list[i]))
	}
	return out
}

func headerOf(m *mesh.EnvoyHeaderMatch) condition {
	if m == nil {
		return unknowable{attrOther}
	}
	match, ok := ParseEnvoyHeader(m)
	if !ok {
		return unknowable{attrOther}
	}
	return headerLike{match}
}

// constant tells what an expression is for every call, if that is certain.
func constant(e *mesh.EnvoyExpression) truth {
	switch e.Kind {
	case mesh.EnvoyTrue:
		return yes
	case mesh.EnvoyNot:
		return yes - constantOf(e.Of, yes)
	case mesh.EnvoyAnd:
		return constantOf(e.Of, yes)
	case mesh.EnvoyOr:
		return constantOf(e.Of, no)
	}
	return maybe
}

// constantOf combines operands: all of them where the start is yes, one of them
// where it is no.
func constantOf(list []mesh.EnvoyExpression, start truth) truth {
	out := start
	for i := range list {
		if start == yes {
			out = min(out, constant(&list[i]))
		} else {
			out = max(out, constant(&list[i]))
		}
	}
	return out
}

// remoteIn compares the address of the client before all proxies, which is what
// X-Forwarded-For says: whether a gateway added it nobody here can tell where the
// call is described without, and with several addresses it depends on how many
// proxies the waypoint trusts.
type remoteIn struct{ block netip.Prefix }

func (m remoteIn) holds(c *Call) answer {
	ip, err := netip.ParseAddr(strings.TrimSpace(c.request().Headers["x-forwarded-for"]))
	if err != nil {
		return open(attrRemoteIP)
	}
	return known(m.block.Contains(ip.Unmap()))
}
