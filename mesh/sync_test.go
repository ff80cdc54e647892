package mesh_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

func TestSeveralIstiodsAreUnited(t *testing.T) {
	early, late := time.Unix(100, 0), time.Unix(200, 0)
	proxy := func(name string, sent time.Time) mesh.ProxySync {
		return mesh.ProxySync{Proxy: mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: name}, Types: []mesh.TypeSync{{URL: "t", SentAt: sent}}}
	}
	istiod := func(name string, at time.Time, proxies ...mesh.ProxySync) *mesh.SyncEvidence {
		return &mesh.SyncEvidence{Meta: mesh.Meta{Kind: mesh.KindSyncEvidence, Name: name}, At: at, Proxies: proxies}
	}
	tests := []struct {
		words   string
		answers []*mesh.SyncEvidence
		want    map[string][]string // proxy to its istiod, and others that list it
	}{
		{"nobody was asked", nil, map[string][]string{}},
		{"each has its own", []*mesh.SyncEvidence{istiod("a", early, proxy("x", early)), istiod("b", early, proxy("y", early)), istiod("c", early)}, map[string][]string{"x": {"a"}, "y": {"b"}}},
		{"one moved, and what it left still lists it", []*mesh.SyncEvidence{istiod("a", late, proxy("x", early)), istiod("b", early, proxy("x", late))}, map[string][]string{"x": {"b", "a"}}},
		{"sent at one time, the later answer goes", []*mesh.SyncEvidence{istiod("a", early, proxy("x", early)), istiod("b", late, proxy("x", early))}, map[string][]string{"x": {"b", "a"}}},
		{"nothing tells them apart", []*mesh.SyncEvidence{istiod("b", early, proxy("x", early)), istiod("a", early, proxy("x", early))}, map[string][]string{"x": {"a", "b"}}},
		{"three list it", []*mesh.SyncEvidence{istiod("a", early, proxy("x", early)), istiod("b", early, proxy("x", late)), istiod("c", early, proxy("x", early))}, map[string][]string{"x": {"b", "a", "c"}}},
		{"one lists it twice", []*mesh.SyncEvidence{istiod("a", early, proxy("x", early), proxy("x", late))}, map[string][]string{"x": {"a"}}},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			got := make(map[string][]string)
			for _, c := range mesh.UniteSync(tt.answers) {
				got[c.Proxy.Name] = append([]string{c.Istiod}, c.Also...)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSyncedMeansEverythingWasTaken(t *testing.T) {
	tests := []struct {
		words string
		types []mesh.TypeSync
		want  bool
	}{
		{"nothing sent", nil, true},
		{"all taken", []mesh.TypeSync{{Sent: "a", Acked: "a"}}, true},
		{"one on its way", []mesh.TypeSync{{Sent: "a", Acked: "a"}, {Sent: "b", Acked: "a"}}, false},
		{"one rejected", []mesh.TypeSync{{Sent: "a", Acked: "a", LastError: "no"}}, false},
	}
	for _, tt := range tests {
		p := mesh.ProxySync{Types: tt.types}
		if p.Synced() != tt.want {
			t.Errorf("%s: %v", tt.words, p.Synced())
		}
	}
}
