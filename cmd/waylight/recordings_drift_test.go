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

// The proxies of every recording were connected to an istiod that had done its
// work, whatever else was wrong.
func TestProxiesOfRecordingsDoNotDrift(t *testing.T) {
	for _, name := range meshtest.Recordings() {
		t.Run(name, func(t *testing.T) {
			snap := assessRecording(t, name).Snap
			compared := make(map[string]mesh.Comparison)
			for _, e := range snap.ZtunnelEvidences() {
				compared[e.Name] = e.Comparison
			}
			if len(compared) == 0 {
				t.Fatal("no ztunnel was read")
			}
			for _, w := range snap.Waypoints() {
				for _, pod := range w.Pods {
					if e := snap.EnvoyEvidence(pod.Namespace, pod.Name); e != nil {
						compared[e.Name] = e.Comparison
					}
				}
			}
			for proxy, c := range compared {
				if !c.Compared || c.UnjudgedCount > 0 {
					t.Errorf("%s: compared %t %s, not judged: %v", proxy, c.Compared, c.Why, c.Unjudged)
				}
				for _, d := range c.Differences {
					t.Errorf("%s: %s %s: %q by the API, %q in the proxy", proxy, d.Object, d.Field, d.Expected, d.Found)
				}
			}
		})
	}
}

// What is taken from a recorded waypoint is missed as well.
func TestWhatARecordedWaypointLacksIsDrift(t *testing.T) {
	b, err := bundle.OpenArchive(bytes.NewReader(meshtest.Recording("guide-as-written")))
	if err != nil {
		t.Fatal(err)
	}
	snap := assessRecording(t, "guide-as-written").Snap
	pod := snap.Waypoints()[0].Pods[0].Ref()
	for name, change := range map[string]func(*mesh.EnvoyDump){
		"endpoints": func(d *mesh.EnvoyDump) { d.Endpoints = nil },
		"clusters":  func(d *mesh.EnvoyDump) { d.Clusters = nil },
		"routes":    func(d *mesh.EnvoyDump) { d.Routes = d.Routes[:1] },
		"policies": func(d *mesh.EnvoyDump) {
			for i := range d.Listeners {
				for j := range d.Listeners[i].Chains {
					d.Listeners[i].Chains[j].RBAC = nil
				}
			}
		},
	} {
		d, err := evidence.Files{Bundle: b}.Envoy(t.Context(), pod)
		if err != nil {
			t.Fatal(err)
		}
		change(d)
		if c := drift.OfWaypoint(snap, d, snap.At); c.DifferenceCount+c.UnjudgedCount == 0 {
			t.Errorf("without %s all is the same: %+v", name, c)
		}
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
