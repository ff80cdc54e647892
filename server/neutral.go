package server

import "bytes"

// neutralize makes a rendered page safe to look at, in place. Names come from
// clusters and proxies, where escaping keeps them from being markup but not
// from carrying characters that nobody sees: controls, which browsers take for
// errors and terminals for orders once they are pasted, and marks that turn the
// direction of text so that one name reads like another. Each is replaced by a
// character that shows there was something.
func neutralize(page []byte) {
	for i, c := range page {
		switch {
		case c < 0x20 && c != '\n' && c != '\t' && c != '\r', c == 0x7f:
			page[i] = '?'
		case c == 0xe2 && turnsText(page[i:]):
			copy(page[i:], "\ufffd")
		case c == 0xc2 && i+1 < len(page) && page[i+1] >= 0x80 && page[i+1] < 0xa0:
			copy(page[i:], "??") // U+0080 to U+009F, as long in UTF-8
		}
	}
}

// turnsText tells whether a text begins with one of the nine marks that embed,
// override or isolate a direction: U+202A to U+202E, U+2066 to U+2069. In UTF-8
// they are as long as the replacement character.
func turnsText(text []byte) bool {
	if len(text) < 3 {
		return false
	}
	last := text[2]
	return bytes.HasPrefix(text, []byte("\xe2\x80")) && last >= 0xaa && last <= 0xae ||
		bytes.HasPrefix(text, []byte("\xe2\x81")) && last >= 0xa6 && last <= 0xa9
}
