package path

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/waylight/waylight/analysis/authz"
)

// bearer reads the token of an Authorization header as far as anybody can who
// has not the issuer's keys: a text that is no JWT, or a token that is over,
// is not valid, any other is taken at its word.
func bearer(header string, at time.Time) authz.Token {
	scheme, text, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return authz.Token{State: authz.TokenNone} // Envoy looks for this scheme only
	}
	claims, ok := claimsOf(strings.TrimSpace(text))
	if !ok || outOfTime(claims, at) {
		return authz.Token{State: authz.TokenInvalid}
	}
	out := authz.Token{State: authz.TokenValid, Claims: make(map[string][]string)}
	flatten(out.Claims, "", claims)
	out.Issuer, out.Subject = first(out.Claims["iss"]), first(out.Claims["sub"])
	return out
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// claimsOf decodes the payload of a JWT without looking at its signature.
func claimsOf(token string) (map[string]any, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, false
	}
	var header, claims map[string]any
	return claims, decodePart(parts[0], &header) && decodePart(parts[1], &claims)
}

func decodePart(part string, into *map[string]any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
	return err == nil && json.Unmarshal(raw, into) == nil && *into != nil
}

// leeway is how far Envoy lets clocks be apart.
const leeway = time.Minute

func outOfTime(claims map[string]any, at time.Time) bool {
	if at.IsZero() {
		return false
	}
	until, has := claims["exp"].(float64)
	if has && at.Add(-leeway).After(time.Unix(int64(until), 0)) {
		return true
	}
	from, has := claims["nbf"].(float64)
	return has && at.Add(leeway).Before(time.Unix(int64(from), 0))
}

// flatten lists claims with one value or several; the names of nested ones are
// joined with dots. Numbers and booleans are none that policies compare.
func flatten(out map[string][]string, prefix string, claims map[string]any) {
	for name, v := range claims {
		switch v := v.(type) {
		case string:
			out[prefix+name] = []string{v}
		case []any:
			for _, each := range v {
				if s, ok := each.(string); ok {
					out[prefix+name] = append(out[prefix+name], s)
				}
			}
		case map[string]any:
			flatten(out, prefix+name+".", v)
		}
	}
}
