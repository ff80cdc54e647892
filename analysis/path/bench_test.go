package path_test

import (
	"testing"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// large is the mesh the budgets are set for, with policies in it.
func large(tb testing.TB) *mesh.Snapshot {
	tb.Helper()
	deny := &mesh.AuthorizationPolicy{Action: "ALLOW", Rules: []mesh.AuthorizationRule{{From: []mesh.AuthorizationSource{{Principals: []string{"cluster.local/ns/ns-0/sa/waypoint"}}}}}}
	deny.Kind, deny.Namespace, deny.Name = "AuthorizationPolicy", "ns-0", "only-via-waypoint"
	l7 := &mesh.AuthorizationPolicy{Action: "ALLOW", TargetRefs: []mesh.TargetRef{{Kind: "Service", Name: "svc-0"}}}
	l7.Kind, l7.Namespace, l7.Name = "AuthorizationPolicy", "ns-0", "svc-0"
	l7.Rules = []mesh.AuthorizationRule{{From: []mesh.AuthorizationSource{{Namespaces: []string{"ns-1*"}}}, To: []mesh.AuthorizationOperation{{Methods: []string{"GET"}}}}}
	parts := append(meshtest.LargeParts(200, 4000, 20000, 200), meshtest.Objects(deny, l7))
	return meshtest.Mesh(parts...)
}

func BenchmarkForService(b *testing.B) {
	s := large(b)
	for _, name := range []string{"svc-0", "svc-200"} {
		ref := mesh.Ref{Kind: "Service", Namespace: "ns-0", Name: name}
		path.ForService(s, ref, 80, path.Options{}) // what a snapshot computes once
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				path.ForService(s, ref, 80, path.Options{})
			}
		})
	}
}

func BenchmarkCallers(b *testing.B) {
	s := large(b)
	ref := mesh.Ref{Kind: "Service", Namespace: "ns-0", Name: "svc-0"}
	path.Callers(s, ref, 80)
	b.ReportAllocs()
	for b.Loop() {
		path.Callers(s, ref, 80)
	}
}

func BenchmarkCallees(b *testing.B) {
	s := large(b)
	w := s.Workload("ns-1", "svc-1-1")
	path.Callees(s, w)
	b.ReportAllocs()
	for b.Loop() {
		path.Callees(s, w)
	}
}

func BenchmarkExplain(b *testing.B) {
	s := large(b)
	for name, r := range map[string]path.Request{
		"pod to service":        {From: "ns-1/svc-1-1", To: "ns-0/svc-0:80", Path: "/x"},
		"pod to host":           {From: "ns-1/svc-1-1", To: "http://svc-200.ns-0/x"},
		"deployment to service": {From: "ns-1/deployment/svc-1", To: "ns-0/svc-0:80"},
	} {
		if _, err := path.Explain(s, nil, r); err != nil { // what a snapshot computes once
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := path.Explain(s, nil, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkExplainWithDumps(b *testing.B) {
	s := large(b)
	r := path.Request{From: "ns-1/svc-1-1", To: "ns-0/svc-0:80", Path: "/x"}
	proxies, err := path.Involved(s, r)
	if err != nil {
		b.Fatal(err)
	}
	m := memory{ztunnels: make(map[string]*mesh.ZtunnelDump)}
	for _, n := range proxies.Nodes {
		m.ztunnels[n] = remember(s, n)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := path.Explain(s, m, r); err != nil {
			b.Fatal(err)
		}
	}
}
