package ui

import (
	"fmt"
	"strings"

	"github.com/a-h/templ"
)

// Table is what stands around the rows of a list: head, filter, counts.
type Table struct {
	// ID is unique in the page. Live updates match rows by it.
	ID string
	// Caption names the table for screen readers.
	Caption string
	Columns []Column
	// Filter is the box above the table; nil for none.
	Filter *Filter
	// Shown and Total count rows; what one row is called in the plural goes
	// into Noun ("services").
	Shown, Total int
	Noun         string
	// Incomplete tells that there may be rows nobody knows of, so that 0 is no
	// zero.
	Incomplete bool
	// Note stands beside the counts, such as "as of 07:45:12 UTC"; may be empty.
	Note string
}

// Column is one column of a Table.
type Column struct {
	Label string
	// Class goes on the head cell; rows repeat it on theirs: "num" aligns
	// right, "wide" takes what room is left, "shrink" takes what it needs.
	Class string
	// SortURL sorts by this column; empty where it cannot be sorted.
	SortURL templ.SafeURL
	// Sorted is SortNone unless the list is sorted by this column.
	Sorted SortOrder
	// Hint explains the column in its title; may be empty.
	Hint string
}

// SortOrder of a column, in the words of aria-sort.
type SortOrder string

// The orders.
const (
	SortNone       SortOrder = ""
	SortAscending  SortOrder = "ascending"
	SortDescending SortOrder = "descending"
)

// Filter is the filter box of a list: a plain GET form whose state is the URL.
type Filter struct {
	// Action is the path of the page, Value the filter as typed.
	Action templ.SafeURL
	Value  string
	// Keep are the other parameters of the URL, which the form must not lose.
	Keep []Param
	// Keys are the words this list understands, as help: "ns", "node".
	Keys []string
	// Unknown are words in Value that it does not understand, and so ignores.
	Unknown []string
	// Clear is the page without the filter.
	Clear templ.SafeURL
}

// Param is one parameter of a URL.
type Param struct{ Name, Value string }

// example shows the grammar in the empty box.
func (f *Filter) example() string {
	if len(f.Keys) == 0 {
		return "Filter"
	}
	words := make([]string, 0, 3)
	for _, k := range f.Keys[:min(len(f.Keys), 3)] {
		words = append(words, k+":…")
	}
	return "Filter: text, " + strings.Join(words, " ")
}

// counts is "12 of 240 services", or "240 services" where all are shown.
// "0 services known" where there may be others.
func (t Table) counts() string {
	known := ""
	if t.Incomplete {
		known = " known"
	}
	if t.Shown == t.Total {
		return fmt.Sprintf("%d %s%s", t.Total, singular(t.Noun, t.Total), known)
	}
	return fmt.Sprintf("%d of %d %s%s", t.Shown, t.Total, t.Noun, known)
}

// singular takes the plural off one thing. The nouns are this program's own, and
// "policies" is the only one among them that does not just lose its s.
func singular(noun string, n int) string {
	if n != 1 {
		return noun
	}
	if stem, ok := strings.CutSuffix(noun, "ies"); ok {
		return stem + "y"
	}
	return strings.TrimSuffix(noun, "s")
}

// ID makes an element id of any strings, hostile ones included: letters and
// digits stay, everything else becomes its code, parts are joined by a dot. It
// is injective, so that two objects never share a row.
func ID(parts ...string) string {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteByte('.')
		}
		for _, r := range p {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
				b.WriteRune(r)
			} else {
				fmt.Fprintf(&b, "_%x_", r)
			}
		}
	}
	return b.String()
}
