package views

import (
	"slices"
	"strings"
	"unicode"
)

// face is a font of the drawing, in user units of the SVG. The server cannot
// measure the browser's font, so it assumes the widest of the style sheet's
// stacks: what fits in DejaVu fits in the others too.
type face struct {
	size float64
	mono bool
}

// The faces; static/src/drawing.css sets the same sizes.
var (
	faceTitle = face{12.5, true}
	faceLine  = face{12, false}
	faceChip  = face{11, true}
	faceLabel = face{11.5, false}
	faceHead  = face{11, false}
)

// sansWidths are the advance widths of DejaVu Sans for U+0020 to U+007E, in
// thousandths of an em.
var sansWidths = [...]uint16{
	318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, // space to /
	636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, // 0 to ?
	1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787, // @ to O
	603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, // P to _
	500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, // ` to o
	635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838, // p to ~
}

const (
	monoWidth = 602  // of every character of DejaVu Sans Mono
	wideWidth = 1000 // of what is in neither table: CJK, emoji, the ellipsis
	ellipsis  = "…"
)

func (f face) runeWidth(r rune) float64 {
	w := wideWidth
	switch {
	case f.mono && r < unicode.MaxLatin1:
		w = monoWidth
	case r >= ' ' && int(r-' ') < len(sansWidths):
		w = int(sansWidths[r-' '])
	}
	return float64(w) * f.size / 1000
}

// width is an upper bound of the width of a text.
func (f face) width(s string) float64 {
	var sum float64
	for _, r := range s {
		sum += f.runeWidth(r)
	}
	return sum
}

// middle shortens a name to a width by leaving out its middle. More is kept of
// the end, since that is what tells two pods of one Deployment apart.
func (f face) middle(s string, limit float64) string {
	if f.width(s) <= limit {
		return s
	}
	runes := []rune(s)
	room := limit - f.width(ellipsis)
	if room < 0 {
		return ""
	}
	head, tail := f.prefix(runes, room*0.4), f.suffix(runes, room*0.6)
	return string(runes[:head]) + ellipsis + string(runes[tail:])
}

// start shortens a text to a width by leaving out its last words, for texts
// that say the most important thing first.
func (f face) start(s string, limit float64) string {
	if f.width(s) <= limit {
		return s
	}
	runes := []rune(s)
	head := string(runes[:f.prefix(runes, limit-f.width(ellipsis))])
	if i := strings.LastIndexByte(head, ' '); i > 0 {
		head = head[:i]
	}
	return strings.TrimRight(head, " ,") + ellipsis
}

// prefix is how many runes from the start fit, suffix the index from which the
// rest fits.
func (f face) prefix(runes []rune, room float64) int {
	for i, r := range runes {
		if room -= f.runeWidth(r); room < 0 {
			return i
		}
	}
	return len(runes)
}

func (f face) suffix(runes []rune, room float64) int {
	for i, r := range slices.Backward(runes) {
		if room -= f.runeWidth(r); room < 0 {
			return i + 1
		}
	}
	return 0
}

// wrap breaks a text into at most limit lines of a width. What does not fit
// ends in an ellipsis; the caller has the whole text in a title.
func (f face) wrap(s string, width float64, limit int) []string {
	var lines []string
	line := ""
	for _, p := range f.pieces(s, width) {
		if joined := line + p.glue + p.text; line == "" || f.width(joined) <= width {
			line = strings.TrimLeft(joined, " ")
			continue
		}
		lines = append(lines, line)
		line = p.text
	}
	if line != "" {
		lines = append(lines, line)
	}
	if len(lines) > limit {
		lines = lines[:limit]
		last := []rune(lines[limit-1])
		lines[limit-1] = string(last[:f.prefix(last, width-f.width(ellipsis))]) + ellipsis
	}
	return lines
}

// piece is a part of a text that stays on one line; glue is what joins it to
// the piece before on the same line.
type piece struct{ glue, text string }

// pieces cuts a text at spaces, and words that are wider than a line where a
// reader expects a name to break, else anywhere.
func (f face) pieces(s string, width float64) []piece {
	var out []piece
	for word := range strings.FieldsSeq(s) {
		glue := " "
		for word != "" {
			n := f.breakAt(word, width)
			out = append(out, piece{glue, word[:n]})
			word, glue = word[n:], ""
		}
	}
	return out
}

// breakAt returns how many bytes of a word go on one line: all if it fits, else
// up to the last separator that does, else as many runes as fit (at least one).
func (f face) breakAt(word string, width float64) int {
	if f.width(word) <= width {
		return len(word)
	}
	runes := []rune(word)
	fits := len(string(runes[:max(1, f.prefix(runes, width))]))
	if i := strings.LastIndexAny(word[:fits], "_-/.:@,"); i > 0 {
		return i + 1
	}
	return fits
}
