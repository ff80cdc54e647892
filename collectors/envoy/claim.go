package envoy

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

// rawMetadataPath compares what a filter before has left, of which istiod asks
// for the claims of a token.
type rawMetadataPath struct {
	Filter string         `json:"filter"`
	Path   jsontext.Value `json:"path"`
	Value  jsontext.Value `json:"value"`
	Invert bool           `json:"invert"`
}

type rawSegment struct {
	Key string `json:"key"`
}

// rawValueMatch is Envoy's ValueMatcher.
type rawValueMatch struct {
	StringMatch  *rawStringMatch `json:"string_match"`
	PresentMatch *bool           `json:"present_match"`
	ListMatch    *struct {
		OneOf jsontext.Value `json:"one_of"`
	} `json:"list_match"`
	OrMatch *struct {
		Matchers jsontext.Value `json:"value_matchers"`
	} `json:"or_match"`
}

// Where the JWT filter leaves the claims of a token.
const (
	jwtFilter  = "envoy.filters.http.jwt_authn"
	jwtPayload = "payload"
)

func (d *decoding) claim(raw *rawMetadataPath) mesh.EnvoyExpression {
	var path []string
	each(d.walker, "metadata path", raw.Path, func(s *rawSegment) { path = append(path, s.Key) })
	if raw.Filter != jwtFilter || len(path) < 2 || path[0] != jwtPayload {
		return other("metadata of " + raw.Filter)
	}
	out := d.claimValue(strings.Join(path[1:], "."), raw.Value, 0)
	if raw.Invert {
		return negated(out)
	}
	return out
}

// claimValue decodes what a claim, or one value of a claim that is a list, is
// compared with. istiod asks for both at once: nothing says which it is.
func (d *decoding) claimValue(name string, value jsontext.Value, depth int) mesh.EnvoyExpression {
	raw := one[rawValueMatch](d.walker, "metadata value", value)
	switch {
	case raw == nil || depth > maxDepth:
		return other("claim " + name)
	case raw.StringMatch != nil:
		return mesh.EnvoyExpression{Kind: mesh.EnvoyClaim, Name: name, Text: raw.StringMatch.structured()}
	case raw.PresentMatch != nil && *raw.PresentMatch:
		return mesh.EnvoyExpression{Kind: mesh.EnvoyClaim, Name: name, Text: mesh.EnvoyTextMatch{Kind: mesh.EnvoyAny}}
	case raw.ListMatch != nil:
		return inList(d.claimValue(name, raw.ListMatch.OneOf, depth+1))
	case raw.OrMatch != nil:
		out := mesh.EnvoyExpression{Kind: mesh.EnvoyOr}
		each(d.walker, "metadata value", raw.OrMatch.Matchers, func(v *jsontext.Value) { out.Of = append(out.Of, d.claimValue(name, *v, depth+1)) })
		return out
	}
	return other("claim " + name)
}

func inList(e mesh.EnvoyExpression) mesh.EnvoyExpression {
	e.List = e.Kind == mesh.EnvoyClaim
	for i := range e.Of {
		e.Of[i] = inList(e.Of[i])
	}
	return e
}
