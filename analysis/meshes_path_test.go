package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// What a finding says of calls is what becomes of a call that is followed.
func TestPathsAgreeWithFindings(t *testing.T) {
	for _, tt := range []struct {
		name  string
		parts []mt.Part
		yaml  string
		to    string
		// code is the finding's, and what explains the call.
		code    string
		verdict path.Verdict
	}{
		{
			name: "the pods do not admit their waypoint", parts: bookshop(), to: "shop/orders:80",
			yaml: admits("cluster.local/ns/shop/sa/web"), code: "AUTHZ_WAYPOINT_IDENTITY_DENIED", verdict: path.Unreachable,
		},
		{
			name: "the pods admit their waypoint", parts: bookshop(), to: "shop/orders:80",
			yaml: admits("cluster.local/ns/shop/sa/waypoint"), verdict: path.Reachable,
		},
		{
			name: "the waypoint has no pod", parts: []mt.Part{
				mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint", mt.Replicas(0)), app("shop", "web"), app("shop", "orders"),
			}, to: "shop/orders:80", code: "WAYPOINT_NO_ENDPOINTS", verdict: path.Unreachable,
		},
		{
			name: "an ALLOW by HTTP selects pods", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), app("shop", "web"), app("shop", "orders")}, to: "shop/orders:80", yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: get, namespace: shop}
spec:
  selector: {matchLabels: {app: orders}}
  rules:
  - to:
    - operation: {methods: [GET]}
`, code: "AUTHZ_L7_DENIES_ALL", verdict: path.Unreachable,
		},
		{
			name: "a route leads to a subset without pods", parts: bookinfo(version("bookinfo", "reviews", "v3", mt.Replicas(0))), to: "bookinfo/reviews:9080", yaml: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: bookinfo}
spec: {host: reviews, subsets: [{name: v3, labels: {version: v3}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: bookinfo}
spec: {hosts: [reviews], http: [{route: [{destination: {host: reviews, subset: v3}}]}]}
`, code: "SUBSET_EMPTY", verdict: path.Unreachable,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			parts := tt.parts
			if tt.yaml != "" {
				parts = append(parts, applied(t, tt.yaml))
			}
			s := mt.Mesh(parts...)
			if found := withCode(analysis.Assess(analysis.Input{Snap: s, Now: s.At}), tt.code); tt.code != "" && len(found) == 0 {
				t.Errorf("no finding %s", tt.code)
			}
			from := "shop/deployment/web"
			if tt.to == "bookinfo/reviews:9080" {
				from = "bookinfo/deployment/productpage"
			}
			e, err := path.Explain(s, nil, path.Request{From: from, To: tt.to})
			if err != nil {
				t.Fatal(err)
			}
			if e.Verdict != tt.verdict || e.Code != tt.code {
				t.Errorf("verdict %s, code %q (%s), want %s, %q", e.Verdict, e.Code, e.Summary, tt.verdict, tt.code)
			}
		})
	}
}
