package envoy

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

type rawJWT struct {
	Providers jsontext.Value `json:"providers"`
	Rules     jsontext.Value `json:"rules"`
}

// rawJWTProvider leaves out local_jwks: a key set can hold a shared secret.
type rawJWTProvider struct {
	Issuer    string         `json:"issuer"`
	Audiences jsontext.Value `json:"audiences"`
}

type rawJWTRule struct {
	Requires jsontext.Value `json:"requires"`
}

type rawRequirement struct {
	RequiresAny          rawRequirements `json:"requires_any"`
	RequiresAll          rawRequirements `json:"requires_all"`
	AllowMissing         jsontext.Value  `json:"allow_missing"`
	AllowMissingOrFailed jsontext.Value  `json:"allow_missing_or_failed"`
}

type rawRequirements struct {
	Requirements jsontext.Value `json:"requirements"`
}

// jwt reads the issuers a chain knows. istiod makes them of all
// RequestAuthentications together and keeps no names of those.
func (d *decoding) jwt(config jsontext.Value) []mesh.EnvoyJWTProvider {
	raw := one[rawJWT](d.walker, "JWT filter", config)
	if raw == nil {
		return nil
	}
	var allows allowance
	each(d.walker, "JWT rule", raw.Rules, func(r *rawJWTRule) { d.allowances(r.Requires, &allows, 0) })
	var out []mesh.EnvoyJWTProvider
	members(d.walker, "JWT provider", raw.Providers, func(name string, p *rawJWTProvider) {
		out = append(out, mesh.EnvoyJWTProvider{Name: name, Issuer: p.Issuer, Audiences: texts(d.walker, "JWT audience", p.Audiences), Optional: allows.missing, Lenient: allows.failed})
	})
	slices.SortFunc(out, func(a, b mesh.EnvoyJWTProvider) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// allowance is what passes besides a valid token.
type allowance struct{ missing, failed bool }

// allowances looks for the requirement that a request without a token passes.
// With several issuers istiod asks for all of "this one, or none".
func (d *decoding) allowances(requirement jsontext.Value, out *allowance, depth int) {
	raw := one[rawRequirement](d.walker, "JWT requirement", requirement)
	if raw == nil {
		return
	}
	if depth > maxDepth {
		d.skip("JWT requirement is nested too deep")
		return
	}
	out.failed = out.failed || present(raw.AllowMissingOrFailed)
	out.missing = out.missing || out.failed || present(raw.AllowMissing)
	for _, list := range []jsontext.Value{raw.RequiresAny.Requirements, raw.RequiresAll.Requirements} {
		each(d.walker, "JWT requirement", list, func(r *jsontext.Value) { d.allowances(*r, out, depth+1) })
	}
}
