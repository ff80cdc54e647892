package views

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// CauseCard is one cause with what follows from it, ready to print.
type CauseCard struct {
	FindingCard
	// Worst is the gravest severity among cause and consequences.
	Worst        analysis.Severity
	Affects      []ObjectLink
	MoreAffects  []ObjectLink // behind a disclosure
	Consequences []FindingCard
	// Path is the drawn path of the first service it affects; empty for none.
	Path templ.SafeURL
	// Changed is the newest write of the subject itself.
	Changed mesh.Change
	Chat    string
}

// FindingCard is one finding, ready to print.
type FindingCard struct {
	ID       string
	Severity analysis.Severity
	Meaning  string // the class in words
	Code     CodeLink
	Subject  ObjectLink
	Summary  string
	Detail   string
	Evidence []ui.Evidence
	Fix      string
	Commands []string
	Mutates  bool
	Doubt    string
}

// ObjectLink is an object with its page; URL is empty where it has none.
type ObjectLink struct {
	Kind, Name string
	URL        templ.SafeURL
}

// CodeLink is a code with its entry in the catalogue.
type CodeLink struct {
	Code string
	URL  templ.SafeURL
}

// affectsShown is how many affected objects stand on a card unasked.
const affectsShown = 8

func newCauseCard(r *analysis.Report, q Query, g analysis.Group) CauseCard {
	c := CauseCard{FindingCard: NewFindingCard(r, q, &g.Cause), Worst: g.Severity}
	for _, a := range g.Affects {
		if a == g.Cause.Subject {
			continue
		}
		link := NewObjectLink(r.Snap, q, a)
		if len(c.Affects) < affectsShown {
			c.Affects = append(c.Affects, link)
		} else {
			c.MoreAffects = append(c.MoreAffects, link)
		}
	}
	for i := range g.Consequences {
		c.Consequences = append(c.Consequences, NewFindingCard(r, q, &g.Consequences[i]))
	}
	if svc := firstService(g); !svc.IsZero() {
		c.Path = q.Links().Object(r.Snap, svc)
	}
	if o := r.Snap.Lookup(g.Cause.Subject); o != nil {
		c.Changed = o.Metadata().SpecChange
	}
	c.Chat = chatText(r, q, g)
	return c
}

// NewFindingCard prepares a finding for any page.
func NewFindingCard(r *analysis.Report, q Query, f *analysis.Finding) FindingCard {
	return FindingCard{
		ID:       findingID(f),
		Severity: f.Severity, Meaning: meaning(f.Class),
		Code:    CodeLink{Code: f.Code, URL: q.Links().Check(f.Code)},
		Subject: NewObjectLink(r.Snap, q, f.Subject),
		Summary: f.Summary, Detail: f.Detail,
		Evidence: evidence(r.Snap, q, f.Evidence),
		Fix:      f.Fix.Text, Commands: f.Fix.Commands, Mutates: f.Fix.Mutates,
		Doubt: f.Doubt,
	}
}

// NewObjectLink names an object and finds its page.
func NewObjectLink(s *mesh.Snapshot, q Query, r mesh.Ref) ObjectLink {
	return ObjectLink{Kind: kindWord(r), Name: r.NamespacedName(), URL: q.Links().Object(s, r)}
}

func evidence(s *mesh.Snapshot, q Query, list []analysis.Evidence) []ui.Evidence {
	out := make([]ui.Evidence, 0, len(list))
	for _, e := range list {
		o := NewObjectLink(s, q, e.Object)
		item := ui.Evidence{Source: e.Source, Kind: o.Kind, Object: o.Name, ObjectURL: string(o.URL), Field: e.Field, Text: e.Text}
		if t, err := time.Parse(time.RFC3339, e.Time); err == nil {
			item.Time = t
		}
		out = append(out, item)
	}
	return out
}

// meaning says what a class is to traffic.
func meaning(c analysis.Class) string {
	switch c {
	case analysis.Breaks:
		return "traffic fails now"
	case analysis.Unprotected:
		return "a protection is off now"
	}
	return "risk"
}

// firstService is the service whose drawing shows the cause best: the subject,
// else the first one affected.
func firstService(g analysis.Group) mesh.Ref {
	for _, r := range append([]mesh.Ref{g.Cause.Subject}, g.Affects...) {
		if r.Kind == "Service" || r.Kind == "ServiceEntry" {
			return r
		}
	}
	return mesh.Ref{}
}

// chatText is the cause in six lines of Markdown: what and where, the summary,
// what happens, whom it hits, the evidence, the command with a link. The script
// that copies it makes the link absolute and dates it.
func chatText(r *analysis.Report, q Query, g analysis.Group) string {
	f := &g.Cause
	lines := []string{
		"**" + string(f.Severity) + "** `" + f.Code + "` on " + code(f.Subject.String()) + inCluster(r.Snap.Cluster),
		oneLine(f.Summary),
		oneLine(f.Detail),
		"Affects: " + affectsText(g),
		"Evidence: " + evidenceText(f),
		"Next: " + nextText(f) + " · " + string(q.Links().Page(PageTriage)) + "#" + findingID(f),
	}
	return strings.Join(lines, "\n")
}

func inCluster(c mesh.ClusterInfo) string {
	if c.Name == "" {
		return ""
	}
	return " in " + code(c.Name)
}

func affectsText(g analysis.Group) string {
	const most = 5
	var names []string
	for _, a := range g.Affects {
		if a != g.Cause.Subject {
			names = append(names, a.NamespacedName())
		}
	}
	switch {
	case len(names) == 0:
		return "only itself"
	case len(names) > most:
		return code(strings.Join(names[:most], ", ")) + " and " + plural(len(names)-most, "other")
	}
	return code(strings.Join(names, ", "))
}

func evidenceText(f *analysis.Finding) string {
	if len(f.Evidence) == 0 {
		return "none"
	}
	e := f.Evidence[0]
	text := code(strings.TrimSpace(e.Object.String() + " " + e.Field + ": " + e.Text))
	if e.Time != "" {
		text += " at " + e.Time
	}
	return text
}

func nextText(f *analysis.Finding) string {
	if len(f.Fix.Commands) == 0 {
		return oneLine(f.Fix.Text)
	}
	return code(f.Fix.Commands[0])
}

// code is a code span that no text can end early.
func code(s string) string { return "`" + strings.ReplaceAll(oneLine(s), "`", "'") + "`" }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
