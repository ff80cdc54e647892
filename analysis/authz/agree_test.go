package authz_test

import (
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

func TestZtunnelAgreesWithWhatIsDeclared(t *testing.T) {
	rule := func(principals, ports []string) mesh.AuthorizationRule {
		return mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{Principals: principals}}, To: []mesh.AuthorizationOperation{{Ports: ports}}}
	}
	policy := func(action string, rules ...mesh.AuthorizationRule) *mesh.AuthorizationPolicy {
		return &mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "p"}, Action: action, Rules: rules}
	}
	loaded := func(rules ...mesh.ZtunnelRule) *mesh.ZtunnelPolicy {
		return &mesh.ZtunnelPolicy{Namespace: "shop", Name: "p", Action: "Allow", Rules: rules}
	}
	principals := func(values ...string) mesh.ZtunnelClause { return mesh.ZtunnelClause{{"principals": values}} }
	ports := func(values ...string) mesh.ZtunnelClause { return mesh.ZtunnelClause{{"destinationPorts": values}} }
	blocks := mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{IPBlocks: []string{"10.0.0.1"}, NotIPBlocks: []string{"10.1.0.0/16"}}}}
	methods := mesh.AuthorizationRule{To: []mesh.AuthorizationOperation{{Methods: []string{"GET"}}}}
	for _, tt := range []struct {
		name   string
		policy *mesh.AuthorizationPolicy
		loaded *mesh.ZtunnelPolicy
		want   mesh.Fact
	}{
		{"the same", policy("ALLOW", rule([]string{"a/ns/b/sa/c"}, []string{"80"})), loaded(mesh.ZtunnelRule{ports("80"), principals("a/ns/b/sa/c")}), mesh.FactYes},
		{"in another order", policy("ALLOW", rule([]string{"x", "y*"}, []string{"80", "81"})), loaded(mesh.ZtunnelRule{principals("y*", "x"), ports("81", "80")}), mesh.FactYes},
		{"another principal", policy("ALLOW", rule([]string{"x"}, []string{"80"})), loaded(mesh.ZtunnelRule{principals("y"), ports("80")}), mesh.FactNo},
		{"a suffix is no exact value", policy("ALLOW", rule([]string{"*x"}, nil)), loaded(mesh.ZtunnelRule{principals("x"), {{}}}), mesh.FactNo},
		{"a port less", policy("ALLOW", rule([]string{"x"}, []string{"80", "81"})), loaded(mesh.ZtunnelRule{principals("x"), ports("80")}), mesh.FactNo},
		{"a rule less", policy("ALLOW", rule([]string{"x"}, []string{"80"}), mesh.AuthorizationRule{}), loaded(mesh.ZtunnelRule{principals("x"), ports("80")}), mesh.FactNo},
		{"a rule for everything", policy("ALLOW", mesh.AuthorizationRule{}), loaded(mesh.ZtunnelRule{}), mesh.FactYes},
		{"no rules", policy("ALLOW"), loaded(), mesh.FactYes},
		{"no rules is not one for everything", policy("ALLOW"), loaded(mesh.ZtunnelRule{}), mesh.FactNo},
		{"an ALLOW that asks for HTTP loses the rule", policy("ALLOW", methods), loaded(), mesh.FactYes},
		{"a DENY that asks for HTTP keeps a match that never holds", policy("DENY", methods), loaded(mesh.ZtunnelRule{{{}}}), mesh.FactYes},
		{"addresses in either form", policy("ALLOW", blocks), loaded(mesh.ZtunnelRule{{{"sourceIps": {"10.0.0.1/32"}, "notSourceIps": {"10.1.0.0/16"}}}}), mesh.FactYes},
		{"unknown: a field of a later release", policy("ALLOW", rule([]string{"x"}, nil)), loaded(mesh.ZtunnelRule{{{"principals": {"x"}, "weather": {"rain"}}}}), mesh.FactUnknown},
		{"unknown: serviceAccounts are not converted by every release", policy("ALLOW", mesh.AuthorizationRule{
			From: []mesh.AuthorizationSource{{ServiceAccounts: []string{"web"}}},
		}), loaded(mesh.ZtunnelRule{{{}}}), mesh.FactUnknown},
		{"unknown: CUSTOM is not sent", policy("CUSTOM"), loaded(), mesh.FactUnknown},
	} {
		if got := authz.ZtunnelAgrees(tt.policy, tt.loaded); got != tt.want {
			t.Errorf("%s: %v, want %v (%s | %s)", tt.name, got, tt.want, authz.DescribeForZtunnel(tt.policy), authz.DescribeLoaded(tt.loaded))
		}
	}
}
