package analysis

import (
	"cmp"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// Group is one cause as people read it: a finding, those of the same code that
// the same hop decides, and everything that follows from them.
type Group struct {
	Cause Finding
	// Also are the other findings that Shared decides; mostly none. They stand
	// alone in the JSON form.
	Also []Finding
	// Shared are the objects that decide all of them; nil where Also is empty.
	Shared       []mesh.Ref
	Consequences []Finding
	// Severity is the worst among them: a consequence can be graver than what
	// it comes from.
	Severity Severity
	// Affects unites what all of them affect, and the subjects of Cause and
	// Also where there are several, sorted.
	Affects []mesh.Ref
}

// Causes groups the findings by their root cause, worst group first.
func (r *Report) Causes() []Group {
	out, at := r.rootCauses()
	for i := range r.Findings {
		if f := &r.Findings[i]; f.CausedBy != nil {
			out[at[r.root(f)]].follow(f)
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

// rootCauses are the groups without what follows, and where each cause is.
func (r *Report) rootCauses() ([]Group, map[Cause]int) {
	var out []Group
	at := make(map[Cause]int)
	deciders := make(deciders)
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.CausedBy != nil {
			continue
		}
		j, shared := deciders.find(f, len(out))
		if j == len(out) {
			out = append(out, Group{Cause: *f, Severity: f.Severity, Affects: slices.Clone(f.Affects)})
		} else {
			out[j].join(f, shared)
		}
		at[f.Key()] = j
	}
	return out, at
}

// join adds a finding that the same objects decide.
func (g *Group) join(f *Finding, shared []mesh.Ref) {
	if len(g.Also) == 0 {
		g.Affects = append(g.Affects, g.Cause.Subject)
	}
	g.Also, g.Shared = append(g.Also, *f), shared
	g.Affects = append(append(g.Affects, f.Affects...), f.Subject)
}

// follow adds a consequence.
func (g *Group) follow(f *Finding) {
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

// Members are the findings the group is made of, without what follows.
func (g *Group) Members() []*Finding {
	out := []*Finding{&g.Cause}
	for i := range g.Also {
		out = append(out, &g.Also[i])
	}
	return out
}

// Subjects are what the members are about.
func (g *Group) Subjects() []mesh.Ref {
	var out []mesh.Ref
	for _, f := range g.Members() {
		out = append(out, f.Subject)
	}
	return out
}

// Evidence unites what the members rest on; what is too much is counted.
func (g *Group) Evidence() []Evidence {
	if len(g.Also) == 0 {
		return g.Cause.Evidence
	}
	var out []Evidence
	for _, f := range g.Members() {
		for _, e := range f.Evidence {
			out = appendOnce(out, e)
		}
	}
	return shorten(out)
}

// Fix unites what to do about the members, commands that only read first.
func (g *Group) Fix() Fix {
	if len(g.Also) == 0 {
		return g.Cause.Fix
	}
	var reading, changing []string
	for _, f := range g.Members() {
		for _, c := range f.Fix.Reading() {
			reading = appendOnce(reading, c)
		}
		for _, c := range f.Fix.Changing() {
			changing = appendOnce(changing, c)
		}
	}
	return Fix{
		Text: g.Cause.Fix.Text, Commands: slices.Concat(reading, changing),
		Changes: len(changing), Mutates: len(changing) > 0,
	}
}

func appendOnce[T comparable](list []T, v T) []T {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}
