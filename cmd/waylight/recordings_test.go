package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// assessRecording reads a recording through the collector and judges it.
func assessRecording(t *testing.T, name string) *analysis.Report {
	t.Helper()
	b, err := bundle.OpenArchive(bytes.NewReader(meshtest.Recording(name)))
	if err != nil {
		t.Fatal(err)
	}
	f := recorded(b, name, name, mesh.OriginRecorded)
	if err := f.source.(loader).Load(t.Context(), f.assembler); err != nil {
		t.Fatal(err)
	}
	s := f.assembler.Snapshot()
	return analysis.Assess(analysis.Input{Snap: s, Now: s.At})
}

// expectedFindings are what a right diagnosis of a recording names. The
// catalogue has a check for every code of them.
func expectedFindings(t *testing.T, name string) map[analysis.Cause]bool {
	t.Helper()
	var truth struct{ Expect []analysis.Cause }
	if err := json.Unmarshal(meshtest.Expectation(name), &truth); err != nil {
		t.Fatal(err)
	}
	known := make(map[string]bool)
	for _, c := range analysis.Checks() {
		known[c.Code] = true
	}
	out := make(map[analysis.Cause]bool)
	for _, e := range truth.Expect {
		if !known[e.Code] {
			t.Errorf("no check is called %s", e.Code)
		}
		out[e] = true
	}
	return out
}

func TestRecordingsAreDiagnosed(t *testing.T) {
	for _, name := range meshtest.Recordings() {
		t.Run(name, func(t *testing.T) {
			r := assessRecording(t, name)
			want := expectedFindings(t, name)
			for key := range want {
				if r.Find(key) == nil {
					t.Errorf("missed %s on %s", key.Code, key.Subject)
				}
			}
			for _, f := range r.Findings {
				if f.Severity.AtLeast(analysis.Error) && f.CausedBy == nil && !want[f.Key()] {
					t.Errorf("false alarm: %s %s on %s: %s", f.Severity, f.Code, f.Subject, f.Summary)
				}
			}
			// A waypoint that is not up cannot be asked for its counters.
			held := slices.DeleteFunc(r.HeldBack, func(h analysis.HeldBack) bool { return h.Partly && h.Source == "counters" })
			if len(held) > 0 || r.Ran != r.Checks {
				t.Errorf("%d of %d checks ran, held back: %+v", r.Ran, r.Checks, held)
			}
		})
	}
}

func TestACleanRecordingHasNothingAboveInfo(t *testing.T) {
	for _, f := range assessRecording(t, "clean").Findings {
		if f.Severity.AtLeast(analysis.Warning) {
			t.Errorf("%s %s on %s: %s", f.Severity, f.Code, f.Subject, f.Summary)
		}
	}
}

func TestARecordingGivesTheSameBytesTwice(t *testing.T) {
	for _, name := range meshtest.Recordings() {
		var first, second bytes.Buffer
		for _, b := range []*bytes.Buffer{&first, &second} {
			if err := analysis.WriteJSON(b, assessRecording(t, name)); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: two runs differ", name)
		}
	}
}

func TestAMissingWaypointSaysWhatBecomesOfCalls(t *testing.T) {
	r := assessRecording(t, "waypoint-label-typo")
	f := r.Find(analysis.Cause{Code: "WAYPOINT_NOT_FOUND", Subject: mesh.Ref{Kind: "Namespace", Name: "shop"}})
	if f == nil || f.Class != analysis.Breaks {
		t.Fatalf("want the calls cut, as they were on that mesh: %+v", f)
	}
}
