package evidence

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds a reason, in bytes: errors of decoders quote what they read.
const maxText = 300

// plain makes one bounded line of a text from outside.
func plain(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	text = strings.Join(words, " ")
	if len(text) > maxText {
		text = text[:maxText] + "…"
	}
	return strings.ToValidUTF8(text, "")
}

// sentence makes a sentence of a reason.
func sentence(reason string) string {
	reason = strings.TrimSuffix(plain(reason), ".")
	if reason == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(reason)
	return string(unicode.ToUpper(first)) + reason[size:] + "."
}
