package views

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/views/ui"
)

// ChecksModel is the catalogue: every code, what it means, what fires it, and
// how often it fires now.
type ChecksModel struct {
	Table  ui.Table
	Checks []CheckEntry
}

// CheckEntry is one check.
type CheckEntry struct {
	ID       string // also the anchor that findings link to
	Code     string
	URL      templ.SafeURL
	Severity analysis.Severity
	Meaning  string
	Title    string
	Subject  string
	Explain  string
	Fires    string
	Silent   string
	Doubt    string
	Needs    []string
	// Now counts the present findings: "3", "none", or "could not judge".
	Now string
	// Found leads to the first of them; empty for none.
	Found templ.SafeURL
	// HeldBack says why it could not judge; empty if it did.
	HeldBack []string

	count int
}

// checkKeys are the words of the filter of this list.
var checkKeys = []string{"severity", "now"}

// NewChecks builds the catalogue.
func NewChecks(r *analysis.Report, q Query) ChecksModel {
	counts, first := countByCode(scoped(r, q))
	var m ChecksModel
	catalogue := analysis.Checks()
	for i := range catalogue {
		e := newCheckEntry(&catalogue[i], q.Links())
		e.count = counts[e.Code]
		e.HeldBack = heldBackReasons(r, e.Code)
		e.Now = nowText(e)
		if f := first[e.Code]; f != nil {
			e.Found = q.Links().Page(PageTriage) + templ.SafeURL("#"+findingID(f))
		}
		if q.Filter.Match(e.fields) {
			m.Checks = append(m.Checks, e)
		}
	}
	SortRows(m.Checks, q.Sort, map[string]func(a, b CheckEntry) int{
		"code":     By(func(e CheckEntry) string { return e.Code }),
		"severity": By(func(e CheckEntry) int { return e.Severity.Rank() }),
		"now":      By(func(e CheckEntry) int { return e.count }),
	})
	l, path := q.Links(), string(PageChecks)
	m.Table = ui.Table{
		ID: "checks", Caption: "Checks", Noun: "checks", Shown: len(m.Checks), Total: len(catalogue),
		Columns: []ui.Column{l.Column(path, q, "code", "Code", ""), l.Column(path, q, "severity", "Severity", ""), {Label: "What it finds", Class: "wide"}, l.Column(path, q, "now", "Now", "num")},
		Filter:  l.FilterBox(path, q, checkKeys...),
	}
	return m
}

func newCheckEntry(c *analysis.Check, l Links) CheckEntry {
	return CheckEntry{
		ID: c.Code, Code: c.Code, URL: l.Check(c.Code), Severity: c.Severity, Meaning: meaning(c.Class),
		Title: c.Title, Subject: c.Subject, Explain: c.Explanation, Fires: c.Fires, Silent: c.Silent, Doubt: c.Doubt, Needs: c.Needs,
	}
}

func countByCode(r *analysis.Report) (counts map[string]int, first map[string]*analysis.Finding) {
	counts, first = make(map[string]int), make(map[string]*analysis.Finding)
	for i := range r.Findings {
		f := &r.Findings[i]
		counts[f.Code]++
		if first[f.Code] == nil {
			first[f.Code] = f
		}
	}
	return counts, first
}

func heldBackReasons(r *analysis.Report, code string) []string {
	var out []string
	for _, h := range r.HeldBack {
		if h.Code != code {
			continue
		}
		reason := strings.TrimSpace(h.Source + " is " + string(h.State) + ": " + h.Detail)
		if h.Partly {
			reason = "In part. " + reason
		}
		if !slices.Contains(out, reason) {
			out = append(out, reason)
		}
	}
	return out
}

func nowText(e CheckEntry) string {
	switch {
	case e.count > 0:
		return number(e.count)
	case len(e.HeldBack) > 0:
		return "unknown"
	}
	return "none"
}

// fields is what the filter of this list can ask for.
func (e CheckEntry) fields(key string) ([]string, bool) {
	switch key {
	case "":
		return []string{e.Code, e.Title, e.Explain, e.Subject}, true
	case "severity":
		return []string{string(e.Severity)}, true
	case "now":
		return []string{e.Now}, true
	}
	return nil, false
}

// findingID is the element id of a finding on any page.
func findingID(f *analysis.Finding) string {
	return ui.ID("finding", f.Code, f.Subject.Kind, f.Subject.Namespace, f.Subject.Name)
}
