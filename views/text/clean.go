package text

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is how much of one text of the cluster is shown, in runes. Messages
// of conditions are bounded by 32 KiB, those of a recording by nothing.
const longest = 1000

// clean makes cluster text safe to print: one line, bounded, without what a
// terminal would obey (control characters) or what makes text read otherwise
// than it is (direction overrides and other invisible format characters).
func clean(s string) string {
	if n := utf8.RuneCountInString(s); n > longest {
		cut := []rune(s)[:longest]
		s = string(cut) + "… (" + strconv.Itoa(n-longest) + " more)"
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == utf8.RuneError:
			return '�'
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// command makes a command safe to print without changing its words: quoting
// has replaced control characters already, and what a terminal or a reader
// could be misled by is shown as what it is not.
func command(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '�'
		}
		return r
	}, s)
}

// Line makes text of unknown origin safe to print in one line, for what goes
// to a terminal outside a report.
func Line(s string) string { return clean(s) }
