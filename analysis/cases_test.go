package analysis_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// checkCase is a mesh and what one check says of it.
type checkCase struct {
	name  string
	parts []meshtest.Part
	// want lists the check's findings as "severity Kind namespace/name".
	want []string
}

func assess(parts ...meshtest.Part) *analysis.Report {
	s := meshtest.Mesh(parts...)
	return analysis.Assess(analysis.Input{Snap: s, Now: s.At})
}

// testCheck runs cases for one code; other checks may say what they like.
func testCheck(t *testing.T, code string, cases []checkCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			r := assess(tt.parts...)
			var got []string
			for _, f := range withCode(r, code) {
				got = append(got, string(f.Severity)+" "+f.Subject.String())
				complain(t, f)
			}
			tested.note(code, len(tt.want) > 0)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// complain holds every finding to what all of them owe a reader.
func complain(t *testing.T, f analysis.Finding) {
	t.Helper()
	for name, text := range map[string]string{"summary": f.Summary, "detail": f.Detail, "doubt": f.Doubt, "fix": f.Fix.Text, "class": string(f.Class), "docs": f.Docs} {
		if text == "" {
			t.Errorf("%s on %s has no %s", f.Code, f.Subject, name)
		}
	}
	if len(f.Evidence) == 0 {
		t.Errorf("%s on %s rests on nothing", f.Code, f.Subject)
	}
	if f.Fix.Mutates != (f.Fix.Changes > 0) || len(f.Fix.Reading()) == 0 {
		t.Errorf("%s on %s: commands %q, %d of which change something, mutates %t", f.Code, f.Subject, f.Fix.Commands, f.Fix.Changes, f.Fix.Mutates)
	}
	if f.Affects == nil || !slices.IsSortedFunc(f.Affects, mesh.Ref.Compare) {
		t.Errorf("%s on %s affects %v: nil or unsorted", f.Code, f.Subject, f.Affects)
	}
}

func withCode(r *analysis.Report, code string) []analysis.Finding {
	var out []analysis.Finding
	for _, f := range r.Findings {
		if f.Code == code {
			out = append(out, f)
		}
	}
	return out
}

// only gives the single finding of a code.
func only(t *testing.T, r *analysis.Report, code string) analysis.Finding {
	t.Helper()
	list := withCode(r, code)
	if len(list) != 1 {
		t.Fatalf("%d findings with code %s, want 1: %+v", len(list), code, list)
	}
	return list[0]
}

func ref(kind, namespace, name string) mesh.Ref {
	return mesh.Ref{Kind: kind, Namespace: namespace, Name: name}
}

// shop is a small healthy mesh: an ambient namespace behind a waypoint of two
// replicas, with web and orders.
func shop(more ...meshtest.Part) []meshtest.Part {
	return append([]meshtest.Part{
		meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypoint("waypoint")),
		meshtest.Waypoint("shop", "waypoint", meshtest.Replicas(2)),
		meshtest.Deployment("shop", "web"),
		meshtest.Service("shop", "web"),
		meshtest.Deployment("shop", "orders", meshtest.Replicas(2)),
		meshtest.Service("shop", "orders"),
	}, more...)
}

func diffText(t *testing.T, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// evidenceText shows evidence as one line each: "Kind ns/name field: text".
func evidenceText(f analysis.Finding) string {
	var out []string
	for _, e := range f.Evidence {
		out = append(out, e.Object.String()+" "+e.Field+": "+e.Text)
	}
	return strings.Join(out, "\n")
}
