package authz

import (
	"regexp"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// maxRegex bounds expressions that are compiled; istiod writes some hundred
// bytes.
const maxRegex = 4096

// ParseEnvoyText makes a function of Envoy's comparison of a text. Not ok: the
// comparison is of a kind nobody here can evaluate, or a regular expression
// that Go does not know. Envoy's are RE2 as Go's are, and match the whole text.
func ParseEnvoyText(m mesh.EnvoyTextMatch) (matches func(string) bool, ok bool) {
	text, ok := envoyText(m)
	return text.matches, ok
}

// envoyKinds are Envoy's comparisons that have one of ours.
var envoyKinds = map[mesh.EnvoyTextKind]textKind{
	mesh.EnvoyExact: textExact, mesh.EnvoyPrefix: textPrefix, mesh.EnvoySuffix: textSuffix,
	mesh.EnvoyContains: textContains, mesh.EnvoyAny: textAny, mesh.EnvoyRegex: textRegex,
}

func envoyText(m mesh.EnvoyTextMatch) (textMatch, bool) {
	kind, ok := envoyKinds[m.Kind]
	out := textMatch{kind: kind, text: m.Text}
	switch {
	case !ok:
		return textMatch{}, false
	case kind == textRegex:
		if plain, ok := plainText(m.Text); ok {
			return plain, true
		}
		out.regex = wholeRegex(m.Text)
		return out, out.regex != nil
	case m.IgnoreCase:
		out.fold, out.text = true, strings.ToLower(m.Text)
	}
	return out, true
}

// plainText does without an expression where istiod writes one for something
// simpler: ".+" for any text, ".*x.*" for one with x in it. A listing of callers
// compares thousands.
func plainText(regex string) (textMatch, bool) {
	if regex == ".+" {
		return textMatch{kind: textPresent}, true
	}
	inner, begins := strings.CutPrefix(regex, ".*")
	inner, ends := strings.CutSuffix(inner, ".*")
	if !begins || !ends || regexp.QuoteMeta(inner) != inner {
		return textMatch{}, false
	}
	return textMatch{kind: textContains, text: inner}, true
}

// wholeRegex compiles an expression that must match the whole of a text, nil
// where it cannot be.
func wholeRegex(s string) *regexp.Regexp {
	if len(s) > maxRegex {
		return nil
	}
	out, err := regexp.Compile(`\A(?:` + s + `)\z`)
	if err != nil {
		return nil
	}
	return out
}
