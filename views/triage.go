package views

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
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
	Causes      []CauseCard
	// Unreached are services no call reaches for a reason that no cause names.
	Unreached []Unreached
	// RisksLine counts what is no emergency; Risks are the same in full.
	RisksLine string
	Risks     []CauseCard
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
	listed, risks := split(scoped(r, q).Causes())
	for _, g := range listed {
		m.Causes = append(m.Causes, newCauseCard(r, q, g))
	}
	for _, g := range risks {
		m.Risks = append(m.Risks, newCauseCard(r, q, g))
	}
	m.HeldBack = heldBackLines(r, m.Links)
	paths := followPaths(r, q, listed)
	m.Unreached = paths.Groups
	m.Quiet = len(listed) == 0 && paths.Services == 0
	m.Sure = m.Quiet && len(m.HeldBack) == 0 && paths.Skipped == 0
	m.Title, m.Lead = headline(r, listed, paths), lead(r, q, listed, paths)
	m.RisksLine = risksLine(risks)
	m.DataPlane = newDataPlane(r.Snap, m.Links)
	m.Changes = newChangeList(r, q)
	return m
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
	listed, _ := split(scoped(r, q).Causes())
	return len(listed) + len(followPaths(r, q, listed).Groups)
}

// split parts the causes that break something or leave it unprotected now,
// themselves or by what follows from them, from mere risks. The listed ones are
// in the order they should be dealt with.
func split(groups []analysis.Group) (listed, risks []analysis.Group) {
	for _, g := range groups {
		if worstClass(g) == analysis.Risk {
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
// both are equally grave.
func classRank(g analysis.Group) int {
	if worstClass(g) == analysis.Breaks {
		return 0
	}
	return 1
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
	breaks, open := 0, 0
	for _, g := range listed {
		if worstClass(g) == analysis.Breaks {
			breaks++
		} else {
			open++
		}
	}
	var parts []string
	if breaks > 0 {
		parts = append(parts, plural(breaks, "cause breaks traffic", "causes break traffic"))
	}
	if open > 0 && breaks > 0 {
		parts = append(parts, plural(open, "leaves a protection off", "leave a protection off"))
	} else if open > 0 {
		parts = append(parts, plural(open, "cause leaves a protection off", "causes leave a protection off"))
	}
	if n := paths.Services; n > 0 {
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
	}
	return "Nothing is broken"
}

// lead is the line below it: the blast radius, and what was looked at.
func lead(r *analysis.Report, q Query, listed []analysis.Group, paths pathReport) string {
	var parts []string
	if len(listed) > 0 {
		parts = append(parts, radius(listed))
	}
	c := count(r, q)
	parts = append(parts, fmt.Sprintf("%s over %s, %s and %s", plural(r.Ran, "check ran", "checks ran"),
		counted(c.Services, "service"), counted(c.Workloads, "workload"), counted(c.Nodes, "node")))
	if held := r.Checks - r.Ran; held > 0 {
		parts = append(parts, plural(held, "could not judge", "could not judge"))
	}
	if line := paths.line(); line != "" {
		parts = append(parts, line)
	}
	return strings.Join(parts, " · ")
}

// radius counts what the listed causes affect, once each.
func radius(listed []analysis.Group) string {
	var all []mesh.Ref
	for _, g := range listed {
		all = append(all, g.Affects...)
		all = append(all, g.Cause.Subject)
	}
	slices.SortFunc(all, mesh.Ref.Compare)
	services, workloads := 0, 0
	for _, r := range slices.Compact(all) {
		switch r.Kind {
		case "Service", "ServiceEntry":
			services++
		case "Pod", "WorkloadEntry", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob":
			workloads++
		}
	}
	var parts []string
	if services > 0 {
		parts = append(parts, plural(services, "service"))
	}
	if workloads > 0 {
		parts = append(parts, plural(workloads, "workload"))
	}
	if len(parts) == 0 {
		return "no service or workload named"
	}
	return sentenceList(parts) + " affected"
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
