package views

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// TriageModel is the first page: what is broken now, by cause, and what a
// reader needs to trust that.
type TriageModel struct {
	// Starting is set while nothing was read yet; all else is empty then.
	Starting bool
	Title    string
	// Lead is what the title rests on: what was checked, what could not be.
	Lead string
	// Quiet tells that nothing is listed, Sure that nothing was held back or
	// skipped either, so that quiet may be read as fine.
	Quiet, Sure bool
	Filter      *ui.Filter
	// Filtered says how many causes a filter leaves out, empty for none.
	Filtered string
	Causes   []CauseCard
	// Unreached are services no call reaches for a reason that no cause names.
	Unreached []Unreached
	// Failing are all services that calls do not reach as they should.
	Failing Failing
	// Counted is what fails as proxies counted it.
	Counted FailingNow
	// Denials are calls that failed, as proxies wrote; nil where nobody asked.
	Denials *DenialsPanel
	// RisksLine counts what is no emergency; Risks are the same in full.
	RisksLine string
	Risks     []CauseCard
	Muted     MutedList
	HeldBack  []HeldBackLine
	DataPlane DataPlane
	Changes   ChangeList
	Links     Links
}

// HeldBackLine says which checks a source keeps from judging, and why.
type HeldBackLine struct {
	Source, State, Detail string
	Codes                 []CodeLink
	Partly                bool
}

// NewTriage builds the triage page.
func NewTriage(r *analysis.Report, q Query) TriageModel {
	m := TriageModel{Links: q.Links()}
	if starting(r.Snap) {
		m.Starting, m.Title = true, "Waylight is starting"
		return m
	}
	muting := muted(r, q)
	listed, risks := split(muting.Kept.Causes())
	paths := followPaths(r, q, listed, muting)
	m.HeldBack = heldBackLines(r, m.Links)
	m.Quiet = len(listed) == 0 && paths.Unexplained == 0
	m.Sure = m.Quiet && len(m.HeldBack) == 0 && paths.Skipped == 0 && len(muting.Muted) == 0
	m.Title, m.Lead = headline(r, listed, paths), lead(r, q, listed, paths)
	m.Muted = newMutedList(r, q, muting)
	m.Unreached, m.Failing = paths.Groups, paths.Failing
	m.Counted = newFailingNow(r, q)
	m.DataPlane = newDataPlane(r.Snap, m.Links)
	m.Changes = newChangeList(r, q)
	m.Filter = m.Links.FilterBox(string(PageTriage), q, causeKeys...)
	shown, shownRisks := q.matching(listed), q.matching(risks)
	m.Filtered = filteredLine(len(shown)+len(shownRisks), len(listed)+len(risks))
	calls := &callSearch{report: r, query: q, left: callsOfPage}
	m.Causes, m.Risks = calls.cards(shown), calls.cards(shownRisks)
	m.RisksLine = risksLine(shownRisks)
	return m
}

// cards prepares groups for print.
func (c *callSearch) cards(groups []analysis.Group) []CauseCard {
	var out []CauseCard
	for _, g := range groups {
		out = append(out, newCauseCard(c, g))
	}
	return out
}

// starting tells that nothing was read yet: everything is empty for that
// reason and no other.
func starting(s *mesh.Snapshot) bool {
	k, ok := s.Sources.Find(mesh.KubernetesSource)
	return ok && k.State == mesh.SourceStarting
}

// scoped is the report limited to the namespace asked for.
func scoped(r *analysis.Report, q Query) *analysis.Report {
	if q.Namespace == "" {
		return r
	}
	return r.In(q.Namespace)
}

// listedOnTriage counts what triage lists in full: causes, and reasons for which
// services are not reached.
func listedOnTriage(r *analysis.Report, q Query) int {
	muting := muted(r, q)
	listed, _ := split(muting.Kept.Causes())
	return len(listed) + followPaths(r, q, listed, muting).reasons()
}

// split parts what is listed from mere risks: causes that break something or
// leave it unprotected now, themselves or by what follows from them, and errors,
// with which something written has not the effect it says. The listed ones are
// in the order they should be dealt with.
func split(groups []analysis.Group) (listed, risks []analysis.Group) {
	for _, g := range groups {
		if worstClass(g) == analysis.Risk && !g.Severity.AtLeast(analysis.Error) {
			risks = append(risks, g)
		} else {
			listed = append(listed, g)
		}
	}
	slices.SortStableFunc(listed, func(a, b analysis.Group) int {
		return cmp.Or(cmp.Compare(a.Severity.Rank(), b.Severity.Rank()), cmp.Compare(classRank(a), classRank(b)))
	})
	return listed, risks
}

// classRank puts what breaks traffic before what leaves it unprotected, where
// both are equally grave, and all else last.
func classRank(g analysis.Group) int {
	return slices.Index([]analysis.Class{analysis.Breaks, analysis.Unprotected, analysis.Risk}, worstClass(g))
}

// worstClass is what a group means for traffic: the gravest class in it.
func worstClass(g analysis.Group) analysis.Class {
	class := g.Cause.Class
	for i := range g.Consequences {
		switch g.Consequences[i].Class {
		case analysis.Breaks:
			return analysis.Breaks
		case analysis.Unprotected:
			if class == analysis.Risk {
				class = analysis.Unprotected
			}
		}
	}
	return class
}

// headline is the one sentence of the page.
func headline(r *analysis.Report, listed []analysis.Group, paths pathReport) string {
	parts := causeWords(listed)
	if n := paths.Unexplained; n > 0 {
		parts = append(parts, plural(n, "service cannot be reached", "services cannot be reached"))
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, ", ")
	case r.Ran == 0:
		return "Nothing could be judged"
	case len(r.HeldBack) > 0:
		return "Nothing found, but not everything could be judged"
	case paths.Skipped > 0:
		return "No check fires"
	case paths.Muted > 0:
		return "Nothing is listed but what is muted"
	}
	return "Nothing is broken"
}

// causeWords count the causes by what they mean: "2 causes break 3 services,
// 1 leaves a protection off". The first part says what is counted.
func causeWords(listed []analysis.Group) []string {
	by := make(map[analysis.Class][]analysis.Group)
	for _, g := range listed {
		by[worstClass(g)] = append(by[worstClass(g)], g)
	}
	var parts []string
	add := func(groups []analysis.Group, one, many string) {
		if len(groups) == 0 {
			return
		}
		noun := ""
		if len(parts) == 0 && len(groups) == 1 {
			noun = "cause "
		} else if len(parts) == 0 {
			noun = "causes "
		}
		parts = append(parts, plural(len(groups), noun+one, noun+many))
	}
	what := whatBreaks(by[analysis.Breaks])
	add(by[analysis.Breaks], "breaks "+what, "break "+what)
	add(by[analysis.Unprotected], "leaves a protection off", "leave a protection off")
	add(by[analysis.Risk], "does not act as written", "do not act as written")
	return parts
}

// whatBreaks is what causes break: services where they name any.
func whatBreaks(groups []analysis.Group) string {
	switch radius := analysis.RadiusOf(groups...); {
	case radius.Services > 0:
		return plural(radius.Services, "service")
	case radius.Workloads > 0:
		return plural(radius.Workloads, "workload")
	}
	return "traffic"
}

// lead is the line below it: the blast radius, and what was looked at.
func lead(r *analysis.Report, q Query, listed []analysis.Group, paths pathReport) string {
	var parts []string
	if len(listed) > 0 {
		parts = append(parts, affectedWords(analysis.RadiusOf(listed...)))
	}
	parts = append(parts, ranWords(r.Ran, count(r, q)))
	if held := r.Checks - r.Ran; held > 0 {
		parts = append(parts, plural(held, "could not judge", "could not judge"))
	}
	if line := paths.line(); line != "" {
		parts = append(parts, line)
	}
	return strings.Join(parts, " · ")
}

// ranWords says how many checks ran, and over what.
func ranWords(ran int, c Counts) string {
	if c.Services == notCounted && c.Workloads == notCounted && c.Nodes == notCounted {
		return plural(ran, "check ran", "checks ran") + ": how many services, workloads and nodes there are is unknown"
	}
	return fmt.Sprintf("%s over %s, %s and %s", plural(ran, "check ran", "checks ran"),
		counted(c.Services, "service"), counted(c.Workloads, "workload"), counted(c.Nodes, "node"))
}

// affectedWords is the blast radius of all that is listed.
func affectedWords(r analysis.Radius) string {
	parts := radiusWords(r)
	if len(parts) == 0 {
		return "no service or workload named"
	}
	return sentenceList(parts) + " affected"
}

// radiusWords count what is hit: "3 services", "1 namespace".
func radiusWords(r analysis.Radius) []string {
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{r.Services, "service"}, {r.Workloads, "workload"}, {r.Nodes, "node"}, {r.Namespaces, "namespace"}} {
		if p.n > 0 {
			parts = append(parts, plural(p.n, p.word))
		}
	}
	return parts
}

// risksLine counts the risks by severity.
func risksLine(risks []analysis.Group) string {
	counts := make(map[analysis.Severity]int)
	for _, g := range risks {
		counts[g.Severity]++
	}
	var parts []string
	for _, s := range []analysis.Severity{analysis.Critical, analysis.Error, analysis.Warning, analysis.Info} {
		if n := counts[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	verb := " that break nothing now: "
	if len(risks) == 1 {
		verb = " that breaks nothing now: "
	}
	return plural(len(risks), "risk") + verb + sentenceList(parts)
}

// heldBackLines groups the checks that could not judge by what kept them.
func heldBackLines(r *analysis.Report, l Links) []HeldBackLine {
	var out []HeldBackLine
	for _, h := range r.HeldBack {
		i := slices.IndexFunc(out, func(o HeldBackLine) bool {
			return o.Source == h.Source && o.Detail == h.Detail && o.Partly == h.Partly
		})
		if i < 0 {
			i = len(out)
			out = append(out, HeldBackLine{Source: h.Source, State: string(h.State), Detail: h.Detail, Partly: h.Partly})
		}
		out[i].Codes = append(out[i].Codes, CodeLink{Code: h.Code, URL: l.Check(h.Code)})
	}
	return out
}
