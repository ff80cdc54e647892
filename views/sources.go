package views

import (
	"strings"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// SourcesModel says what Waylight can see, since when, and which right is
// missing.
type SourcesModel struct {
	Table ui.Table
	Rows  []SourceRow
	// Proxies sum up the sources that are one proxy each.
	Proxies []ProxyReads
	// ReadHow says how it comes that these were read.
	ReadHow string
	// Scope says that only some namespaces are watched; empty for all.
	Scope string
	// Unread says which kinds of evidence this report has no source of, so
	// that nobody takes their silence for calm; empty for none.
	Unread string
}

// SourceRow is one source.
type SourceRow struct {
	ID    string
	Name  string
	State string
	Tone  ui.Tone
	// Detail is a sentence, or the missing right.
	Detail string
	Since  time.Time
	AsOf   time.Time
	// Lost is what is unknown without it, Role the file that grants the right.
	Lost string
	Role string
	// Checks are the codes that are held back because of it.
	Checks []CodeLink
}

// Files of the split roles besides roleView, as they lie in the repository.
const (
	roleLogs    = "deploy/rbac/logs.yaml"
	roleProxies = "deploy/rbac/proxies.yaml"
)

var sourceKeys = []string{"state"}

// NewSources builds the page of sources. newest are states newer than the
// report's; nil takes the report's.
func NewSources(r *analysis.Report, newest mesh.Sources, q Query) SourcesModel {
	if newest == nil {
		newest = r.Snap.Sources
	}
	var m SourcesModel
	for _, s := range newest {
		row := newSourceRow(r, s, q.Links())
		if q.Filter.Match(row.fields) {
			m.Rows = append(m.Rows, row)
		}
	}
	SortRows(m.Rows, q.Sort, map[string]func(a, b SourceRow) int{
		"name":  By(func(s SourceRow) string { return s.Name }),
		"state": By(func(s SourceRow) string { return s.State }),
	})
	l, path := q.Links(), string(PageSources)
	m.Table = ui.Table{
		ID: "sources", Caption: "Sources of evidence", Noun: "sources", Shown: len(m.Rows), Total: len(newest),
		Columns: []ui.Column{l.Column(path, q, "name", "Source", ""), l.Column(path, q, "state", "State", ""), {Label: "Detail", Class: "text"}, {Label: "As of"}, {Label: "Without it", Class: "text"}},
		Filter:  l.FilterBox(path, q, sourceKeys...),
	}
	if scope := r.Snap.Scope; scope != nil {
		m.Scope = "Only " + plural(len(scope), "namespace") + " watched: " + sentenceList(scope) + ". What lies outside is unknown."
	}
	m.Unread, m.Proxies = unread(newest), newProxyReads(r.Snap, newest)
	m.ReadHow = "read one after the other, at the rate of --sweep-rate"
	if o := r.Snap.Cluster.Origin; o != mesh.OriginLive && o != "" {
		m.ReadHow = "as they were recorded"
	}
	return m
}

func newSourceRow(r *analysis.Report, s mesh.SourceStatus, l Links) SourceRow {
	row := SourceRow{
		ID: ui.ID("source", s.Name), Name: s.Name, State: string(s.State), Tone: sourceTone(s.State),
		Detail: s.Detail, Since: s.Since, AsOf: s.AsOf, Lost: lostWithout(s.Name),
	}
	if s.State == mesh.SourceForbidden {
		row.Role = roleFile(s.Name)
	}
	for _, h := range r.HeldBack {
		if h.Source == s.Name && !containsCode(row.Checks, h.Code) {
			row.Checks = append(row.Checks, CodeLink{Code: h.Code, URL: l.Check(h.Code)})
		}
	}
	return row
}

func containsCode(list []CodeLink, code string) bool {
	for _, c := range list {
		if c.Code == code {
			return true
		}
	}
	return false
}

func sourceTone(s mesh.SourceState) ui.Tone {
	switch s {
	case mesh.SourceOK:
		return ui.ToneGood
	case mesh.SourceAbsent:
		return ui.ToneNone
	case mesh.SourceStarting:
		return ui.ToneUnknown
	}
	return ui.ToneWarn
}

// roleFile is the role that grants a source.
func roleFile(source string) string {
	kind, _, _ := strings.Cut(source, "/")
	switch kind {
	case "logs":
		return roleLogs
	case "ztunnel", "envoy", "istiod":
		return roleProxies
	}
	return roleView
}

// unread lists the kinds of evidence that are not among the sources.
func unread(sources mesh.Sources) string {
	has := make(map[string]bool)
	for _, s := range sources {
		kind, _, _ := strings.Cut(s.Name, "/")
		has[kind] = true
	}
	var missing []string
	for _, k := range []struct{ kind, words string }{
		{"ztunnel", "ztunnels"}, {"envoy", "waypoint proxies"}, {"istiod", "istiod"}, {"prometheus", "Prometheus"}, {"logs", "logs"},
	} {
		if !has[k.kind] {
			missing = append(missing, k.words)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return "Nothing is read from " + sentenceList(missing) + ". What only they could prove is marked expected or unknown."
}

func (s SourceRow) fields(key string) ([]string, bool) {
	switch key {
	case "":
		return []string{s.Name, s.State, s.Detail}, true
	case "state":
		return []string{s.State}, true
	}
	return nil, false
}
