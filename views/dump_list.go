package views

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// Limits of a list on a page; exports have every row that matches.
const (
	// DumpRowLimit is how many rows a page shows.
	DumpRowLimit = 5000
	// entriesInline is how many rows carry their entry; longer lists lead to
	// it, since 5,000 entries are ten megabytes.
	entriesInline = 200
	// entryBytes bounds one entry: a service may have 10,000 endpoints.
	entryBytes = 64 << 10
)

// DumpList is one part of a dump, filtered and sorted.
type DumpList struct {
	Tab     string
	Columns []DumpColumn
	Rows    []DumpRow
	// Matched rows satisfy the filter, of which Rows may be the first; Total is
	// what the part has within the namespace scope.
	Matched, Total int
	noun, holder   string
	keys           []string
}

// DumpColumn is a column of a list; Key sorts by it and heads it in a CSV.
type DumpColumn struct {
	Key, Label, Class, Hint string
	Sortable                bool
	// Folded columns share one column on a page, and Exported ones are not on it,
	// since it says the same in another way. Both are columns of their own in an
	// export.
	Folded, Exported bool
}

// DumpRow is one row. Cells stand in the order of the columns.
type DumpRow struct {
	ID    string
	Cells []DumpCell
	// only is the filter that leaves this row alone.
	only string
	item func(DumpItem) any
	// behind is what stands behind the row, as programs read it.
	behind func() any
	// itemOf is the same for rows that are one item, such as the certificates
	// of one identity.
	itemOf any
	ref    mesh.Ref
}

// DumpItem begins every item of a list in the API; the dump's own keys follow.
type DumpItem struct {
	Kind string `json:"kind,omitzero"`
	// Findings are those about the object that the item is a copy of.
	Findings []ItemFinding `json:"findings,omitzero"`
}

// ItemFinding is a finding in an item of the API.
type ItemFinding struct {
	Code     string            `json:"code"`
	Severity analysis.Severity `json:"severity"`
}

// dumpColumn is how a column of rows of T is printed and sorted; compare is nil
// for one that cannot be sorted.
type dumpColumn[B book, T any] struct {
	key, label, class, hint string
	cell                    func(B, *T) DumpCell
	compare                 func(a, b *T) int
	folded, exported        bool
}

// book is what rows are looked up in while they are listed.
type book interface {
	asked() Query
	// holder is what the rows are in, as a sentence names it: "this ztunnel".
	holder() string
}

// dumpPart is how one part of what a proxy said is listed: rows of T, out of a
// book B.
type dumpPart[B book, T any] struct {
	tab, noun string
	// rows makes the rows; held are those that the dump has as they are, in its
	// place.
	rows      func(B) []T
	held      func(B) []*T
	columns   []dumpColumn[B, T]
	keys      []string
	fields    func(b B, row *T, key string) ([]string, bool)
	namespace func(*T) string
	// id names a row among all, only is the filter that finds just it.
	id   func(*T) []string
	only func(*T) string
	ref  func(B, *T) mesh.Ref
	item func(*T, DumpItem) any
	// itemOf is what several rows are one item of; nil where each row is one.
	itemOf func(*T) any
	// entry is what stands behind a row; nil for its item.
	entry func(*T) any
}

// list filters before it makes cells: of 20,000 workloads few are looked at.
// limit is how many rows are made, 0 for all.
func (p *dumpPart[B, T]) list(b B, limit int) DumpList {
	l := DumpList{Tab: p.tab, noun: p.noun, holder: b.holder(), keys: p.keys}
	matched := p.filter(b, &l.Total)
	l.Matched = len(matched)
	orders := make(map[string]func(a, b *T) int, len(p.columns))
	for _, c := range p.columns {
		l.Columns = append(l.Columns, DumpColumn{c.key, c.label, c.class, c.hint, c.compare != nil, c.folded, c.exported})
		orders[c.key] = c.compare
	}
	SortRows(matched, b.asked().Sort, orders)
	if limit > 0 && len(matched) > limit {
		matched = matched[:limit]
	}
	l.Rows = make([]DumpRow, 0, len(matched))
	for _, row := range matched {
		l.Rows = append(l.Rows, p.row(b, row))
	}
	unique(l.Rows)
	return l
}

func (p *dumpPart[B, T]) filter(b B, total *int) []*T {
	rows := p.all(b)
	var matched []*T
	if b.asked().Filter.Empty() {
		matched = make([]*T, 0, len(rows))
	}
	var row *T
	fields := func(key string) ([]string, bool) { return p.fields(b, row, key) }
	for _, row = range rows {
		if !b.asked().InScope(p.namespace(row)) {
			continue
		}
		*total++
		if b.asked().Filter.Match(fields) {
			matched = append(matched, row)
		}
	}
	return matched
}

func (p *dumpPart[B, T]) all(b B) []*T {
	if p.held != nil {
		return p.held(b)
	}
	rows := p.rows(b)
	out := make([]*T, len(rows))
	for i := range rows {
		out[i] = &rows[i]
	}
	return out
}

func (p *dumpPart[B, T]) row(b B, row *T) DumpRow {
	r := DumpRow{
		ID: ui.ID(append([]string{p.tab}, p.id(row)...)...), Cells: make([]DumpCell, len(p.columns)),
		only: p.only(row), ref: p.ref(b, row), item: func(head DumpItem) any { return p.item(row, head) },
	}
	for i := range p.columns {
		r.Cells[i] = p.columns[i].cell(b, row)
	}
	if r.itemOf = row; p.itemOf != nil {
		r.itemOf = p.itemOf(row)
	}
	if r.behind = func() any { return p.item(row, DumpItem{}) }; p.entry != nil {
		r.behind = func() any { return p.entry(row) }
	}
	return r
}

// Items are the rows for programs, under the dump's own keys, each with the
// findings about its object.
func (l *DumpList) Items(r *analysis.Report) []any {
	out, seen := make([]any, 0, len(l.Rows)), make(map[any]bool, len(l.Rows))
	for i := range l.Rows {
		row := &l.Rows[i]
		if seen[row.itemOf] {
			continue
		}
		seen[row.itemOf] = true
		head := DumpItem{Kind: row.ref.Kind, Findings: []ItemFinding{}}
		for _, f := range r.About(row.ref) {
			head.Findings = append(head.Findings, ItemFinding{f.Code, f.Severity})
		}
		out = append(out, row.item(head))
	}
	return out
}

// entry is the row's entry as readable JSON, cut where it is very long.
func (r *DumpRow) entry() string {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // the template escapes; \u003c would be unreadable
	enc.SetIndent("", "  ")
	if err := enc.Encode(r.behind()); err != nil {
		return "This entry cannot be written as JSON: " + err.Error()
	}
	text := strings.TrimSuffix(buf.String(), "\n")
	if len(text) <= entryBytes {
		return withoutFormat(text)
	}
	cut := strings.LastIndexByte(text[:entryBytes], '\n')
	return withoutFormat(text[:max(cut, 0)]) + "\n… " + plural(len(text)-max(cut, 0), "more byte") + "; the JSON export has all of it"
}

// withoutFormat takes out what could make a text read as another one, such as
// marks that turn its direction. Lines stay.
func withoutFormat(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, s)
}

// unique counts up ids that are there twice, so that a dump with the same entry
// twice shows both.
func unique(rows []DumpRow) {
	seen := make(map[string]int, len(rows))
	for i := range rows {
		id := rows[i].ID
		seen[id]++
		if n := seen[id]; n > 1 {
			rows[i].ID = id + ".again" + number(n)
		}
	}
}

// table is what stands around the rows on a page at a path.
func (l *DumpList) table(q Query, path string) ui.Table {
	links := q.Links()
	t := ui.Table{
		ID: l.Tab, Caption: "The " + l.noun + " " + l.holder + " has", Noun: l.noun, Shown: len(l.Rows), Total: l.Total,
		Filter: links.FilterBox(path, q, l.keys...),
	}
	for _, c := range l.Columns {
		if c.Folded || c.Exported {
			continue
		}
		column := ui.Column{Label: c.Label, Class: c.Class, Hint: c.Hint}
		if c.Sortable {
			column = links.Column(path, q, c.Key, c.Label, c.Class)
			column.Hint = c.Hint
		}
		t.Columns = append(t.Columns, column)
	}
	if l.folded() {
		t.Columns = append(t.Columns, ui.Column{Label: "More", Class: "text"})
	}
	t.Columns = append(t.Columns, ui.Column{Label: "Entry", Hint: "all of it, under the dump's own keys"})
	return t
}

// folded tells whether some columns share one.
func (l *DumpList) folded() bool {
	return slices.ContainsFunc(l.Columns, func(c DumpColumn) bool { return c.Folded })
}

// onlyURL leads to a list with nothing but this row, which has its entry.
func (r *DumpRow) onlyURL(q Query, path string) templ.SafeURL {
	v := q.params()
	v.Set(paramFilter, r.only)
	v.Del(paramSort)
	return withQuery(path, v)
}

// exactly is a term of a filter for one value, whatever is in it.
func exactly(key, value string) string {
	return key + `:"` + strings.ReplaceAll(value, `"`, "") + `"`
}

func compareBy[T any](of func(*T) string) func(a, b *T) int {
	return func(a, b *T) int { return strings.Compare(of(a), of(b)) }
}

func sortedPorts(ports map[uint16]uint16) []uint16 {
	out := make([]uint16, 0, len(ports))
	for p := range ports {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}
