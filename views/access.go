package views

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// Access is an answer of the matrix: may this caller call that port, as far as
// policies go.
type Access string

// The answers.
const (
	AccessYes     Access = "yes"
	AccessNo      Access = "no"
	AccessPartly  Access = "partly"  // some pods of the service admit it
	AccessDepends Access = "depends" // on the request: method, path, token
	AccessUnknown Access = "unknown" // something was not readable
)

// AccessOf is the answer for one row of a matrix.
func AccessOf(c *path.Caller) Access {
	d, _ := c.Deciding()
	switch {
	case !c.Admitted():
		return AccessNo
	case d.Verdict == authz.Undetermined && !d.DependsOnRequest():
		return AccessUnknown
	case c.Partly:
		return AccessPartly
	case d.DependsOnRequest():
		return AccessDepends
	}
	return AccessYes
}

// AccessRow is one row of a matrix: a caller of a service, or a service that a
// workload calls.
type AccessRow struct {
	ID string
	// Kind, Namespace and Name are of the other end; Object links it.
	Kind, Namespace, Name string
	Object                ObjectLink
	Port                  uint16
	// Entry says how calls leave the caller, Pods how many pods it has.
	Entry     path.Entry
	Pods      int
	Principal string
	Access    Access
	// Word is Access in words, Tone its colour.
	Word string
	Tone ui.Tone
	// DecidedBy is the policy; zero where none applies. Rule counts from 1, 0
	// where no single one decided.
	DecidedBy ObjectLink
	Policy    mesh.Ref
	Rule      int
	Where     path.Stage
	Reason    string
	Code      CodeLink
	// Path explains such a call.
	Path templ.SafeURL
	// Counted is what was counted of a caller's connections; nil in a matrix of
	// what is called.
	Counted *CallerLinks

	// of is what the row is about, and decision what was decided.
	of       *path.Caller
	decision *authz.Decision
}

// accessRowLimit is how many rows of a matrix a page shows. A large mesh has
// thousands of accounts, which nobody reads one by one; exports have all.
const accessRowLimit = 500

// AccessTab is a matrix on a page.
type AccessTab struct {
	Table   ui.Table
	Rows    []AccessRow
	Empty   EmptyList
	Notices []SourceNotice
	// Lead says what the matrix is about and what it leaves out.
	Lead string
	// Counted tells that rows have what was counted of them; Plain is a sentence
	// about connections that are of no row, empty for none.
	Counted          bool
	Plain            string
	CSVURL, JSONURL  templ.SafeURL
	Truncated, Total string // how many rows are left out; empty for none
}

var accessKeys = []string{"ns", "name", "entry", "may", "policy", "code"}

// fields are what the filter of a matrix looks at.
func (a *AccessRow) fields(key string) ([]string, bool) {
	switch key {
	case "":
		return []string{a.Namespace + "/" + a.Name, a.Principal, a.Reason, a.Policy.NamespacedName(), a.Word}, true
	case "ns":
		return []string{a.Namespace}, true
	case "name":
		return []string{a.Name}, true
	case "entry":
		return []string{string(a.Entry)}, true
	case "may":
		return []string{string(a.Access)}, true
	case "policy":
		return []string{orWord(a.Policy.Name, "none")}, true
	case "code":
		return []string{orWord(a.Code.Code, "none")}, true
	}
	return nil, false
}

// newAccessRow is what a row is found and sorted by; fill adds the rest, which
// only rows that are shown need.
func newAccessRow(c *path.Caller) AccessRow {
	d, stage := c.Deciding()
	a := AccessRow{of: c, decision: d, Entry: c.Entry, Pods: len(c.Pods), Principal: c.Principal, Access: AccessOf(c), Where: stage, Reason: d.Reason, Rule: d.Rule, Policy: d.Policy}
	a.Word, a.Tone = accessWord(a.Access)
	if a.Access != AccessYes {
		a.Code.Code = d.Code
	}
	return a
}

// fill links what a row says about the decision.
func (a *AccessRow) fill(s *mesh.Snapshot, q Query) {
	if !a.Policy.IsZero() {
		a.DecidedBy = NewObjectLink(s, q, a.Policy)
	}
	if a.Access != AccessYes {
		a.Code = catalogued(a.decision.Code, q.Links())
	}
}

// foundRows are rows that satisfy a filter, in the order asked for, of which
// the first are kept.
type foundRows struct {
	rows []AccessRow
	// matched satisfy the filter, total are in scope.
	matched, total int
}

// plain tells that rows are shown as they come, so that those beyond a limit
// need not be made.
func (q Query) plain() bool { return q.Filter.Empty() && accessOrders[q.Sort.Key] == nil }

// take takes the next row, which is made when it is looked at.
func (f *foundRows) take(q Query, limit int, row func() AccessRow) {
	f.total++
	if q.plain() && limit > 0 && f.matched >= limit {
		f.matched++
		return
	}
	if a := row(); q.Filter.Match(a.fields) {
		f.matched++
		f.rows = append(f.rows, a)
	}
}

// first sorts the rows and keeps so many; 0 keeps all.
func (f *foundRows) first(q Query, limit int) {
	SortRows(f.rows, q.Sort, accessOrders)
	if limit > 0 && len(f.rows) > limit {
		f.rows = f.rows[:limit]
	}
}

func accessWord(a Access) (string, ui.Tone) {
	switch a {
	case AccessYes:
		return "may call", ui.ToneGood
	case AccessNo:
		return "refused", ui.ToneBad
	case AccessPartly:
		return "some pods only", ui.ToneWarn
	case AccessDepends:
		return "depends on the request", ui.ToneWarn
	}
	return "unknown", ui.ToneNone
}

// rule is "rule 2", or empty where no single one decided.
func (a *AccessRow) rule() string {
	if a.Rule == 0 {
		return ""
	}
	return "rule " + strconv.Itoa(a.Rule)
}

var accessOrders = map[string]func(a, b AccessRow) int{
	"ns":     By(func(a AccessRow) string { return a.Namespace }),
	"name":   By(func(a AccessRow) string { return a.Name }),
	"entry":  By(func(a AccessRow) string { return string(a.Entry) }),
	"pods":   By(func(a AccessRow) int { return a.Pods }),
	"opened": By(func(a AccessRow) float64 { return a.Counted.opened() }),
	"may":    By(func(a AccessRow) string { return string(a.Access) }),
	"policy": By(func(a AccessRow) string { return a.Policy.NamespacedName() }),
}

// WriteAccessCSV writes rows of a matrix for spreadsheets.
func WriteAccessCSV(w io.Writer, rows []AccessRow) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"namespace", "name", "port", "entry", "pods", "principal", "may", "policy", "rule", "code", "reason", "connections", "connections_secured_percent"}); err != nil {
		return err
	}
	for i := range rows {
		a := &rows[i]
		record := []string{a.Namespace, a.Name, strconv.Itoa(int(a.Port)), string(a.Entry), strconv.Itoa(a.Pods), a.Principal, string(a.Access), a.Policy.String(), strconv.Itoa(a.Rule), a.Code.Code, a.Reason}
		record = append(record, a.Counted.record()...)
		for j := range record {
			record[j] = csvText(record[j])
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// accessTable stands around the rows of a matrix; address is the page's own.
func accessTable(q Query, address, noun, other string, shown, total int) ui.Table {
	l := q.Links()
	return ui.Table{
		ID: noun, Caption: other, Noun: noun, Shown: shown, Total: total, Filter: l.FilterBox(address, q, accessKeys...),
		Columns: []ui.Column{
			l.Column(address, q, "name", other, ""),
			withHint(l.Column(address, q, "entry", "Leaves through", ""), "whether its calls carry an identity, and pass a waypoint"),
			l.Column(address, q, "may", "May it?", ""),
			l.Column(address, q, "policy", "Decided by", ""),
			{Label: "Why", Class: "wide"},
			{Label: "Call"},
		},
	}
}

// truncate says how many rows a page leaves out, if any.
func (t *AccessTab) truncate(f foundRows) {
	if f.matched > len(f.rows) {
		t.Truncated, t.Total = number(len(f.rows)), number(f.matched)
	}
}

func exportOf(address string, q Query, format string) templ.SafeURL {
	v := q.params()
	if format != "" {
		v.Set("format", format)
	}
	return withQuery(address, v)
}

// entryWord says how calls leave a caller.
func entryWord(e path.Entry) string {
	if e == path.EntryNone {
		return "nothing: in plaintext"
	}
	return string(e)
}
