package podlog

import (
	"unicode"
	"unicode/utf8"
)

// maxLine is how many bytes of a line are kept. The container runtimes split
// lines there themselves, and the kubelet joins them again.
const maxLine = 16 << 10

const (
	tab    = '\t'
	escape = 0x1b
	bell   = 0x07
	del    = 0x7f
)

// plainText is what of a line may be shown: without ANSI sequences, control
// characters and those that turn the direction of text around, invalid UTF-8
// replaced. cut is how many of its bytes were too many.
func plainText(line []byte) (text string, cut int) {
	if len(line) <= maxLine && isPlain(line) {
		return string(line), 0
	}
	out := make([]byte, 0, min(len(line), maxLine))
	for i := 0; i < len(line); {
		if n := sequence(line[i:]); n > 0 {
			i += n
			continue
		}
		r, n := utf8.DecodeRune(line[i:])
		if shown(r) {
			if len(out)+utf8.RuneLen(r) > maxLine {
				return string(out), len(line) - i
			}
			out = utf8.AppendRune(out, r)
		}
		i += n
	}
	return string(out), 0
}

// isPlain tells that a line is printable ASCII, as nearly all are.
func isPlain(line []byte) bool {
	for _, c := range line {
		if (c < ' ' && c != tab) || c >= del {
			return false
		}
	}
	return true
}

// shown tells whether a character may stand in a line. Format characters are
// invisible, or change what is seen of others; those that join parts of one
// letter stay.
func shown(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	switch {
	case r == tab, r == zeroWidthNonJoiner, r == zeroWidthJoiner:
		return true
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
		return false
	}
	return true
}

// sequence is how long the terminal sequence is that text begins with (ECMA-48);
// zero if there is none. One that does not end is only its introducer.
func sequence(text []byte) int {
	if len(text) == 0 || text[0] != escape {
		return 0
	}
	if len(text) == 1 {
		return 1
	}
	switch text[1] {
	case '[':
		return controlSequence(text)
	case ']', 'P', 'X', '^', '_':
		return controlString(text)
	}
	n := 1
	for n < len(text) && text[n] >= 0x20 && text[n] <= 0x2f { // intermediate bytes, as of a character set
		n++
	}
	if n < len(text) && text[n] >= 0x30 && text[n] < del {
		n++
	}
	return n
}

// controlSequence is how long "ESC [ parameters final" is.
func controlSequence(text []byte) int {
	for n := 2; n < len(text); n++ {
		switch c := text[n]; {
		case c >= 0x40 && c < del:
			return n + 1
		case c < 0x20 || c > 0x3f:
			return n
		}
	}
	return len(text)
}

// maxString bounds the search for the end of a string, so that a line full of
// beginnings costs no more than another.
const maxString = 512

// controlString is how long a string for the terminal is, as for its title; it
// ends with BEL or "ESC \".
func controlString(text []byte) int {
	for n := 2; n < min(len(text), maxString); n++ {
		switch {
		case text[n] == bell:
			return n + 1
		case text[n] == escape && n+1 < len(text) && text[n+1] == '\\':
			return n + 2
		}
	}
	return 2
}
