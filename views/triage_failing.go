package views

import (
	"cmp"
	"slices"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// Failing are the services whose drawn path is not Reachable, by the hop that
// several have in common.
type Failing struct {
	Groups []FailingGroup
	// Unknown counts services of whose path something needed is not known.
	Unknown int
	// Skipped is the number of services that were too many to follow.
	Skipped int
}

// FailingGroup are services that fail at one hop for one reason.
type FailingGroup struct {
	ID       string
	Code     CodeLink
	Hop      ObjectLink // its Name is empty where the hop is no object
	Outcome  string
	Services []FailingService

	hop mesh.Ref
	why explanation
	// Cause leads to the card that says why; Muted tells that it is muted.
	Cause templ.SafeURL
	Muted bool
}

// FailingService is one of them.
type FailingService struct {
	ID      string
	Service ObjectLink
	Verdict path.Verdict
}

// explanation is the cause that says already why a service fails.
type explanation struct {
	code, anchor string
	// hop decides it, zero where no single object does.
	hop   mesh.Ref
	muted bool
}

func newExplanation(g *analysis.Group) explanation {
	e := explanation{code: g.Cause.Code, anchor: findingID(&g.Cause)}
	switch s := g.Cause.Subject; {
	case len(g.Shared) > 0:
		e.hop = g.Shared[0]
	case len(g.Also) == 0 && s.Kind != "Service":
		e.hop = s
	}
	return e
}

func (e explanation) none() bool { return e == explanation{} }

// explanationOf finds the first cause that says of a service that its traffic
// fails, among those listed and then among those muted.
func explanationOf(listed []analysis.Group, muted []analysis.MutedGroup, service mesh.Ref) explanation {
	for i := range listed {
		if saysItFails(&listed[i], service) {
			return newExplanation(&listed[i])
		}
	}
	for i := range muted {
		if g := &muted[i]; saysItFails(&g.Group, service) {
			e := newExplanation(&g.Group)
			e.anchor, e.muted = "muted-"+e.anchor, true
			return e
		}
	}
	return explanation{}
}

func saysItFails(g *analysis.Group, service mesh.Ref) bool {
	return worstClass(*g) == analysis.Breaks && (slices.Contains(g.Subjects(), service) || slices.Contains(g.Affects, service))
}

func (f *Failing) add(s *mesh.Snapshot, q Query, g path.Graph, why explanation) {
	switch g.Verdict {
	case path.Reachable:
		return
	case path.Undetermined:
		f.Unknown++
		return
	}
	code, hop := g.Code, badHop(&g)
	if !why.none() {
		code, hop = why.code, why.hop
	}
	i := slices.IndexFunc(f.Groups, func(o FailingGroup) bool { return o.Code.Code == code && o.hop == hop && o.why == why })
	if i < 0 {
		i = len(f.Groups)
		f.Groups = append(f.Groups, newFailingGroup(s, q, code, hop, why, g.Outcome))
	}
	f.Groups[i].Services = append(f.Groups[i].Services, FailingService{
		ID: failingID(g.Service), Service: NewObjectLink(s, q, g.Service), Verdict: g.Verdict,
	})
}

func failingID(service mesh.Ref) string { return ui.ID("failing", service.String()) }

func newFailingGroup(s *mesh.Snapshot, q Query, code string, hop mesh.Ref, why explanation, outcome string) FailingGroup {
	out := FailingGroup{
		ID: ui.ID("failing", code+" "+hop.String()+why.anchor), Code: catalogued(code, q.Links()),
		Outcome: outcome, hop: hop, why: why, Muted: why.muted,
	}
	if !hop.IsZero() {
		out.Hop = NewObjectLink(s, q, hop)
	}
	if !why.none() {
		out.Cause = templ.SafeURL("#" + why.anchor)
	}
	return out
}

// badHop is the object at which calls end, zero where the drawing names none.
func badHop(g *path.Graph) mesh.Ref {
	for _, code := range []string{g.Code, ""} {
		for i := range g.Nodes {
			n := &g.Nodes[i]
			if n.State == path.StateBad && !n.Ref.IsZero() && (code == "" || n.Code == code) {
				return n.Ref
			}
		}
	}
	return mesh.Ref{}
}

// sort puts the reason first that hits most.
func (f *Failing) sort() {
	slices.SortStableFunc(f.Groups, func(a, b FailingGroup) int {
		return cmp.Or(cmp.Compare(len(b.Services), len(a.Services)), cmp.Compare(a.ID, b.ID))
	})
}

// note is what the panel's head says.
func (f *Failing) note() string {
	n := 0
	for i := range f.Groups {
		n += len(f.Groups[i].Services)
	}
	if n == 0 {
		return ""
	}
	return plural(n, "service") + ", expected from objects"
}
