package views

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// matchWords says what a match asks of a request, one condition a line. All of
// them must hold; none at all is every request.
func matchWords(m *mesh.RouteMatch) []string {
	if m == nil {
		return nil
	}
	var out []string
	add := func(what string, s *mesh.StringMatch) {
		if s != nil {
			out = append(out, what+" "+stringMatchWords(s))
		}
	}
	add("path", m.Path)
	add("method", m.Method)
	add("host", m.Authority)
	add("scheme", m.Scheme)
	add("gRPC service", m.GRPCService)
	add("gRPC method", m.GRPCMethod)
	out = append(out, namedWords("header", m.Headers)...)
	for _, w := range namedWords("header", m.WithoutHeaders) {
		out = append(out, "not: "+w)
	}
	out = append(out, namedWords("query parameter", m.QueryParams)...)
	return append(out, connectionWords(m)...)
}

// connectionWords are the conditions that do not look at the request itself.
func connectionWords(m *mesh.RouteMatch) []string {
	var out []string
	if len(m.SNIHosts) > 0 {
		out = append(out, "SNI is "+strings.Join(m.SNIHosts, " or "))
	}
	if len(m.DestinationIPs) > 0 {
		out = append(out, "address in "+strings.Join(m.DestinationIPs, " or "))
	}
	if m.Port != 0 {
		out = append(out, fmt.Sprintf("port is %d", m.Port))
	}
	if m.SourceNamespace != "" {
		out = append(out, "waypoint is in namespace "+m.SourceNamespace)
	}
	for _, k := range slices.Sorted(maps.Keys(m.SourceLabels)) {
		out = append(out, "caller has label "+k+"="+m.SourceLabels[k])
	}
	return out
}

func stringMatchWords(s *mesh.StringMatch) string {
	switch s.Kind {
	case mesh.MatchPrefix:
		return "begins with " + s.Value
	case mesh.MatchRegex:
		return "matches the expression " + s.Value
	}
	return "is " + s.Value
}

func namedWords(what string, list []mesh.NamedMatch) []string {
	out := make([]string, 0, len(list))
	for _, n := range list {
		if n.Match == nil {
			out = append(out, what+" "+n.Name+" is present")
		} else {
			out = append(out, what+" "+n.Name+" "+stringMatchWords(n.Match))
		}
	}
	return out
}
