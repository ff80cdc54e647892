package analysis

import (
	"time"

	"github.com/waylight/waylight/analysis/traffic"
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
	// Mutes are those that hold for everybody who looks, from a file. Nothing
	// is left out because of them before Mute is asked.
	Mutes []Mute
	// Muted is how many findings Mute left out.
	Muted int

	byRef  map[mesh.Ref][]int
	counts *traffic.Counts
}

// Counts is what proxies counted of traffic, put in order once for all who
// ask; nil, of which every method says that it is unknown, where nobody
// counted.
func (r *Report) Counts() *traffic.Counts { return r.counts }

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
