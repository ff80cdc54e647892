package views

import (
	"github.com/a-h/templ"

	"github.com/waylight/waylight/views/ui"
)

// DumpTable is a list out of a dump on a page.
type DumpTable struct {
	List DumpList
	// Table is what stands around the rows, Entries what stands behind each.
	Table   ui.Table
	Entries []DumpEntry
	// Truncated is how many rows match where not all are shown.
	Truncated string
	// Empty is said where there is no row.
	Empty           EmptyList
	CSVURL, JSONURL templ.SafeURL
}

// DumpEntry is the entry behind a row: its text, or where it is found.
type DumpEntry struct {
	Text string
	URL  templ.SafeURL
	Open bool
}

// newDumpTable is a list on the page at a path.
func newDumpTable(l DumpList, q Query, path string) DumpTable {
	t := DumpTable{
		List: l, Table: l.table(q, path), Entries: make([]DumpEntry, 0, len(l.Rows)),
		CSVURL: withParam(path, q, "format", "csv"), JSONURL: withParam(path, q, "format", "json"),
	}
	if n := len(l.Rows); n < l.Matched {
		t.Truncated = number(l.Matched)
	}
	inline := len(l.Rows) <= entriesInline
	for i := range l.Rows {
		row := &l.Rows[i]
		if inline {
			t.Entries = append(t.Entries, DumpEntry{Text: row.entry(), Open: len(l.Rows) == 1})
		} else {
			t.Entries = append(t.Entries, DumpEntry{URL: row.onlyURL(q, path)})
		}
	}
	return t
}

// withParam is a page at a path as a query has it, with one more parameter.
func withParam(path string, q Query, name, value string) templ.SafeURL {
	v := q.params()
	v.Set(name, value)
	return withQuery(path, v)
}
