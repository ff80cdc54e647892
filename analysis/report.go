package analysis

import (
	"cmp"
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Report is everything the checks have to say about one snapshot.
type Report struct {
	At   time.Time
	Snap *mesh.Snapshot
	// Findings are sorted by severity, code and subject; (code, subject) is
	// unique. The same input gives the same list.
	Findings []Finding
	// HeldBack are the checks that could not judge, or not everything, by code
	// and source.
	HeldBack []HeldBack
	// Ran is how many checks of the catalogue judged at least something, of
	// Checks.
	Ran, Checks int
	// Limit are the namespaces the findings were limited to, nil for all of
	// them; Hidden is how many findings that left out.
	Limit  []string
	Hidden int

	byRef map[mesh.Ref][]int
}

// index notes which findings are about what.
func (r *Report) index() {
	r.byRef = make(map[mesh.Ref][]int)
	for i := range r.Findings {
		f := &r.Findings[i]
		r.byRef[f.Subject] = append(r.byRef[f.Subject], i)
		for _, a := range f.Affects {
			if a != f.Subject {
				r.byRef[a] = append(r.byRef[a], i)
			}
		}
	}
}

// About lists the findings that have an object as their subject or that affect
// it, in the report's order.
func (r *Report) About(ref mesh.Ref) []Finding {
	var out []Finding
	for _, i := range r.byRef[ref] {
		out = append(out, r.Findings[i])
	}
	return out
}

// Find returns a finding by its code and subject, nil if there is none.
func (r *Report) Find(key Cause) *Finding {
	for _, i := range r.byRef[key.Subject] {
		if r.Findings[i].Key() == key {
			return &r.Findings[i]
		}
	}
	return nil
}

// Count is the number of findings of a severity.
func (r *Report) Count(s Severity) int {
	n := 0
	for i := range r.Findings {
		if r.Findings[i].Severity == s {
			n++
		}
	}
	return n
}

// Reaches tells whether some finding is as bad as limit or worse.
func (r *Report) Reaches(limit Severity) bool {
	return len(r.Findings) > 0 && r.Findings[0].Severity.AtLeast(limit)
}

// Group is a cause with everything that follows from it.
type Group struct {
	Cause        Finding
	Consequences []Finding
	// Severity is the worst among them: a consequence can be graver than what
	// it comes from.
	Severity Severity
	// Affects unites what all of them affect, sorted.
	Affects []mesh.Ref
}

// Causes groups the findings by their root cause, worst group first.
func (r *Report) Causes() []Group {
	var out []Group
	at := make(map[Cause]int)
	for i := range r.Findings {
		if f := &r.Findings[i]; f.CausedBy == nil {
			at[f.Key()] = len(out)
			out = append(out, Group{Cause: *f, Severity: f.Severity, Affects: slices.Clone(f.Affects)})
		}
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; f.CausedBy != nil {
			out[at[r.root(f)]].add(f)
		}
	}
	for i := range out {
		slices.SortFunc(out[i].Affects, mesh.Ref.Compare)
		out[i].Affects = slices.Compact(out[i].Affects)
	}
	slices.SortStableFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(a.Severity.Rank(), b.Severity.Rank()), compare(a.Cause, b.Cause))
	})
	return out
}

func (g *Group) add(f *Finding) {
	g.Consequences = append(g.Consequences, *f)
	g.Affects = append(g.Affects, f.Affects...)
	if f.Severity.Rank() < g.Severity.Rank() {
		g.Severity = f.Severity
	}
}

// root follows the causes of a finding to the one that has none.
func (r *Report) root(f *Finding) Cause {
	for f.CausedBy != nil {
		f = r.Find(*f.CausedBy)
	}
	return f.Key()
}
