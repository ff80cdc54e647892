package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/analysis"
)

func TestAssessSaysNothingOfACleanMesh(t *testing.T) {
	r := assess(shop()...)
	for _, f := range r.Findings {
		t.Errorf("%s %s on %s: %s", f.Severity, f.Code, f.Subject, f.Summary)
	}
	if len(r.HeldBack) > 0 || r.Ran != len(analysis.Checks()) {
		t.Errorf("%d checks ran, held back: %+v", r.Ran, r.HeldBack)
	}
}
