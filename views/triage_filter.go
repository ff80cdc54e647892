package views

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
)

// causeKeys are the words the filter of triage knows.
var causeKeys = []string{"severity", "class", "code", "ns", "kind", "name"}

// causeFields is what a filter finds of a cause: it matches where any finding
// of the group does, consequences included.
func causeFields(g *analysis.Group) Fields {
	findings := g.Members()
	for i := range g.Consequences {
		findings = append(findings, &g.Consequences[i])
	}
	objects := slices.Concat(g.Subjects(), g.Affects)
	return func(key string) ([]string, bool) {
		switch key {
		case "":
			return append(ofFindings(findings, findingText), ofObjects(objects, mesh.Ref.String)...), true
		case "severity":
			return ofFindings(findings, func(f *analysis.Finding) string { return string(f.Severity) }), true
		case "class":
			return ofFindings(findings, func(f *analysis.Finding) string { return string(f.Class) }), true
		case "code":
			return ofFindings(findings, func(f *analysis.Finding) string { return f.Code }), true
		case "ns":
			return ofObjects(objects, namespaceWord), true
		case "kind":
			return ofObjects(objects, func(r mesh.Ref) string { return r.Kind }), true
		case "name":
			return ofObjects(objects, func(r mesh.Ref) string { return r.Name }), true
		}
		return nil, false
	}
}

func findingText(f *analysis.Finding) string { return f.Code + " " + f.Summary + " " + f.Detail }

// namespaceWord is where an object lies: a Namespace in itself, others in none.
func namespaceWord(r mesh.Ref) string {
	switch {
	case r.Kind == "Namespace":
		return r.Name
	case r.Namespace == "":
		return "none"
	}
	return r.Namespace
}

func ofFindings(list []*analysis.Finding, word func(*analysis.Finding) string) []string {
	out := make([]string, 0, len(list))
	for _, f := range list {
		out = append(out, word(f))
	}
	return out
}

func ofObjects(list []mesh.Ref, word func(mesh.Ref) string) []string {
	out := make([]string, 0, len(list))
	for _, r := range list {
		out = append(out, word(r))
	}
	return out
}

// matching are the groups that the filter leaves.
func (q Query) matching(groups []analysis.Group) []analysis.Group {
	var out []analysis.Group
	for i := range groups {
		if q.Filter.Match(causeFields(&groups[i])) {
			out = append(out, groups[i])
		}
	}
	return out
}

// filteredLine says what a filter leaves out: a short list must not be taken
// for a quiet mesh.
func filteredLine(shown, all int) string {
	if shown == all {
		return ""
	}
	return fmt.Sprintf("%d of %s shown; the filter leaves out the rest.", shown, plural(all, "cause or risk", "causes and risks"))
}
