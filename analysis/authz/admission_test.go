package authz_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// TestIstiodAdmitsWaypoints covers the policies that istiod makes where it is
// told to: pods behind a waypoint take the waypoint, and nobody else whom no
// other policy names.
func TestIstiodAdmitsWaypoints(t *testing.T) {
	admits := mt.ZtunnelSaid("node-a", mt.With(func(e *mesh.ZtunnelEvidence) { e.AdmitsWaypoints = true }))
	pod := mt.Pod("shop", "orders-1", mt.Label("app", "orders"), mt.OnNode("node-a"))
	bound := []mt.Part{mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint"), pod, mt.Service("shop", "orders")}
	for _, test := range []struct {
		name   string
		parts  []mt.Part
		caller string
		want   authz.Verdict
	}{
		{"the waypoint of a Service of the pod is admitted", append(slices.Clip(bound), admits), "cluster.local/ns/shop/sa/waypoint", authz.Allow},
		{"from then on others are not", append(slices.Clip(bound), admits), "cluster.local/ns/shop/sa/web", authz.Deny},
		{"without such policies everybody is admitted", append(slices.Clip(bound), mt.ZtunnelSaid("node-a")), "cluster.local/ns/shop/sa/web", authz.Allow},
		{
			"a pod behind no waypoint takes everybody",
			[]mt.Part{mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", "waypoint"), pod, mt.Service("shop", "orders"), admits},
			"cluster.local/ns/shop/sa/web", authz.Allow,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := mt.Mesh(test.parts...)
			d := authz.AtZtunnel(s, s.Workload("shop", "orders-1")).Decide(authz.Call{From: authz.Known(test.caller), Port: 8080})
			if d.Verdict != test.want {
				t.Errorf("decision = %+v, want %s", d, test.want)
			}
			if d.Verdict == authz.Deny && !strings.Contains(d.Reason, "istiod's own for the waypoint shop/waypoint") {
				t.Errorf("reason %q does not say whose policy it is", d.Reason)
			}
		})
	}
}
