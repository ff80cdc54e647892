package analysis

import (
	"slices"

	"github.com/waylight/waylight/mesh"
)

// linkCauses resolves causedBy: what a check named itself, else the codes its
// catalogue entry names. A cause that is not in the report is dropped, and so
// is one that would make a circle.
func linkCauses(in *Input, findings []Finding, checks []Check) {
	l := linker{in: in, findings: findings, at: make(map[Cause]int, len(findings)), byCode: make(map[string][]int)}
	for i := range findings {
		l.at[findings[i].Key()] = i
		l.byCode[findings[i].Code] = append(l.byCode[findings[i].Code], i)
	}
	of := make(map[string]*Check, len(checks))
	for i := range checks {
		of[checks[i].Code] = &checks[i]
	}
	for i := range findings {
		findings[i].CausedBy = l.causeOf(i, of[findings[i].Code])
	}
	for i := range findings {
		if l.circular(i) {
			findings[i].CausedBy = nil
		}
	}
}

type linker struct {
	in       *Input
	findings []Finding
	at       map[Cause]int
	byCode   map[string][]int
	extents  map[int]map[mesh.Ref]bool
}

func (l *linker) causeOf(i int, check *Check) *Cause {
	f := &l.findings[i]
	if f.CausedBy != nil {
		if j, ok := l.at[*f.CausedBy]; ok && j != i {
			return f.CausedBy
		}
	}
	for _, code := range check.ConsequenceOf {
		for _, j := range l.byCode[code] {
			if j != i && l.covers(j, f, check) {
				key := l.findings[j].Key()
				return &key
			}
		}
	}
	return nil
}

// covers tells whether finding j is about the subject of f, or about
// everything that f affects. A cause that explains only a part of it does not
// count: the rest would be folded away.
func (l *linker) covers(j int, f *Finding, check *Check) bool {
	extent := l.extent(j)
	about := func(r mesh.Ref) bool {
		return extent[r] || check.AboutToo != nil && slices.ContainsFunc(check.AboutToo(l.in, r), func(too mesh.Ref) bool { return extent[too] })
	}
	if about(f.Subject) {
		return true
	}
	for _, r := range f.Affects {
		if !about(r) {
			return false
		}
	}
	return len(f.Affects) > 0
}

// extent is what a finding is about: its subject and what it affects.
func (l *linker) extent(i int) map[mesh.Ref]bool {
	if e, ok := l.extents[i]; ok {
		return e
	}
	f := &l.findings[i]
	e := map[mesh.Ref]bool{f.Subject: true}
	for _, r := range f.Affects {
		e[r] = true
	}
	if l.extents == nil {
		l.extents = make(map[int]map[mesh.Ref]bool)
	}
	l.extents[i] = e
	return e
}

// circular follows the causes of a finding back to itself. Findings are asked
// in the order of the report, so of a circle the gravest becomes the cause.
func (l *linker) circular(i int) bool {
	seen := make(map[int]bool)
	for j := i; l.findings[j].CausedBy != nil && !seen[j]; {
		seen[j] = true
		if j = l.at[*l.findings[j].CausedBy]; j == i {
			return true
		}
	}
	return false
}
