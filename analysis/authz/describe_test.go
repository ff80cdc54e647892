package authz_test

import (
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

func TestEffectSaysWhatAPolicyDoesAtAHop(t *testing.T) {
	l7 := rule{From: []from{{Principals: list(web)}}, To: []to{{Methods: list("GET", "POST"), Paths: list("/api/*")}}}
	custom := onOrdersPolicy("CUSTOM", rule{})
	custom.Provider = "opa"
	for _, test := range []struct {
		p    *mesh.AuthorizationPolicy
		want string
	}{
		{onOrdersPolicy("ALLOW", l7), "allows sa/web: GET or POST on /api/*"},
		{onOrdersPolicy("ALLOW", rule{From: []from{{Principals: list(ledger)}, {Namespaces: list("shop"), NotPrincipals: list(web)}}}), "allows sa/ledger of payments, or namespace shop except sa/web"},
		{allowFrom(from{RequestPrincipals: list("*")}), "allows any valid token"},
		{allowFrom(from{RequestPrincipals: list("iss/anna")}), "allows a token of iss/anna"},
		{allowFrom(from{Principals: list("*")}), "allows any identity"},
		{onOrdersPolicy("ALLOW", rule{}), "allows any caller"},
		{onOrdersPolicy("DENY", rule{From: []from{{NotRequestPrincipals: list("*")}}}), "denies any caller except any valid token"},
		{onOrdersPolicy("DENY", rule{To: []to{{NotPaths: list("/public")}}}), "denies any caller: on other than /public"},
		{allowWhen(when{Key: "request.headers[x]", Values: list("1"), NotValues: list("2")}), "allows any caller when request.headers[x] is 1 and not 2"},
		{onOrdersPolicy("ALLOW", rule{From: []from{{Namespaces: list("a", "b", "c", "d", "e", "f")}}}), "allows namespace a or b or c or d and 2 more"},
		{onOrdersPolicy("ALLOW"), "allows nobody: what no other policy allows is refused"},
		{onOrdersPolicy("DENY"), "denies nothing: it has no rules"},
		{onOrdersPolicy("CUSTOM"), "asks nobody: it has no rules"},
		{custom, `asks the external authorizer "opa" about any caller`},
		{onOrdersPolicy("AUDIT", rule{}), "does nothing here: AUDIT only marks requests for logging"},
		{authPolicy("p", "ALLOW", l7), "allows nobody: every rule asks for HTTP, which ztunnel cannot see, and is dropped"},
		{authPolicy("p", "DENY", l7), "denies nothing: every rule asks for something that cannot match at ztunnel"},
		{authPolicy("p", "DENY", l7, rule{From: []from{{Principals: list(web)}}}), "denies sa/web; 1 rule has no effect at ztunnel"},
		{authPolicy("p", "ALLOW", l7, l7, rule{To: []to{{Ports: list("8080")}}}), "allows any caller: on port 8080; 2 rules have no effect at ztunnel"},
		{authPolicy("p", "DENY", rule{To: []to{{Ports: list("8080"), Methods: list("GET")}}}), "denies any caller: on port 8080"},
		{authPolicy("p", "CUSTOM", rule{}), "does nothing here: ztunnel does not support the action CUSTOM, so the policy is not sent to it"},
	} {
		h := ztunnel(test.p)
		if len(test.p.TargetRefs) > 0 {
			h = waypoint(test.p)
		}
		if len(h.Attached) != 1 {
			t.Fatalf("%q: %d policies attached", test.want, len(h.Attached))
		}
		if got := h.Effect(h.Attached[0]); got != test.want {
			t.Errorf("effect = %q, want %q", got, test.want)
		}
	}
	h := waypointAt("tcp", onOrdersPolicy("ALLOW", l7))
	if got, want := h.Effect(h.Attached[0]), "allows nobody: every rule asks for HTTP, which this port does not carry"; got != want {
		t.Errorf("effect = %q, want %q", got, want)
	}
}

func TestAttachedPoliciesStandInTheOrderACallMeetsThem(t *testing.T) {
	named := func(name, action string) *mesh.AuthorizationPolicy {
		p := onOrdersPolicy(action, rule{})
		p.Name = name
		return p
	}
	h := waypoint(named("a", "ALLOW"), named("b", "AUDIT"), named("c", "DENY"), named("d", "CUSTOM"), named("e", "ALLOW"))
	var got string
	for _, a := range h.Attached {
		got += a.Policy.Name
	}
	if got != "dcaeb" {
		t.Errorf("order = %s, want dcaeb", got)
	}
}

func TestShortPrincipal(t *testing.T) {
	for _, test := range [][3]string{
		{web, "shop", "sa/web"},
		{web, "payments", "sa/web of shop"},
		{"*/sa/web", "shop", "*/sa/web"},
		{"", "shop", "a caller without identity"},
	} {
		if got := authz.ShortPrincipal(test[0], test[1]); got != test[2] {
			t.Errorf("ShortPrincipal(%q, %q) = %q, want %q", test[0], test[1], got, test[2])
		}
	}
}
