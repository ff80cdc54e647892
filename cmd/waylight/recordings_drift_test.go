package main

import (
	"bytes"
	"testing"

	"github.com/waylight/waylight/analysis/drift"
	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/collectors/evidence"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// The ztunnels of every recording were connected to an istiod that had done
// its work, whatever else was wrong.
func TestZtunnelsOfRecordingsDoNotDrift(t *testing.T) {
	for _, name := range meshtest.Recordings() {
		t.Run(name, func(t *testing.T) {
			read := assessRecording(t, name).Snap.ZtunnelEvidences()
			if len(read) == 0 {
				t.Fatal("no ztunnel was read")
			}
			for _, e := range read {
				for _, d := range e.Differences {
					t.Errorf("%s: %s %s: %q by the API, %q in the proxy", e.Name, d.Object, d.Field, d.Expected, d.Found)
				}
			}
		})
	}
}

// What is taken from a recorded dump is missed, so the silence above is not
// that of a comparison that looks at nothing.
func TestWhatARecordedZtunnelLacksIsDrift(t *testing.T) {
	b, err := bundle.OpenArchive(bytes.NewReader(meshtest.Recording("clean")))
	if err != nil {
		t.Fatal(err)
	}
	snap := assessRecording(t, "clean").Snap
	const node = "node-a"
	d, err := evidence.Files{Bundle: b}.Ztunnel(t.Context(), node, mesh.Ref{})
	if err != nil {
		t.Fatal(err)
	}
	workloads, services, policies := len(d.Workloads), len(d.Services), len(d.Policies)
	d.Workloads, d.Services, d.Policies = nil, nil, nil
	got := make(map[string]int)
	for _, difference := range drift.Ztunnel(snap, d, snap.At).Differences {
		got[difference.Field]++
	}
	// The address of the API server is a workload without a pod, and one
	// policy is istiod's own.
	if got[drift.FieldWorkload] != workloads-1 || got[drift.FieldService] != services || got[drift.FieldPolicy] != policies-1 {
		t.Errorf("an empty dump differs in %v, of %d workloads, %d services and %d policies", got, workloads, services, policies)
	}
}
