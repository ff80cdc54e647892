package authz_test

import (
	"fmt"
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// BenchmarkFromZtunnel puts a workload's policies together out of those of a
// mesh with 2,000, and decides.
func BenchmarkFromZtunnel(b *testing.B) {
	d, w := inDump(staticStrict(), loadedPolicy("p", "Allow", one(zMatch{"principals": {web}})))
	for i := range 2000 {
		p := loadedPolicy(fmt.Sprintf("p%d", i), "Allow", one(zMatch{"principals": {orders}}))
		p.Namespace = fmt.Sprintf("ns-%d", i)
		d.Policies = append(d.Policies, p)
	}
	b.ReportAllocs()
	for b.Loop() {
		if authz.FromZtunnel(d, w, authz.PeerMode{}).Decide(call()).Verdict != authz.Allow {
			b.Fatal("refused")
		}
	}
}

// BenchmarkFromEnvoy puts a chain's rules together and asks them for each of
// 5,000 identities, as the matrix of a service's callers does.
func BenchmarkFromEnvoy(b *testing.B) {
	chain := chainOf(
		filterOf("DENY", held(anything, expr{Kind: mesh.EnvoyPrincipal, Text: regex(".*/ns/legacy/.*")})),
		filterOf("ALLOW", held(header(":method", exactly("GET")), expr{Kind: mesh.EnvoyPrincipal, Text: regex("spiffe://.+/ns/shop/(.+/|)sa/web(/.+)?")})))
	callers := make([]authz.Identity, 0, 5000)
	for i := range cap(callers) {
		callers = append(callers, authz.Known(mesh.Principal("cluster.local", fmt.Sprintf("ns-%d", i%50), fmt.Sprintf("sa-%d", i))))
	}
	b.ReportAllocs()
	for b.Loop() {
		h := authz.FromEnvoy(nobody, chain)
		for _, who := range callers {
			h.Decide(authz.Call{From: who, Port: 80})
		}
	}
}
