package kube

import (
	"maps"
	"slices"

	"github.com/waylight/waylight/mesh"
)

func vsMatch(in *vsHTTPMatch, i, j int, c *checker) mesh.RouteMatch {
	return mesh.RouteMatch{
		Name:            in.Name,
		Path:            in.URI.match(),
		Scheme:          in.Scheme.match(),
		Method:          in.Method.match(),
		Authority:       in.Authority.match(),
		Headers:         vsNamed(in.Headers),
		WithoutHeaders:  vsNamed(in.WithoutHeaders),
		QueryParams:     vsNamed(in.QueryParams),
		IgnoreURICase:   in.IgnoreURICase,
		Port:            c.port(in.Port, "spec.http[].match[].port", i, j),
		SourceLabels:    shareMap(in.SourceLabels),
		SourceNamespace: share(in.SourceNamespace),
		Gateways:        shareAll(in.Gateways),
	}
}

// match is nil where nothing is compared.
func (m *stringMatch) match() *mesh.StringMatch {
	switch {
	case m == nil:
		return nil
	case m.Exact != nil:
		return &mesh.StringMatch{Kind: mesh.MatchExact, Value: *m.Exact}
	case m.Prefix != nil:
		return &mesh.StringMatch{Kind: mesh.MatchPrefix, Value: *m.Prefix}
	case m.Regex != nil:
		return &mesh.StringMatch{Kind: mesh.MatchRegex, Value: *m.Regex}
	}
	return nil
}

// vsNamed lists matches by name. An empty match asks for presence.
func vsNamed(in map[string]*stringMatch) []mesh.NamedMatch {
	var out []mesh.NamedMatch
	for _, name := range slices.Sorted(maps.Keys(in)) {
		out = append(out, mesh.NamedMatch{Name: share(name), Match: in[name].match()})
	}
	return out
}
