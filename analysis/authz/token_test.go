package authz_test

import (
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

func requestAuth() *mesh.RequestAuthentication {
	r := &mesh.RequestAuthentication{TargetRefs: []mesh.TargetRef{onOrders}, Rules: []mesh.JWTRule{{Issuer: "https://issuer.example"}}}
	r.Kind, r.Namespace, r.Name = "RequestAuthentication", "shop", "jwt"
	return r
}

func TestWaypointAndTokens(t *testing.T) {
	anna := authz.Token{State: authz.TokenValid, Issuer: "https://issuer.example", Subject: "anna", Claims: map[string][]string{"groups": {"staff", "admins"}, "aud": {"orders"}, "realm.roles": {"reader"}}}
	needsToken := allowFrom(from{RequestPrincipals: list("*")})
	noToken := onOrdersPolicy("DENY", rule{From: []from{{NotRequestPrincipals: list("*")}}})
	claim := func(key string, values ...string) *mesh.AuthorizationPolicy {
		return allowWhen(when{Key: key, Values: values})
	}
	for _, test := range []struct {
		name  string
		p     *mesh.AuthorizationPolicy
		token authz.Token
		want  authz.Verdict
		code  string
	}{
		{"a valid token passes where one is needed", needsToken, anna, authz.Allow, ""},
		{"no token does not", needsToken, authz.Token{State: authz.TokenNone}, authz.Deny, mesh.CodeJWTMissing},
		{"an unknown token leaves it open", needsToken, authz.Token{}, authz.Undetermined, mesh.CodeNoneAllowed},
		{"an invalid token is refused even where none is needed", allowOp(to{Methods: list("GET")}), authz.Token{State: authz.TokenInvalid}, authz.Deny, mesh.CodeJWTInvalid},
		{"no token passes where none is needed", allowOp(to{Methods: list("GET")}), authz.Token{State: authz.TokenNone}, authz.Allow, ""},
		{"DENY without a token refuses as one that is missing", noToken, authz.Token{State: authz.TokenNone}, authz.Deny, mesh.CodeJWTMissing},
		{"DENY without a token lets a token pass", noToken, anna, authz.Allow, ""},
		{"issuer and subject match", allowFrom(from{RequestPrincipals: list("https://issuer.example/anna")}), anna, authz.Allow, ""},
		{"another subject does not", allowFrom(from{RequestPrincipals: list("https://issuer.example/bert")}), anna, authz.Deny, mesh.CodeNoneAllowed},
		{"any subject of an issuer", allowFrom(from{RequestPrincipals: list("https://issuer.example/*")}), anna, authz.Allow, ""},
		{"any subject of another issuer", allowFrom(from{RequestPrincipals: list("https://other.example/*")}), anna, authz.Deny, mesh.CodeNoneAllowed},
		{"a subject of any issuer", allowFrom(from{RequestPrincipals: list("*/anna")}), anna, authz.Allow, ""},
		{"an issuer's end", allowFrom(from{RequestPrincipals: list("*.example/anna")}), anna, authz.Allow, ""},
		{"a subject's start", allowFrom(from{RequestPrincipals: list("https://issuer.example/an*")}), anna, authz.Allow, ""},
		{"an issuer alone asks for an empty subject", allowFrom(from{RequestPrincipals: list("issuer")}), anna, authz.Deny, mesh.CodeNoneAllowed},
		{"when request.auth.principal", claim("request.auth.principal", "https://issuer.example/anna"), anna, authz.Allow, ""},
		{"one value of a list claim is enough", claim("request.auth.claims[groups]", "admins"), anna, authz.Allow, ""},
		{"a claim that is not there", claim("request.auth.claims[team]", "*"), anna, authz.Deny, mesh.CodeNoneAllowed},
		{"a nested claim", claim("request.auth.claims[realm][roles]", "reader"), anna, authz.Allow, ""},
		{"an audience", claim("request.auth.audiences", "orders"), anna, authz.Allow, ""},
		{"another audience", claim("request.auth.audiences", "web"), anna, authz.Deny, mesh.CodeNoneAllowed},
		{"claims of a token nobody described are open", claim("request.auth.claims[groups]", "admins"), authz.Token{State: authz.TokenValid, Issuer: "https://issuer.example", Subject: "s"}, authz.Undetermined, mesh.CodeNoneAllowed},
		{"a token without a subject is no principal", needsToken, authz.Token{State: authz.TokenValid, Issuer: "https://issuer.example", Claims: map[string][]string{}}, authz.Deny, mesh.CodeNoneAllowed},
		{"a token whose subject nobody said is one", needsToken, authz.Token{State: authz.TokenValid, Issuer: "https://issuer.example"}, authz.Allow, ""},
		{"the issuer as a claim", claim("request.auth.claims[iss]", "https://issuer.example"), anna, authz.Allow, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := waypoint(test.p, requestAuth()).Decide(call(orderRequest(with(test.token))))
			if got.Verdict != test.want || got.Code != test.code {
				t.Errorf("decision = %+v, want %s %s", got, test.want, test.code)
			}
		})
	}
}

func TestWithoutRequestAuthenticationNobodyReadsTokens(t *testing.T) {
	anna := authz.Token{State: authz.TokenValid, Issuer: "https://issuer.example", Subject: "anna"}
	h := waypoint(allowFrom(from{RequestPrincipals: list("*")}))
	if got := h.Decide(call(orderRequest(with(anna)))); got.Verdict != authz.Deny || got.Code != mesh.CodeNoneAllowed {
		t.Errorf("valid token: %+v, want none allowed", got)
	}
	h = waypoint(allowOp(to{Methods: list("GET")}))
	if got := h.Decide(call(orderRequest(with(authz.Token{State: authz.TokenInvalid})))); got.Verdict != authz.Allow {
		t.Errorf("invalid token: %+v, want allow", got)
	}
}
