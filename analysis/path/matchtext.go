package path

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// matchText says in a few words what a match asks for: "GET /api/*, header
// x-canary: always".
func matchText(m *mesh.RouteMatch) string {
	if m == nil {
		return "everything else"
	}
	var out []string
	add := func(prefix string, s *mesh.StringMatch) {
		if s != nil {
			out = append(out, prefix+stringMatchText(s))
		}
	}
	add("", m.Method)
	add("path ", m.Path)
	add("host ", m.Authority)
	add("scheme ", m.Scheme)
	add("service ", m.GRPCService)
	add("method ", m.GRPCMethod)
	for _, h := range m.Headers {
		out = append(out, "header "+namedText(h))
	}
	for _, h := range m.WithoutHeaders {
		out = append(out, "without header "+namedText(h))
	}
	for _, q := range m.QueryParams {
		out = append(out, "query "+namedText(q))
	}
	for _, h := range m.SNIHosts {
		out = append(out, "SNI "+h)
	}
	for _, d := range m.DestinationIPs {
		out = append(out, "address "+d)
	}
	return someWords(out)
}

func stringMatchText(m *mesh.StringMatch) string {
	switch m.Kind {
	case mesh.MatchPrefix:
		return m.Value + "*"
	case mesh.MatchRegex:
		return "~ " + m.Value
	}
	return m.Value
}

func namedText(n mesh.NamedMatch) string {
	if n.Match == nil {
		return n.Name
	}
	return fmt.Sprintf("%s: %s", n.Name, stringMatchText(n.Match))
}
