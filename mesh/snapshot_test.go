package mesh_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestReadable(t *testing.T) {
	pods, nodes := mesh.ResourcePods, mesh.ResourceNodes
	state := func(name string, st mesh.SourceState) mt.Part { return mt.Source(name, st, "") }
	tests := []struct {
		name      string
		parts     []mt.Part
		resource  string
		namespace string
		want      bool
	}{
		{"everything is watched", nil, pods, "shop", true},
		{"in all namespaces", nil, pods, "", true},
		{"a stale kind is known, though old", []mt.Part{state("kubernetes/pods", mesh.SourceStale)}, pods, "shop", true},
		{"a forbidden kind", []mt.Part{mt.Forbidden(pods)}, pods, "shop", false},
		{"a kind of which a part is missing", []mt.Part{state("kubernetes/pods", mesh.SourcePartial)}, pods, "shop", false},
		{"a kind that is not installed has no objects", []mt.Part{state("kubernetes/pods", mesh.SourceAbsent)}, pods, "shop", true},
		{"another kind is forbidden", []mt.Part{mt.Forbidden(nodes)}, pods, "shop", true},
		{"the API is down", []mt.Part{state("kubernetes", mesh.SourceDown)}, pods, "shop", false},
		{"the API is starting", []mt.Part{state("kubernetes", mesh.SourceStarting)}, pods, "shop", false},
		{"a kind beats the API as a whole", []mt.Part{state("kubernetes", mesh.SourcePartial), state("kubernetes/pods", mesh.SourceOK)}, pods, "shop", true},
		{"a watched namespace", []mt.Part{mt.Scope("shop")}, pods, "shop", true},
		{"a namespace that is not watched", []mt.Part{mt.Scope("shop")}, pods, "payments", false},
		{"all namespaces, of which one is watched", []mt.Part{mt.Scope("shop")}, pods, "", false},
		{"what lies in no namespace is not limited by scope", []mt.Part{mt.Scope("shop")}, nodes, "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := mt.Mesh(tt.parts...).Readable(tt.resource, tt.namespace); got != tt.want {
				t.Errorf("Readable(%q, %q) = %t, want %t", tt.resource, tt.namespace, got, tt.want)
			}
		})
	}
}

func TestSnapshotWithoutSourcesKnowsNothing(t *testing.T) {
	s := mesh.NewSnapshot(mesh.Content{})
	if s.Readable(mesh.ResourcePods, "shop") {
		t.Error("nothing was asked, so nothing is known")
	}
	if st := s.Sources.Kind(mesh.ResourcePods); st.State != mesh.SourceDown || st.Detail == "" {
		t.Errorf("state %+v, want down with a reason", st)
	}
}

func TestOrderOfInputDoesNotMatter(t *testing.T) {
	pod := func(name string) *mesh.Workload {
		return &mesh.Workload{Meta: mesh.Meta{Kind: "Pod", Namespace: "b", Name: name}}
	}
	content := mesh.Content{
		Sources:       mesh.Sources{{Name: "prometheus"}, {Name: "kubernetes"}},
		Shards:        []*mesh.Shard{mesh.NewShard("c", nil), mesh.NewShard("b", []mesh.Object{pod("z"), pod("y")}), mesh.NewShard("a", nil)},
		ClusterScoped: []mesh.Object{&mesh.Node{Meta: mesh.Meta{Kind: "Node", Name: "n2"}}, &mesh.Node{Meta: mesh.Meta{Kind: "Node", Name: "n1"}}},
	}
	s := mesh.NewSnapshot(content)
	if diff := cmp.Diff([]string{"a", "b", "c"}, s.Namespaces()); diff != "" {
		t.Errorf("namespaces (-want +got):\n%s", diff)
	}
	if s.Nodes[0].Name != "n1" || s.Sources[0].Name != "kubernetes" || s.Shards[1].Workloads[0].Name != "y" {
		t.Error("nodes, sources and workloads must be sorted by name")
	}
	if s.Node("n2") == nil || s.Workload("b", "z") == nil || s.Workload("b", "x") != nil || s.Workload("nowhere", "z") != nil {
		t.Error("look-ups must find what is there and nothing else")
	}
	if content.Shards[0].Namespace != "c" || content.Sources[0].Name != "prometheus" {
		t.Error("the input was sorted in place")
	}
}

func TestWhoHasAnAddress(t *testing.T) {
	at := func(ip string) mt.Option { return mt.With(func(w *mesh.Workload) { w.IPs = []string{ip} }) }
	s := mt.Mesh(
		mt.Pod("shop", "web", at("10.0.0.1")), mt.Pod("shop", "old", at("10.0.0.1"), mt.Phase("Succeeded")),
		mt.Pod("shop", "agent", at("172.18.0.9"), mt.HostNetwork), mt.WorkloadEntry("shop", "vm", "192.0.2.7"), mt.Service("shop", "web"),
	)
	for ip, want := range map[string]string{"10.0.0.1": "web", "192.0.2.7": "vm", "172.18.0.9": "", "10.0.0.2": ""} {
		got := ""
		if w := s.WorkloadByIP(ip); w != nil {
			got = w.Name
		}
		if got != want {
			t.Errorf("%s is %q's, want %q", ip, got, want)
		}
	}
	if svc := s.ServiceByVIP(s.Service("shop", "web").VIPs[0]); svc == nil || svc.Name != "web" {
		t.Errorf("a VIP leads to %v", svc)
	}
}

func TestMeshConfigDefaultsAndRevisions(t *testing.T) {
	config := func(name, revision, domain string) mesh.Object {
		return &mesh.MeshConfig{Meta: mesh.Meta{Kind: "ConfigMap", Namespace: "istio-system", Name: name}, Revision: revision, RootNamespace: "root", TrustDomain: domain}
	}
	if got := mt.Mesh().MeshConfig(); got.Name != "" || got.RootNamespace != mesh.DefaultRootNamespace || got.TrustDomain != mesh.DefaultTrustDomain {
		t.Errorf("without a ConfigMap: %+v, want Istio's defaults", got)
	}
	s := mt.Mesh(mt.Objects(config("istio-canary", "canary", "canary.example"), config("istio", "", "main.example")))
	if got := s.TrustDomain(); got != "main.example" {
		t.Errorf("trust domain %s, want the default revision's", got)
	}
	if got := mt.Mesh(mt.Objects(config("istio-canary", "canary", "canary.example"))).TrustDomain(); got != "canary.example" {
		t.Errorf("trust domain %s, want the only revision's", got)
	}
}

func TestLookup(t *testing.T) {
	route := &mesh.Route{Meta: mesh.Meta{Kind: "HTTPRoute", Namespace: "shop", Name: "web"}}
	virtual := &mesh.Route{Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "web"}}
	policy := &mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "web"}}
	s := mt.Mesh(mt.Namespace("shop"), mt.Node("node-a"), mt.Deployment("shop", "web"), mt.StatefulSet("shop", "web"), mt.Service("shop", "web"), mt.Gateway("shop", "web"), mt.Objects(route, virtual, policy))
	ref := func(kind string) mesh.Ref { return mesh.Ref{Kind: kind, Namespace: "shop", Name: "web"} }
	for _, r := range []mesh.Ref{
		ref("Deployment"), ref("StatefulSet"), ref("Service"), ref("Gateway"), ref("HTTPRoute"), ref("VirtualService"), ref("AuthorizationPolicy"),
		{Kind: "Pod", Namespace: "shop", Name: "web-1"},
		{Kind: "Namespace", Name: "shop"},
		{Kind: "Node", Name: "node-a"},
	} {
		if o := s.Lookup(r); o == nil || o.Ref() != r {
			t.Errorf("Lookup(%s) = %v", r, o)
		}
	}
	for _, r := range []mesh.Ref{ref("DaemonSet"), ref("GRPCRoute"), ref("Secret"), {Kind: "Namespace", Name: "nowhere"}, {Kind: "Node", Name: "node-z"}, mesh.MeshRef} {
		if o := s.Lookup(r); o != nil {
			t.Errorf("Lookup(%s) = %v, want nil", r, o)
		}
	}
}

func TestAShardIsSharedBetweenSnapshots(t *testing.T) {
	shard := mesh.NewShard("shop", nil)
	before := mesh.NewSnapshot(mesh.Content{Shards: []*mesh.Shard{shard}})
	after := mesh.NewSnapshot(mesh.Content{Shards: []*mesh.Shard{shard, mesh.NewShard("payments", nil)}})
	if before.Shard("shop") != after.Shard("shop") {
		t.Error("a namespace that did not change must keep its shard")
	}
}

func TestChangedAt(t *testing.T) {
	created := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	m := mesh.Meta{Created: created}
	if got := m.ChangedAt(); !got.Equal(created) {
		t.Errorf("never written again: %s, want its creation", got)
	}
	m.SpecChange.Time = created.Add(time.Hour)
	if got := m.ChangedAt(); !got.Equal(created.Add(time.Hour)) {
		t.Errorf("written later: %s", got)
	}
}
