package views

import (
	"context"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/views/ui"
)

// DumpCell is one cell of a list out of a dump: what a page prints and an
// export writes.
type DumpCell struct {
	Text string
	// Short is printed on a page in place of a Text that is long, and says the
	// same to people; empty where Text is printed.
	Short string
	// Note is a second line in soft print; empty for none.
	Note string
	URL  templ.SafeURL
	Tone ui.Tone
	// Time is printed instead of Text where it is set.
	Time time.Time
	// Mono prints Text as names and addresses are printed.
	Mono bool
	// Objects are printed below Text, one a line.
	Objects []ObjectLink
	// Quiet is left out where a cell is one of several in a column.
	Quiet bool
}

// plain is the cell as text for exports, with times absolute. The head of a row
// is left without its note, so that programs find the name.
func (c DumpCell) plain(head bool) string {
	switch {
	case !c.Time.IsZero():
		return ui.Machine(c.Time)
	case c.Note != "" && !head:
		return c.words() + " (" + c.Note + ")"
	}
	return c.words()
}

// nothing tells that a cell has nothing to say among others in one column: it is
// as nearly all are, empty, or says only that there is none.
func (c DumpCell) nothing() bool {
	return c.Quiet || len(c.Objects) == 0 && c.Time.IsZero() && (c.Text == "" || c.Text == "none" && c.Tone == toneSoft)
}

// words is the text with the objects below it.
func (c DumpCell) words() string {
	if len(c.Objects) == 0 {
		return c.Text
	}
	list := make([]string, 0, len(c.Objects)+1)
	if c.Text != "" {
		list = append(list, c.Text)
	}
	for _, o := range c.Objects {
		list = append(list, strings.TrimSpace(o.Kind+" "+o.Name))
	}
	return strings.Join(list, "; ")
}

func textCell(s string) DumpCell { return DumpCell{Text: cellText(s)} }

func monoCell(s string) DumpCell { return DumpCell{Text: cellText(s), Mono: true} }

// listCell joins values; what an empty list means is said by none.
func listCell(list []string, none string) DumpCell {
	if len(list) == 0 {
		return DumpCell{Text: none, Tone: toneSoft}
	}
	return monoCell(some(list, cellValues))
}

// toneSoft is for words that stand where nothing is, such as "none".
const toneSoft ui.Tone = "soft"

// Bounds of a cell. The entry beside the row has all of it.
const (
	cellValues = 8
	cellBytes  = 600
)

// cellText makes one bounded line without control and format characters of a
// text from a proxy.
func cellText(s string) string {
	if plainASCII(s) && len(s) <= cellBytes {
		return s
	}
	if len(s) > cellBytes {
		cut := cellBytes
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return strings.Map(printableRune, s)
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// breakable prints a name that may be broken between its parts.
func breakable(name string) templ.Component { return broken(segments(name, "./|-_:,@ ")) }

// wordy prints a text whose words stay together, unless one is very long.
func wordy(text string) templ.Component { return broken(segments(text, " ")) }

func broken(parts []string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		for i, part := range parts {
			part = templ.EscapeString(part)
			if i > 0 {
				part = "<wbr>" + part
			}
			if _, err := io.WriteString(w, part); err != nil {
				return err
			}
		}
		return nil
	})
}

// segmentRunes is how long a word is kept together: as long as most parts of
// names.
const segmentRunes = 24

// segments takes a text apart where it may be broken: behind one of the joints,
// and in words that are too long.
func segments(s, joints string) []string {
	if len(s) <= segmentRunes && !strings.ContainsAny(s, joints) {
		return []string{s}
	}
	var out []string
	from, runes := 0, 0
	for i, r := range s {
		if runes++; strings.ContainsRune(joints, r) || runes == segmentRunes {
			_, width := utf8.DecodeRuneInString(s[i:])
			next := i + width
			out, from, runes = append(out, s[from:next]), next, 0
		}
	}
	if from < len(s) {
		out = append(out, s[from:])
	}
	return out
}
