package drift_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestRulesOfPolicies(t *testing.T) {
	base := []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Pod("shop", "web")}
	fromWeb := mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{Principals: []string{"cluster.local/ns/shop/sa/web"}}}}
	policy := func(ago time.Duration) mt.Part {
		return mt.Objects(&mesh.AuthorizationPolicy{
			Meta:   mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "p", Created: mt.Now.Add(-time.Hour), SpecChange: mesh.Change{Time: mt.Now.Add(-ago)}},
			Action: "ALLOW", Rules: []mesh.AuthorizationRule{fromWeb},
		})
	}
	loaded := func(field, value string) func(*mesh.ZtunnelDump) {
		return func(d *mesh.ZtunnelDump) {
			d.Policies = append(d.Policies, mesh.ZtunnelPolicy{
				Namespace: "shop", Name: "p", Scope: "Namespace", Action: "Allow", Rules: []mesh.ZtunnelRule{{{{field: {value}}}}},
			})
		}
	}
	testDrift(t, base, []driftCase{
		{name: "the rules that are declared", parts: []mt.Part{policy(time.Hour)}, broken: loaded("principals", "cluster.local/ns/shop/sa/web")},
		{name: "another caller", parts: []mt.Part{policy(time.Hour)}, broken: loaded("principals", "cluster.local/ns/shop/sa/old"), want: []string{
			"AuthorizationPolicy shop/p rules: 1 rule: sa/web | 1 rule: sa/old",
		}},
		{name: "silent: it changed 30 s ago", parts: []mt.Part{policy(30 * time.Second)}, broken: loaded("principals", "cluster.local/ns/shop/sa/old")},
		{name: "silent: a field of a later release", parts: []mt.Part{policy(time.Hour)}, broken: loaded("weather", "rain")},
	})
}
