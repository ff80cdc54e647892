package authz

import (
	"regexp"
	"strings"
)

// isTemplate tells a path template of a policy from a plain path match.
func isTemplate(path string) bool {
	return strings.Contains(path, "{*}") || strings.Contains(path, "{**}")
}

// envoyTemplate is a policy's template in Envoy's spelling.
var envoyTemplate = strings.NewReplacer("{*}", "*", "{**}", "**")

// segmentText is what a segment may hold (RFC 3986's pchar without "*" and
// "="); anything else matches no template.
const segmentText = `a-zA-Z0-9._~%!$&'()+,;:@-`

// operators are what stands for text in a template of Envoy's: one segment that
// is not empty, and any number of them, also none.
var operators = map[string]string{"*": "[" + segmentText + "]+", "**": "[/" + segmentText + "]*"}

// ParseEnvoyTemplate makes a function of a URI template as Envoy has it, with
// "*" and "**", "{name}" and "{name=*}", and text behind the last of them. Not
// ok: Envoy refuses it, or nobody here can read it. The path is without its
// query.
func ParseEnvoyTemplate(pattern string) (matches func(path string) bool, ok bool) {
	re := templateRegex(pattern)
	if re == nil {
		return nil, false
	}
	return re.MatchString, true
}

// templateRegex is a template as a regular expression, as Envoy makes one
// (uri_template_internal.cc); nil where it cannot be.
func templateRegex(pattern string) *regexp.Regexp {
	rest, ok := strings.CutPrefix(pattern, "/")
	if !ok {
		return nil
	}
	var out []string
	for segment := range strings.SplitSeq(rest, "/") {
		re, ok := segmentRegex(segment)
		if !ok {
			return nil
		}
		out = append(out, re)
	}
	return wholeRegex("/" + strings.Join(out, "/"))
}

func segmentRegex(segment string) (string, bool) {
	operator, suffix := "", segment
	switch {
	case strings.HasPrefix(segment, "**"):
		operator, suffix = "**", segment[2:]
	case strings.HasPrefix(segment, "*"):
		operator, suffix = "*", segment[1:]
	case strings.HasPrefix(segment, "{"):
		variable, after, closed := strings.Cut(segment[1:], "}")
		_, match, has := strings.Cut(variable, "=")
		if !has {
			match = "*"
		}
		if operator, suffix = match, after; !closed || operators[match] == "" {
			return "", false
		}
	}
	if strings.ContainsAny(suffix, "*{}=") {
		return "", false
	}
	return operators[operator] + regexp.QuoteMeta(suffix), true
}
