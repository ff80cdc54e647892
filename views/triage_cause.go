package views

import (
	"slices"
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
	Worst analysis.Severity
	// Also are further subjects of which the same is true, MoreAlso those
	// behind a disclosure; Shared says what decides all of them.
	Also, MoreAlso []ObjectLink
	Shared         string
	Affects        []ObjectLink
	MoreAffects    []ObjectLink // behind a disclosure
	// Radius counts whom it hits: "3 services · 1 namespace".
	Radius       string
	Consequences []FindingCard
	// Call is a call that shows it; nil where none was found.
	Call *CauseCall
	// Path is the drawn path of the first service it affects; empty for none.
	Path templ.SafeURL
	// Changed is the newest write of what the cause rests on, ChangedBy which
	// object that was.
	Changed   mesh.Change
	ChangedBy ObjectLink
	Chat      string
	Mutes     []MuteChoice
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
	// Reading are commands that only look, Changing those that change the
	// cluster.
	Reading, Changing []string
	Doubt             string
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

func newCauseCard(c *callSearch, g analysis.Group) CauseCard {
	r, q := c.report, c.query
	card := CauseCard{FindingCard: NewFindingCard(r, q, &g.Cause), Worst: g.Severity, Call: c.of(&g)}
	card.Evidence = evidence(r.Snap, q, g.Evidence())
	card.fix(g.Fix())
	subjects := g.Subjects()
	card.Also, card.MoreAlso = someLinks(r, q, subjects[1:])
	card.Shared = refNames(g.Shared)
	card.Affects, card.MoreAffects = someLinks(r, q, slices.DeleteFunc(slices.Clone(g.Affects), func(a mesh.Ref) bool { return slices.Contains(subjects, a) }))
	if hit := analysis.RadiusOf(g); hit.Services+hit.Workloads+hit.Nodes > 1 {
		card.Radius = strings.Join(radiusWords(hit), " · ")
	}
	for i := range g.Consequences {
		card.Consequences = append(card.Consequences, NewFindingCard(r, q, &g.Consequences[i]))
	}
	if svc := firstService(g); !svc.IsZero() {
		card.Path = q.Links().Object(r.Snap, svc)
	}
	var by mesh.Ref
	if card.Changed, by = lastChange(r.Snap, &g); !by.IsZero() {
		card.ChangedBy = NewObjectLink(r.Snap, q, by)
	}
	card.Chat = chatText(r, q, g, card.Call)
	card.Mutes = muteChoices(q, &g, r.At)
	return card
}

// someLinks are the first objects, and the others.
func someLinks(r *analysis.Report, q Query, refs []mesh.Ref) (some, more []ObjectLink) {
	for i, ref := range refs {
		if link := NewObjectLink(r.Snap, q, ref); i < affectsShown {
			some = append(some, link)
		} else {
			more = append(more, link)
		}
	}
	return some, more
}

// refNames joins objects as a sentence does.
func refNames(refs []mesh.Ref) string {
	words := make([]string, 0, len(refs))
	for _, r := range refs {
		words = append(words, kindWord(r)+" "+r.NamespacedName())
	}
	return sentenceList(words)
}

func (f *FindingCard) fix(x analysis.Fix) {
	f.Fix, f.Reading, f.Changing = x.Text, x.Reading(), x.Changing()
}

// lastChange is the newest write of what a cause is about or rests on. A pod
// stands for what rolled it out: nobody writes pods.
func lastChange(s *mesh.Snapshot, g *analysis.Group) (mesh.Change, mesh.Ref) {
	var newest mesh.Change
	var by mesh.Ref
	look := func(ref mesh.Ref) {
		o := s.Lookup(ref)
		if w, ok := o.(*mesh.Workload); ok && w.Kind == "Pod" {
			o = s.Lookup(s.ControllerOf(w))
		}
		if o == nil {
			return
		}
		if m := o.Metadata(); m.SpecChange.Time.After(newest.Time) {
			newest, by = m.SpecChange, m.Ref()
		}
	}
	for _, f := range g.Members() {
		look(f.Subject)
		for _, e := range f.Evidence {
			look(e.Object)
		}
	}
	return newest, by
}

// NewFindingCard prepares a finding for any page.
func NewFindingCard(r *analysis.Report, q Query, f *analysis.Finding) FindingCard {
	card := FindingCard{
		ID:       findingID(f),
		Severity: f.Severity, Meaning: meaningOf(f),
		Code:    CodeLink{Code: f.Code, URL: q.Links().Check(f.Code)},
		Subject: NewObjectLink(r.Snap, q, f.Subject),
		Summary: f.Summary, Detail: f.Detail,
		Evidence: evidence(r.Snap, q, f.Evidence),
		Doubt:    f.Doubt,
	}
	card.fix(f.Fix)
	return card
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

// meaningOf says what a finding is to traffic.
func meaningOf(f *analysis.Finding) string {
	if f.Class == analysis.Risk && f.Severity.AtLeast(analysis.Error) {
		return "does not act as written"
	}
	return meaning(f.Class)
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
func chatText(r *analysis.Report, q Query, g analysis.Group, call *CauseCall) string {
	f := &g.Cause
	fix := g.Fix()
	happens := oneLine(f.Detail)
	if call != nil {
		happens = strings.TrimSpace(happens + " Call " + code(call.From+" → "+call.To) + ": " + string(call.Verdict) + ", " + oneLine(call.Outcome))
	}
	lines := []string{
		"**" + string(f.Severity) + "** `" + f.Code + "` on " + subjectsText(&g) + inCluster(r.Snap.Cluster),
		oneLine(f.Summary),
		happens,
		"Affects: " + affectsText(g),
		"Evidence: " + evidenceText(f),
		"Next: " + nextOf(fix) + " · " + string(q.Links().Page(PageTriage)) + "#" + findingID(f),
	}
	return strings.Join(lines, "\n")
}

// subjectsText names what a cause is about: "Service shop/catalog, shop/orders".
func subjectsText(g *analysis.Group) string {
	const most = 5
	names := make([]string, 0, 1+len(g.Also))
	for _, s := range g.Subjects() {
		names = append(names, s.NamespacedName())
	}
	more := ""
	if len(names) > most {
		names, more = names[:most], " and "+plural(len(names)-most, "other")
	}
	return code(strings.TrimSpace(g.Cause.Subject.Kind+" "+joined(names))) + more
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
		if !slices.Contains(g.Subjects(), a) {
			names = append(names, a.NamespacedName())
		}
	}
	switch {
	case len(names) == 0:
		return "nothing else"
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

func nextText(f *analysis.Finding) string { return nextOf(f.Fix) }

func nextOf(f analysis.Fix) string {
	if len(f.Commands) == 0 {
		return oneLine(f.Text)
	}
	return code(f.Commands[0])
}

// code is a code span that no text can end early.
func code(s string) string { return "`" + strings.ReplaceAll(oneLine(s), "`", "'") + "`" }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
