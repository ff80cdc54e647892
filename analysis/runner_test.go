package analysis

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// says is a check of the whole mesh that always finds the same.
func says(code string, severity Severity, findings ...Finding) Check {
	return Check{Code: code, Severity: severity, Class: Risk, Mesh: func(*Input) []Finding { return findings }}
}

func on(name string, affects ...string) Finding {
	f := Finding{Subject: mesh.Ref{Kind: "Service", Namespace: "shop", Name: name}}
	for _, a := range affects {
		f.Affects = append(f.Affects, mesh.Ref{Kind: "Pod", Namespace: "shop", Name: a})
	}
	return f
}

func run(checks []Check, parts ...meshtest.Part) *Report {
	s := meshtest.Mesh(parts...)
	return assess(Input{Snap: s, Now: s.At}, checks)
}

func keys(r *Report) []string {
	var out []string
	for i := range r.Findings {
		f := &r.Findings[i]
		text := f.Code + " " + f.Subject.Name
		if f.CausedBy != nil {
			text += " < " + f.CausedBy.Code + " " + f.CausedBy.Subject.Name
		}
		out = append(out, text)
	}
	return out
}

func TestCausesAreLinked(t *testing.T) {
	consequence := func(c Check, of ...string) Check { c.ConsequenceOf = of; return c }
	named := func(f Finding, code, name string) Finding {
		f.CausedBy = &Cause{Code: code, Subject: mesh.Ref{Kind: "Service", Namespace: "shop", Name: name}}
		return f
	}
	tests := []struct {
		name   string
		checks []Check
		want   []string
	}{
		{
			name:   "a cause covers everything a consequence affects",
			checks: []Check{says("A", Critical, on("a", "p1", "p2")), consequence(says("B", Error, on("b", "p2")), "A")},
			want:   []string{"A a", "B b < A a"},
		},
		{
			name:   "a cause covers the consequence's subject",
			checks: []Check{says("A", Critical, Finding{Subject: mesh.Ref{Kind: "Node", Name: "n"}, Affects: []mesh.Ref{on("b").Subject}}), consequence(says("B", Error, on("b", "elsewhere")), "A")},
			want:   []string{"A n", "B b < A n"},
		},
		{
			name:   "what explains only a part explains nothing",
			checks: []Check{says("A", Critical, on("a", "p1")), consequence(says("B", Error, on("b", "p1", "p2")), "A")},
			want:   []string{"A a", "B b"},
		},
		{
			name:   "an undeclared relation is none",
			checks: []Check{says("A", Critical, on("a", "p1")), says("B", Error, on("b", "p1"))},
			want:   []string{"A a", "B b"},
		},
		{
			name:   "the first declared code that fits wins",
			checks: []Check{says("A", Critical, on("a", "p1")), consequence(says("B", Error, on("b", "p1")), "C", "A"), says("C", Warning, on("c", "p1"))},
			want:   []string{"A a", "B b < C c", "C c"},
		},
		{
			name:   "a check may name the cause itself",
			checks: []Check{says("A", Critical, on("a")), says("B", Error, named(on("b"), "A", "a"))},
			want:   []string{"A a", "B b < A a"},
		},
		{
			name:   "a cause that was not found is dropped",
			checks: []Check{says("B", Error, named(on("b"), "A", "gone"))},
			want:   []string{"B b"},
		},
		{
			name:   "nothing is its own cause",
			checks: []Check{consequence(says("A", Error, named(on("a", "p1"), "A", "a")), "A")},
			want:   []string{"A a"},
		},
		{
			name:   "two that explain each other: the graver one is the cause",
			checks: []Check{consequence(says("A", Error, on("a", "p1")), "B"), consequence(says("B", Critical, on("b", "p1")), "A")},
			want:   []string{"B b", "A a < B b"},
		},
		{
			name: "a circle of three is opened once",
			checks: []Check{
				says("A", Critical, named(on("a"), "C", "c")), says("B", Error, named(on("b"), "A", "a")), says("C", Warning, named(on("c"), "B", "b")),
			},
			want: []string{"A a", "B b < A a", "C c < B b"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, keys(run(tt.checks))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestGroupsFoldWhatFollows(t *testing.T) {
	b := says("B", Critical, on("b", "p1"))
	b.ConsequenceOf = []string{"A"}
	c := says("C", Warning, on("c", "p1"))
	c.ConsequenceOf = []string{"B"}
	r := run([]Check{says("A", Error, on("a", "p1", "p2")), b, c, says("D", Critical, on("d"))})
	groups := r.Causes()
	var got []string
	for _, g := range groups {
		text := string(g.Severity) + " " + g.Cause.Code
		for _, f := range g.Consequences {
			text += " " + f.Code
		}
		got = append(got, text)
	}
	want := []string{"critical D", "critical A B C"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if n := len(groups[1].Affects); n != 2 {
		t.Errorf("the group affects %d objects, want p1 and p2 once each", n)
	}
}

func TestFindingsAreMergedAndSorted(t *testing.T) {
	first, second := on("a", "p2"), on("a", "p1", "p2")
	first.Evidence = []Evidence{{Text: "one"}}
	second.Evidence = []Evidence{{Text: "one"}, {Text: "two"}}
	second.Severity = Critical
	second.Summary = "graver"
	r := run([]Check{says("Z", Error, first, second), says("B", Critical, on("b"), on("a")), says("A", Info, on("x"))})
	if diff := cmp.Diff([]string{"B a", "B b", "Z a", "A x"}, keys(r)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	z := r.Find(Cause{Code: "Z", Subject: on("a").Subject})
	if z.Severity != Critical || z.Summary != "graver" || len(z.Evidence) != 2 || len(z.Affects) != 2 {
		t.Errorf("merged finding: %+v", z)
	}
}

func TestChecksAreHeldBackWithTheReason(t *testing.T) {
	mesher := says("M", Error, on("a"))
	mesher.Needs = []string{mesh.ResourcePods}
	spacer := Check{
		Code: "N", Severity: Error, Class: Risk, Needs: []string{mesh.ResourcePods}, Uses: []string{mesh.ResourceServices},
		Namespace: func(_ *Input, sh *mesh.Shard) []Finding { return []Finding{on(sh.Namespace)} },
	}
	checks := []Check{mesher, spacer}
	ns := meshtest.Parts(meshtest.Bare(), meshtest.Namespace("one"), meshtest.Namespace("two"))
	tests := []struct {
		name  string
		parts []meshtest.Part
		found []string
		held  []HeldBack
		ran   int
	}{
		{name: "everything is readable", parts: []meshtest.Part{ns}, found: []string{"M a", "N one", "N two"}, ran: 2},
		{
			name: "a needed kind is forbidden", parts: []meshtest.Part{ns, meshtest.Forbidden("pods")},
			held: []HeldBack{
				{Code: "M", Source: "kubernetes/pods", State: mesh.SourceForbidden, Detail: "list pods in all namespaces"},
				{Code: "N", Source: "kubernetes/pods", State: mesh.SourceForbidden, Detail: "list pods in all namespaces"},
			},
		},
		{
			name: "Kubernetes itself is down", parts: []meshtest.Part{ns, meshtest.Source("kubernetes", mesh.SourceDown, "connection refused")},
			held: []HeldBack{{Code: "M", Source: "kubernetes", State: mesh.SourceDown, Detail: "connection refused"}, {Code: "N", Source: "kubernetes", State: mesh.SourceDown, Detail: "connection refused"}},
		},
		{
			name: "a kind that only widens the view is missing", parts: []meshtest.Part{ns, meshtest.Forbidden("services")},
			found: []string{"M a", "N one", "N two"}, ran: 2,
			held: []HeldBack{{Code: "N", Source: "kubernetes/services", State: mesh.SourceForbidden, Detail: "list services in all namespaces", Partly: true}},
		},
		{
			name: "a stale source is still a source", parts: []meshtest.Part{ns, meshtest.Source("kubernetes/pods", mesh.SourceStale, "3 min")},
			found: []string{"M a", "N one", "N two"}, ran: 2,
		},
		{
			name: "a kind that is not installed has no objects", parts: []meshtest.Part{ns, meshtest.Source("kubernetes/pods", mesh.SourceAbsent, "")},
			found: []string{"M a", "N one", "N two"}, ran: 2,
		},
		{
			name: "one namespace is watched: the mesh as a whole is not judged", parts: []meshtest.Part{ns, meshtest.Scope("one")},
			found: []string{"N one"}, ran: 1,
			held: []HeldBack{{Code: "M", Source: "kubernetes", State: mesh.SourcePartial, Detail: "Only these namespaces are watched: one."}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := run(checks, tt.parts...)
			if diff := cmp.Diff(tt.found, keys(r), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.held, r.HeldBack, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("held back (-want +got):\n%s", diff)
			}
			if r.Ran != tt.ran || r.Checks != len(checks) {
				t.Errorf("%d of %d checks ran, want %d", r.Ran, r.Checks, tt.ran)
			}
		})
	}
}

func TestACheckThatPanicsIsHeldBackWhereItDid(t *testing.T) {
	odd := Check{Code: "ODD", Severity: Error, Class: Risk, Namespace: func(_ *Input, sh *mesh.Shard) []Finding {
		if sh.Namespace == "two" {
			panic("index out of range")
		}
		return []Finding{on(sh.Namespace)}
	}}
	r := run([]Check{odd}, meshtest.Bare(), meshtest.Namespace("one"), meshtest.Namespace("two"), meshtest.Namespace("three"))
	if diff := cmp.Diff([]string{"ODD one", "ODD three"}, keys(r)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if len(r.HeldBack) != 1 || r.HeldBack[0].Source != WaylightSource || !strings.Contains(r.HeldBack[0].Detail, "namespace two") || !strings.Contains(r.HeldBack[0].Detail, "index out of range") {
		t.Errorf("held back: %+v", r.HeldBack)
	}
	if r.Ran != 1 {
		t.Errorf("%d checks ran, want 1: it judged two of three namespaces", r.Ran)
	}
}

func TestAFindingIsCompletedFromTheCatalogue(t *testing.T) {
	c := says("CODE", Warning, on("a"))
	c.Doubt = "maybe not"
	f := run([]Check{c}).Findings[0]
	if f.Code != "CODE" || f.Severity != Warning || f.Class != Risk || f.Doubt != "maybe not" || f.Docs != "/checks#CODE" {
		t.Errorf("finding: %+v", f)
	}
	if f.Evidence == nil || f.Affects == nil || f.Fix.Commands == nil {
		t.Error("lists of a finding must exist, so that documents show [] and never null")
	}
}
