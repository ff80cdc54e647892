package authz

import (
	"regexp"
	"strings"
)

// textMatch compares text as Istio's policies write it: "*" is presence,
// "*x" a suffix, "x*" a prefix, anything else exact.
//
// The other kinds are Envoy's alone: what a waypoint has loaded can ask for
// more than a policy can.
type textMatch struct {
	kind textKind
	text string
	// fold compares without case; text is in lower case then.
	fold  bool
	regex *regexp.Regexp // of the kind regex, anchored
}

type textKind int8

const (
	textExact textKind = iota
	textPrefix
	textSuffix
	textPresent
	textAny // also where it is empty
	textContains
	textRegex
)

func parseText(s string) textMatch {
	switch {
	case s == "*":
		return textMatch{kind: textPresent}
	case strings.HasPrefix(s, "*"):
		return textMatch{kind: textSuffix, text: s[1:]}
	case strings.HasSuffix(s, "*"):
		return textMatch{kind: textPrefix, text: s[:len(s)-1]}
	}
	return textMatch{text: s}
}

func (m textMatch) matches(s string) bool {
	if m.fold {
		s = strings.ToLower(s)
	}
	switch m.kind {
	case textAny:
		return true
	case textContains:
		return strings.Contains(s, m.text)
	case textRegex:
		return m.regex.MatchString(s)
	case textPresent:
		return s != ""
	case textSuffix:
		return strings.HasSuffix(s, m.text)
	case textPrefix:
		return strings.HasPrefix(s, m.text)
	}
	return s == m.text
}

// wildcard compares with any number of "*", each standing for any text, as
// Envoy does for source.namespaces at a waypoint (authz/model generator).
func wildcard(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	first, last := parts[0], parts[len(parts)-1]
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return strings.HasSuffix(s, last)
}
