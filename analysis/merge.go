package analysis

import (
	"slices"

	"github.com/waylight/waylight/mesh"
)

// merge makes (code, subject) unique: several causes on one subject are one
// finding with all the evidence. The gravest severity and its words win.
func merge(findings []Finding) []Finding {
	out := make([]Finding, 0, len(findings))
	at := make(map[Cause]int, len(findings))
	for _, f := range findings {
		i, seen := at[f.Key()]
		if !seen {
			at[f.Key()] = len(out)
			out = append(out, f)
			continue
		}
		out[i] = join(out[i], f)
	}
	for i := range out {
		slices.SortFunc(out[i].Affects, mesh.Ref.Compare)
		out[i].Affects = slices.Compact(out[i].Affects)
	}
	slices.SortFunc(out, compare)
	return out
}

// join adds to a what b has more than it.
func join(a, b Finding) Finding {
	if b.Severity.Rank() < a.Severity.Rank() {
		a, b = b, a
	}
	for _, e := range b.Evidence {
		if !slices.Contains(a.Evidence, e) {
			a.Evidence = append(a.Evidence, e)
		}
	}
	a.Affects = append(a.Affects, b.Affects...)
	if a.CausedBy == nil {
		a.CausedBy = b.CausedBy
	}
	return a
}
