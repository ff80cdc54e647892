package istiolog

import (
	"iter"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// Fields walks the key=value pairs of a text. A value in quotes is a Rust Debug
// or Go string and comes unquoted; one without ends before the next key, so
// that it may have blanks (`frame=Data { stream_id: StreamId(19) }`). Words
// that belong to no key are passed over.
func Fields(text string) iter.Seq[mesh.LogField] {
	return func(yield func(mesh.LogField) bool) {
		for {
			key, rest, ok := nextKey(text)
			if !ok {
				return
			}
			var value string
			value, text = nextValue(rest)
			if !yield(mesh.LogField{Name: key, Value: value}) {
				return
			}
		}
	}
}

// nextKey finds a word that is followed by an equals sign.
func nextKey(text string) (key, rest string, ok bool) {
	for {
		text = strings.TrimLeft(text, " \t")
		if text == "" {
			return "", "", false
		}
		if n := keyLength(text); n > 0 {
			return text[:n], text[n+1:], true
		}
		blank := strings.IndexByte(text, ' ')
		if blank < 0 {
			return "", "", false
		}
		text = text[blank:]
	}
}

// keyLength is how long the key is that a text begins with, zero if it does
// not: letters, digits and "._-/@" up to an equals sign, as "src.addr=".
func keyLength(text string) int {
	for i := range len(text) {
		switch c := text[i]; {
		case c == '=':
			return i
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
		case i > 0 && (c >= '0' && c <= '9' || c == '.' || c == '-' || c == '/' || c == '@'):
		default:
			return 0
		}
	}
	return 0
}

// nextValue takes the value that a text begins with.
func nextValue(text string) (value, rest string) {
	if strings.HasPrefix(text, `"`) {
		if end := closingQuote(text); end > 0 {
			return Unescape(text[1:end]), text[end+1:]
		}
		return Unescape(text[1:]), "" // of a line that was cut
	}
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '{', '(', '[':
			depth++
		case '}', ')', ']':
			depth--
		case ' ', '\t':
			if depth <= 0 && endsValue(text[i+1:]) {
				return text[:i], text[i:]
			}
		}
	}
	return strings.TrimRight(text, " \t"), ""
}

// endsValue tells whether what stands behind a blank is the next key, or
// nothing.
func endsValue(text string) bool { return text == "" || keyLength(text) > 0 }

// closingQuote is where the string ends that a text begins with; zero where it
// does not.
func closingQuote(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return 0
}
