package bundle_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// recorded is the snapshot of a recording.
func recorded(t *testing.T, name string) *mesh.Snapshot {
	t.Helper()
	b, err := bundle.OpenArchive(bytes.NewReader(meshtest.Recording(name)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return snapshot(t, b)
}

// TestRecordingsAreReadWhole compares what a real API server, istiod and
// istio-cni wrote with what is made of it.
func TestRecordingsAreReadWhole(t *testing.T) {
	for _, name := range meshtest.Recordings() {
		t.Run(name, func(t *testing.T) {
			snap := recorded(t, name)
			for _, s := range snap.Sources {
				if strings.HasPrefix(s.Name, mesh.KubernetesSource) && s.State != mesh.SourceOK {
					t.Errorf("%s is %s: %s", s.Name, s.State, s.Detail)
				}
			}
			if len(snap.Nodes) != 2 || len(snap.CRDs) != 25 || len(snap.Istiods()) != 1 || len(snap.Waypoints()) != 1 {
				t.Errorf("%d nodes, %d definitions, %d istiods, %d waypoints", len(snap.Nodes), len(snap.CRDs), len(snap.Istiods()), len(snap.Waypoints()))
			}
			if c := snap.CNIConfig(); c.Malformed != "" || !c.AmbientEnabled || len(c.Selectors) != 2 {
				t.Errorf("istio-cni's configuration is %+v", c)
			}
			if c := snap.MeshConfig(); c.Malformed != "" || c.Name != "istio" {
				t.Errorf("the mesh configuration is %+v", c)
			}
			for _, sh := range snap.Shards {
				for _, svc := range sh.Services {
					if b := snap.ServiceBinding(svc); b.Agrees() == mesh.FactNo {
						t.Errorf("%s is %s (%s), and istiod wrote %+v", svc.Ref(), b.State, b.Reason, b.Condition)
					}
				}
				for _, w := range sh.Workloads {
					if c := snap.ControllerOf(w); snap.Lookup(c) == nil || c.Kind == "ReplicaSet" {
						t.Errorf("%s belongs to %s", w.Ref(), c)
					}
				}
			}
		})
	}
}

func TestWhatIsWrongInTheRecordings(t *testing.T) {
	tests := []struct {
		recording, fault string
		holds            func(*mesh.Snapshot) bool
	}{
		{"clean", "both replicas of the waypoint are ready", func(s *mesh.Snapshot) bool {
			w := s.Waypoints()[0]
			return w.ReadyEndpoints == 2 && len(w.Pods) == 2 && len(w.Dependents) == 3
		}},
		{"waypoint-label-typo", "orders asks for a waypoint that is not there", func(s *mesh.Snapshot) bool {
			return s.ServiceBinding(s.Service("shop", "orders")).State == mesh.BindingNotFound
		}},
		{"waypoint-no-endpoints", "the waypoint has an address and nothing behind it", func(s *mesh.Snapshot) bool {
			w := s.Waypoints()[0]
			return w.HasAddress() && w.EndpointsKnown && w.ReadyEndpoints == 0
		}},
		{"pod-not-captured", "a pod is asked for and not claimed", func(s *mesh.Snapshot) bool {
			return countPods(s, func(w *mesh.Workload) bool {
				e := s.Enrolment(w)
				return e.AskedFor == mesh.FactYes && e.Claimed == mesh.FactNo && e.Exempt == mesh.ExemptNone
			}) > 0
		}},
		{"ca-mismatch", "istiod trusts another account than ztunnel's", func(s *mesh.Snapshot) bool {
			trusted, set := s.Istiods()[0].Env("CA_TRUSTED_NODE_ACCOUNTS")
			ztunnel := s.Ztunnels("node-a")[0]
			return set && trusted != ztunnel.Namespace+"/"+ztunnel.ServiceAccount
		}},
		{"guide-as-written", "what denies everything in shop has no rule", func(s *mesh.Snapshot) bool {
			o := s.Lookup(mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "deny-all"})
			p, ok := o.(*mesh.AuthorizationPolicy)
			return ok && p.Action == "ALLOW" && len(p.Rules) == 0 && p.Selector == nil
		}},
	}
	for _, tt := range tests {
		t.Run(tt.recording, func(t *testing.T) {
			if !tt.holds(recorded(t, tt.recording)) {
				t.Errorf("it is not so that %s", tt.fault)
			}
		})
	}
}

func countPods(s *mesh.Snapshot, that func(*mesh.Workload) bool) int {
	n := 0
	for _, sh := range s.Shards {
		for _, w := range sh.Workloads {
			if that(w) {
				n++
			}
		}
	}
	return n
}
