package views

import (
	"slices"
	"strings"
	"unicode"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis/path"
)

// Measures of a card, in user units.
const (
	cardPad    = 10.0
	cardTop    = 20.0 // from the edge to the title's baseline
	lineStep   = 16.0
	cardBottom = 9.0
	markSize   = 12.0
	chipPad    = 6.0
	chipStep   = 14.0
	noteStep   = 15.0
	underGap   = 5.0 // above a chip
	descent    = 4.0 // of a line of text, below its baseline
	// outsideInset lets what hangs under a card use nearly its whole width.
	outsideInset = 2.0
	cardLines    = 4 // rows of facts in a card
	noteLines    = 7 // rows of one note
)

// Targets are the addresses a drawing leads to; empty for none.
type Targets struct {
	Node func(*path.Node) templ.SafeURL
	Code func(code string) templ.SafeURL
}

// cardStyle is what the two pictures do differently, and where links lead.
type cardStyle struct {
	Targets

	// Inside puts the chip and the notes into the box, so that a line can leave
	// through its bottom.
	Inside bool
	// Badge is a text at the right of the title.
	Badge string
}

// newCard lays a node out in a given width with its top left corner at 0,0.
func newCard(n *path.Node, width float64, style cardStyle) Card {
	b := cardBuilder{width: width, y: cardTop, inset: outsideInset, code: style.Code}
	b.card.Class = "node " + stateClass(n.State)
	b.card.Href = style.Node(n)
	b.card.Name = nodeName(n)
	b.card.Detail = printable(n.Load.Words)
	b.title(n, style.Badge)
	for _, l := range cardFacts(n) {
		b.lines(l)
	}
	if style.Inside {
		b.inset = cardPad
		b.under(n)
	}
	b.card.Box = Box{W: width, H: b.y + cardBottom}
	if !style.Inside {
		b.y = b.card.Box.H
		b.under(n)
	}
	b.card.Block = Box{W: width, H: max(b.y, b.card.Box.H)}
	return b.card
}

// cardBuilder writes a card from top to bottom; y is the last baseline used.
type cardBuilder struct {
	card  Card
	width float64
	y     float64
	inset float64 // of what hangs under the facts
	code  func(string) templ.SafeURL
}

func (b *cardBuilder) title(n *path.Node, badge string) {
	b.card.Mark = stateMark(n.State)
	b.card.MarkAt = Box{X: b.width - cardPad - markSize, Y: b.y - markSize + 1.5, W: markSize, H: markSize}
	room := b.width - 2*cardPad - markSize - 6
	if badge = faceLabel.start(printable(badge), room/2); badge != "" {
		w := faceLabel.width(badge)
		b.card.Badge = Text{X: b.card.MarkAt.X - 6 - w, Y: b.y, Text: badge}
		room -= w + 8
	}
	rows := titleRows(printable(n.Title), room)
	b.card.Title = rows[0]
	for _, row := range rows[1:] {
		b.y += lineStep
		row.Y = b.y
		b.card.More = append(b.card.More, row)
	}
}

// titleRows is a name on one line with its middle left out where it must be;
// words, such as those for a group of callers, may take two.
func titleRows(s string, room float64) []Text {
	if faceTitle.width(s) > room && strings.Contains(s, " ") {
		var rows []Text
		for _, row := range faceTitle.wrap(s, room, 2) {
			rows = append(rows, Text{X: cardPad, Y: cardTop, Text: row})
		}
		if len(rows) > 0 {
			rows[0].Full = s
			return rows
		}
	}
	return []Text{shortened(cardPad, cardTop, s, faceTitle, room)}
}

// shortened is a name on one line with its middle left out where it must be.
func shortened(x, y float64, s string, f face, room float64) Text {
	t := Text{X: x, Y: y, Text: f.middle(s, room)}
	if t.Text != s {
		t.Full = s
	}
	return t
}

func (b *cardBuilder) lines(s string) {
	b.card.Lines = append(b.card.Lines, b.text(s, faceLine, lineStep, cardPad, cardLines)...)
}

// text wraps a sentence below what is there already.
func (b *cardBuilder) text(s string, f face, step, inset float64, limit int) []Text {
	s = printable(s)
	rows := f.wrap(s, b.width-2*inset, limit)
	out := make([]Text, 0, len(rows))
	for _, row := range rows {
		b.y += step
		out = append(out, Text{X: inset, Y: b.y, Text: row})
	}
	if len(out) > 0 && strings.HasSuffix(rows[len(rows)-1], ellipsis) {
		out[len(out)-1].Full = s
	}
	return out
}

// under adds the chip and the notes.
func (b *cardBuilder) under(n *path.Node) {
	if n.Code != "" {
		b.chip(printable(n.Code))
	}
	for _, note := range n.Notes {
		b.card.Notes = append(b.card.Notes, b.text(note, faceLine, noteStep, b.inset, noteLines)...)
	}
	if len(b.card.Notes) > 0 {
		b.y += descent
	}
}

func (b *cardBuilder) chip(code string) {
	b.y += underGap
	rows := faceChip.wrap(code, b.width-2*b.inset-2*chipPad, 3)
	c := &Chip{Code: code, Href: b.code(code), Box: Box{X: b.inset, Y: b.y, H: float64(len(rows))*chipStep + 5}}
	for i, row := range rows {
		c.Box.W = max(c.Box.W, faceChip.width(row)+2*chipPad)
		c.Lines = append(c.Lines, Text{X: b.inset + chipPad, Y: b.y + float64(i+1)*chipStep - 0.5, Text: row})
	}
	b.y += c.Box.H
	b.card.Chip = c
}

// factsOf are the lines of a card. A state that only a colour or a dash would
// tell is written out, unless the node's own words say it.
func factsOf(n *path.Node) []string {
	word := stateWord(n.State)
	said := func(text string) bool { return strings.Contains(text, word) || strings.Contains(text, "not passed") }
	if word == "" || slices.ContainsFunc(n.Lines, said) || slices.ContainsFunc(n.Notes, said) {
		return n.Lines
	}
	return append(slices.Clone(n.Lines), word)
}

// cardFacts are all lines of a card: the list has what was counted in full.
func cardFacts(n *path.Node) []string { return append(slices.Clone(factsOf(n)), n.Load.Lines...) }

// nodeName is what a screen reader says for the link of a card.
func nodeName(n *path.Node) string {
	parts := []string{stageWord(n.Stage) + " " + n.Title}
	if word := stateWord(n.State); word != "" {
		parts = append(parts, word)
	}
	if n.Code != "" {
		parts = append(parts, n.Code)
	}
	return printable(strings.Join(parts, ", "))
}

// move shifts everything of a card.
func (c *Card) move(dx, dy float64) {
	for _, b := range []*Box{&c.Box, &c.Block, &c.MarkAt} {
		b.X, b.Y = b.X+dx, b.Y+dy
	}
	texts := [][]Text{c.More, c.Lines, c.Notes}
	if c.Chip != nil {
		c.Chip.Box.X, c.Chip.Box.Y = c.Chip.Box.X+dx, c.Chip.Box.Y+dy
		texts = append(texts, c.Chip.Lines)
	}
	for _, list := range texts {
		for i := range list {
			list[i].move(dx, dy)
		}
	}
	c.Title.move(dx, dy)
	c.Badge.move(dx, dy)
}

func (t *Text) move(dx, dy float64) { t.X, t.Y = t.X+dx, t.Y+dy }

// maxDrawn bounds a text of the drawing: several times what fits on a card.
const maxDrawn = 1000

// printable keeps what can be measured and read: no control characters, no
// marks that turn the direction of the text around, and no more than maxDrawn
// bytes.
func printable(s string) string {
	if len(s) > maxDrawn {
		s = s[:maxDrawn]
	}
	return strings.Map(printableRune, s)
}

// printableRune makes every kind of space one, and drops what is no character
// to look at: control characters, marks that turn the direction of text, and
// what could not be decoded.
func printableRune(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar:
		return -1
	}
	return r
}
