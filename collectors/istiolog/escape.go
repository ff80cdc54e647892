package istiolog

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Unescape undoes the escapes of a Rust Debug, Go or JSON string: \" \\ \' \n
// \r \t \0 \/ \b \f \xHH, \u{HEX} and \uHHHH, surrogate pairs of which are
// one character. Control characters come out as blanks: a line stays one line.
// What is no escape stays as it is written.
func Unescape(text string) string {
	next := strings.IndexByte(text, '\\')
	if next < 0 {
		return text
	}
	var out strings.Builder
	out.Grow(len(text))
	for next >= 0 {
		out.WriteString(text[:next])
		r, used := escaped(text[next:])
		writeRune(&out, r)
		text = text[next+used:]
		next = strings.IndexByte(text, '\\')
	}
	out.WriteString(text)
	return out.String()
}

func writeRune(out *strings.Builder, r rune) {
	if r < ' ' || (r >= 0x7f && r < 0xa0) {
		r = ' '
	}
	out.WriteRune(r)
}

// escaped is the character that an escape stands for and how long that is.
func escaped(text string) (r rune, used int) {
	if len(text) < 2 {
		return '\\', 1
	}
	switch c := text[1]; c {
	case '"', '\\', '\'', '/':
		return rune(c), 2
	case 'n', 'r', 't', '0', 'b', 'f':
		return ' ', 2
	case 'x':
		return hexadecimal(text, 2, 4)
	case 'u':
		return unicodeEscape(text)
	}
	return '\\', 1
}

// unicodeEscape reads \u{HEX} and \uHHHH.
func unicodeEscape(text string) (rune, int) {
	if strings.HasPrefix(text, `\u{`) {
		end := strings.IndexByte(text, '}')
		if end < 0 {
			return '\\', 1
		}
		r, used := hexadecimal(text, len(`\u{`), end)
		if used > 1 {
			used++ // the brace
		}
		return r, used
	}
	r, used := hexadecimal(text, 2, 6)
	if used > 1 && r >= 0xd800 && r < 0xdc00 && strings.HasPrefix(text[used:], `\u`) {
		if low, n := hexadecimal(text[used:], 2, 6); low >= 0xdc00 && low < 0xe000 {
			return (r-0xd800)<<10 + (low - 0xdc00) + 0x10000, used + n
		}
	}
	return r, used
}

// hexadecimal reads the digits from..to of a text; a backslash of length one
// where they are none. A number that is no character is the replacement
// character.
func hexadecimal(text string, from, to int) (rune, int) {
	if to > len(text) || to <= from || to-from > 6 {
		return '\\', 1
	}
	n, err := strconv.ParseUint(text[from:to], 16, 32)
	if err != nil {
		return '\\', 1
	}
	if n > utf8.MaxRune {
		return utf8.RuneError, to
	}
	return rune(n), to
}
