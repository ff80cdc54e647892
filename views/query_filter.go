package views

import (
	"slices"
	"strings"
)

// Filter is a parsed filter. The grammar is the same for every list:
//
//	orders                 rows with "orders" anywhere in their text
//	"two words"            the same, with a space in it
//	ns:shop                rows whose ns is exactly shop, in any case
//	ns:shop,web            … is shop or web
//	node:node-*            * stands for any characters
//	waypoint:none          rows without one (each list says which words it has)
//	-ns:shop               rows for which that is not so; also -orders
//
// All terms must hold. Nothing is an error: a quote that does not end ends with
// the text, and a key the list does not know is ignored and reported by Unknown.
type Filter struct {
	Terms []Term
}

// Term is one condition of a Filter.
type Term struct {
	Key    string   // empty: search the row's text
	Values []string // in lower case; one of them must match
	Not    bool
}

// Limits of a filter: more than anybody types, little enough for 20,000 rows.
const (
	maxTerms  = 32
	maxValues = 32
)

// ParseFilter reads a filter as typed.
func ParseFilter(text string) Filter {
	var f Filter
	for rest := text; len(f.Terms) < maxTerms; {
		var word string
		if word, rest = cutWord(rest); word == "" && rest == "" {
			break
		}
		if t, ok := parseTerm(word); ok {
			f.Terms = append(f.Terms, t)
		}
	}
	return f
}

// cutWord takes the next word; quotes keep spaces together and stay in it.
func cutWord(s string) (word, rest string) {
	return cutUnquoted(strings.TrimLeft(s, blanks), blanks)
}

const blanks = " \t\r\n"

// cutUnquoted cuts at the first of some characters that is not within quotes.
func cutUnquoted(s, at string) (before, after string) {
	quoted := false
	for i, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
		case !quoted && strings.ContainsRune(at, r):
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

func parseTerm(word string) (Term, bool) {
	var t Term
	word, t.Not = strings.CutPrefix(word, "-")
	if key, value, ok := strings.Cut(word, ":"); ok && isKey(key) && !strings.HasPrefix(value, "//") && !strings.HasPrefix(value, ":") {
		t.Key, word = strings.ToLower(key), value
		t.Values = splitValues(word)
	} else if v := unquote(word); v != "" {
		t.Values = []string{v}
	}
	return t, len(t.Values) > 0
}

// isKey tells a key from the beginning of an address such as fd00::1 or of a
// URL: a key is a plain word of letters.
func isKey(s string) bool {
	return s != "" && len(s) <= 20 && !strings.ContainsFunc(s, func(r rune) bool { return r < 'A' || r > 'z' || (r > 'Z' && r < 'a') })
}

// splitValues takes a list apart at its commas.
func splitValues(s string) []string {
	var out []string
	for s != "" && len(out) < maxValues {
		var v string
		v, s = cutUnquoted(s, ",")
		if v = unquote(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

func unquote(s string) string { return strings.ToLower(strings.ReplaceAll(s, `"`, "")) }

// quoteValue makes a value of any string, for filters that are built.
func quoteValue(s string) string {
	if strings.ContainsAny(s, blanks+",") {
		return `"` + strings.ReplaceAll(s, `"`, "") + `"`
	}
	return s
}

// Empty tells that the filter asks for nothing.
func (f Filter) Empty() bool { return len(f.Terms) == 0 }

// Unknown lists the keys in use that are not among known, once each.
func (f Filter) Unknown(known ...string) []string {
	var out []string
	for _, t := range f.Terms {
		if t.Key != "" && !slices.Contains(known, t.Key) && !slices.Contains(out, t.Key) {
			out = append(out, t.Key)
		}
	}
	return out
}

// Fields answers what a row has for a key, and false for a key the list does
// not know. For the empty key it gives the texts that plain words search. A row
// that has none of something should answer with the word "none".
type Fields func(key string) (values []string, known bool)

// Match tells whether a row satisfies every term.
func (f Filter) Match(row Fields) bool {
	for _, t := range f.Terms {
		values, known := row(t.Key)
		if known && t.matches(values) == t.Not {
			return false
		}
	}
	return true
}

func (t Term) matches(values []string) bool {
	for _, v := range values {
		v = strings.ToLower(v)
		for _, want := range t.Values {
			if t.Key == "" && strings.Contains(v, want) || t.Key != "" && glob(want, v) {
				return true
			}
		}
	}
	return false
}

// glob matches a pattern in which * stands for any characters. It looks for the
// parts from left to right, so that no pattern is slow.
func glob(pattern, s string) bool {
	if !strings.Contains(pattern, "*") {
		return pattern == s
	}
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	if !strings.HasPrefix(s, first) || len(s) < len(first)+len(last) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	return true
}
