package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/analysis"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// troubled has a namespace whose waypoint is missing, one whose waypoint is
// down, and a node without ztunnel.
func troubled() *analysis.Report {
	return assess(
		mt.Secured(), mt.Namespace("shop", mt.UseWaypoint("typo")), mt.Service("shop", "web"),
		mt.Namespace("payments", mt.UseWaypointIn("infra", "waypoint")), mt.Service("payments", "ledger"),
		mt.Waypoint("infra", "waypoint", mt.From("All"), mt.Replicas(0)),
		mt.Namespace("legacy", mt.Ambient), mt.Node("node-a", mt.NoZtunnel()), mt.Pod("legacy", "batch", mt.OnNode("node-a")),
	)
}

func subjects(r *analysis.Report) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.Code+" "+f.Subject.String())
	}
	return out
}

func TestReportIsLimitedToNamespaces(t *testing.T) {
	const (
		gateway   = "WAYPOINT_NO_ENDPOINTS Gateway infra/waypoint"
		namespace = "WAYPOINT_NOT_FOUND Namespace shop"
		node      = "ZTUNNEL_MISSING_ON_NODE Node node-a"
	)
	tests := []struct {
		name       string
		namespaces []string
		want       []string
	}{
		{"without any it is everything", nil, []string{namespace, gateway, node}},
		{"a Namespace lies in itself; nodes concern everybody", []string{"shop"}, []string{namespace, node}},
		{"a finding elsewhere that affects it is kept", []string{"payments"}, []string{gateway, node}},
		{"several", []string{"shop", "infra"}, []string{namespace, gateway, node}},
		{"one that does not exist", []string{"nowhere"}, []string{node}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := troubled().In(tt.namespaces...)
			diffText(t, tt.want, subjects(r))
			diffText(t, tt.namespaces, r.Limit)
			if r.Hidden != 3-len(tt.want) {
				t.Errorf("%d hidden, want %d", r.Hidden, 3-len(tt.want))
			}
			for _, f := range r.Findings {
				if len(r.About(f.Subject)) == 0 {
					t.Errorf("%s is in the report and not in its index", f.Subject)
				}
			}
		})
	}
}

func TestReportAbout(t *testing.T) {
	r := troubled()
	tests := []struct {
		name string
		kind string
		ns   string
		obj  string
		want string
	}{
		{"what a finding is attached to", "Gateway", "infra", "waypoint", "WAYPOINT_NO_ENDPOINTS"},
		{"what a finding affects", "Service", "payments", "ledger", "WAYPOINT_NO_ENDPOINTS"},
		{"a pod of a node in trouble", "Pod", "legacy", "batch", "ZTUNNEL_MISSING_ON_NODE"},
		{"what nothing is said about", "Service", "legacy", "batch", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := r.About(ref(tt.kind, tt.ns, tt.obj))
			switch {
			case tt.want == "" && len(got) > 0:
				t.Errorf("About = %v", got)
			case tt.want != "" && (len(got) != 1 || got[0].Code != tt.want):
				t.Errorf("About = %v, want one %s", got, tt.want)
			}
		})
	}
}

func TestReportCounts(t *testing.T) {
	r := troubled()
	if r.Count(analysis.Critical) != 3 || r.Count(analysis.Warning) != 0 {
		t.Errorf("%d critical, %d warnings", r.Count(analysis.Critical), r.Count(analysis.Warning))
	}
	if !r.Reaches(analysis.Critical) || !r.Reaches(analysis.Info) || assess().Reaches(analysis.Info) {
		t.Error("Reaches must compare with the worst finding")
	}
}

func TestALimitedReportKeepsTheCausesOfWhatItKeeps(t *testing.T) {
	r := assess(
		mt.Namespace("shop", mt.Ambient), mt.Node("node-a", mt.NoZtunnel()),
		mt.Deployment("shop", "web", mt.OnNode("node-a"), mt.NotCaptured),
	).In("shop")
	f := only(t, r, "POD_NOT_CAPTURED")
	if f.CausedBy == nil || r.Find(*f.CausedBy) == nil {
		t.Errorf("caused by %v, which must be in the report", f.CausedBy)
	}
	if groups := r.Causes(); len(groups) != 1 || len(groups[0].Consequences) != 1 {
		t.Errorf("groups: %+v", groups)
	}
}

func TestSeverity(t *testing.T) {
	order := []analysis.Severity{analysis.Critical, analysis.Error, analysis.Warning, analysis.Info}
	for i, s := range order {
		for j, limit := range order {
			if got := s.AtLeast(limit); got != (i <= j) {
				t.Errorf("%s at least %s = %t", s, limit, got)
			}
		}
		if !s.Valid() {
			t.Errorf("%s is one of the four", s)
		}
	}
	if analysis.Severity("fatal").Valid() || analysis.Severity("").AtLeast(analysis.Info) {
		t.Error("what is no severity reaches none")
	}
}
