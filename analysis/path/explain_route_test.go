package path_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func exactly(s string) *mesh.StringMatch { return &mesh.StringMatch{Kind: mesh.MatchExact, Value: s} }

func prefixed(s string) *mesh.StringMatch { return &mesh.StringMatch{Kind: mesh.MatchPrefix, Value: s} }

func regular(s string) *mesh.StringMatch { return &mesh.StringMatch{Kind: mesh.MatchRegex, Value: s} }

// only gives requests that match to v2 and all others to v1.
func only(m mesh.RouteMatch) *mesh.Route {
	return virtualService("orders", time.Hour, matching(m, httpRule(subset("v2", 0))), httpRule(subset("v1", 0)))
}

func TestWhichRuleTakesARequest(t *testing.T) {
	header := func(name string, m *mesh.StringMatch) mesh.RouteMatch {
		return mesh.RouteMatch{Headers: []mesh.NamedMatch{{Name: name, Match: m}}}
	}
	inHTTPRoute := func(m mesh.RouteMatch) *mesh.Route {
		return httpRoute("orders", time.Hour, matching(m, httpRule(subset("v2", 1))), httpRule(subset("v1", 1)))
	}
	for _, tt := range []struct {
		name    string
		route   *mesh.Route
		request path.Request
		want    string // the version
	}{
		{"the exact path", only(mesh.RouteMatch{Path: exactly("/a")}), path.Request{Path: "/a"}, "v2"},
		{"the exact path with a query", only(mesh.RouteMatch{Path: exactly("/a")}), path.Request{Path: "/a?b=c"}, "v2"},
		{"another path", only(mesh.RouteMatch{Path: exactly("/a")}), path.Request{Path: "/a/b"}, "v1"},
		{"a prefix of a VirtualService may end within a segment", only(mesh.RouteMatch{Path: prefixed("/a")}), path.Request{Path: "/ab"}, "v2"},
		{"one of an HTTPRoute may not", inHTTPRoute(mesh.RouteMatch{Path: prefixed("/a")}), path.Request{Path: "/ab"}, "v1"},
		{"but takes the path itself", inHTTPRoute(mesh.RouteMatch{Path: prefixed("/a")}), path.Request{Path: "/a"}, "v2"},
		{"and what is below it", inHTTPRoute(mesh.RouteMatch{Path: prefixed("/a/")}), path.Request{Path: "/a/b"}, "v2"},
		{"a path in other letters", only(mesh.RouteMatch{Path: exactly("/a")}), path.Request{Path: "/A"}, "v1"},
		{"which does not matter where it is said so", only(mesh.RouteMatch{Path: exactly("/a"), IgnoreURICase: true}), path.Request{Path: "/A"}, "v2"},
		{"a regular expression matches the whole path", only(mesh.RouteMatch{Path: regular("/[a-z]+")}), path.Request{Path: "/abc"}, "v2"},
		{"and not a part of it", only(mesh.RouteMatch{Path: regular("/[a-z]+")}), path.Request{Path: "/abc/1"}, "v1"},
		{"the method", only(mesh.RouteMatch{Method: exactly("POST")}), path.Request{Method: "POST"}, "v2"},
		{"another method", only(mesh.RouteMatch{Method: exactly("POST")}), path.Request{}, "v1"},
		{"a header, whatever its letters", only(header("X-Canary", exactly("always"))), path.Request{Headers: []path.Header{{Name: "x-canary", Value: "always"}}}, "v2"},
		{"a header with another value", only(header("x-canary", exactly("always"))), path.Request{Headers: []path.Header{{Name: "x-canary", Value: "never"}}}, "v1"},
		{"a header that only has to be there", only(header("x-canary", nil)), path.Request{Headers: []path.Header{{Name: "x-canary", Value: ""}}}, "v2"},
		{"a header that must not be there, and is not", only(mesh.RouteMatch{WithoutHeaders: []mesh.NamedMatch{{Name: "x-old"}}}), path.Request{}, "v2"},
		{"a header that must not be there, and is", only(mesh.RouteMatch{WithoutHeaders: []mesh.NamedMatch{{Name: "x-old"}}}), path.Request{Headers: []path.Header{{Name: "x-old", Value: "1"}}}, "v1"},
		{"a parameter of the query", only(mesh.RouteMatch{QueryParams: []mesh.NamedMatch{{Name: "v", Match: exactly("2")}}}), path.Request{Path: "/?v=2"}, "v2"},
		{"another value of it", only(mesh.RouteMatch{QueryParams: []mesh.NamedMatch{{Name: "v", Match: exactly("2")}}}), path.Request{Path: "/?v=3"}, "v1"},
		{"the host a client asks for", only(mesh.RouteMatch{Authority: exactly("orders.shop")}), path.Request{To: "http://orders.shop/"}, "v2"},
		{"another host", only(mesh.RouteMatch{Authority: exactly("orders.shop")}), path.Request{To: "http://orders/"}, "v1"},
		{"the host in a header", only(mesh.RouteMatch{Authority: exactly("shop.example")}), path.Request{Headers: []path.Header{{Name: "Host", Value: "shop.example"}}}, "v2"},
		{"a method of gRPC", only(mesh.RouteMatch{GRPCService: exactly("shop.Orders"), GRPCMethod: exactly("List")}), path.Request{Method: "POST", Path: "/shop.Orders/List"}, "v2"},
		{"another method of gRPC", only(mesh.RouteMatch{GRPCService: exactly("shop.Orders"), GRPCMethod: exactly("List")}), path.Request{Method: "POST", Path: "/shop.Orders/Get"}, "v1"},
		{"two conditions of which one does not hold", only(mesh.RouteMatch{Path: exactly("/a"), Method: exactly("POST")}), path.Request{Path: "/a"}, "v1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := bare(objects(tt.route, versions()))
			r := tt.request
			r.From = "shop/web-1"
			if r.To == "" {
				r.To = "shop/orders:80"
			}
			e := explain(t, s, r)
			if got := hop(e, path.HopBackend).Name; e.Verdict != path.Reachable || !strings.HasPrefix(got, "orders-"+tt.want) {
				t.Errorf("it goes to %q, want %s: %s %s", got, tt.want, e.Verdict, e.Summary)
			}
		})
	}
}

func TestWhatRoutesDoToCalls(t *testing.T) {
	second := 5 * time.Second
	fault := func(f mesh.Fault) *mesh.Route {
		r := httpRule(subset("v1", 0))
		r.Fault = &f
		return virtualService("orders", time.Hour, r)
	}
	redirect := func(status int) *mesh.Route {
		return virtualService("orders", time.Hour, mesh.RouteRule{Protocol: "http", Redirect: &mesh.Redirect{Host: "new.example", Status: status}})
	}
	missing := mesh.Backend{Host: "nobody.shop.svc.cluster.local"}
	gone := mesh.Backend{Ref: mesh.Ref{Kind: "Service", Namespace: "shop", Name: "nobody"}, Weight: 1}
	for _, tt := range []said{
		{name: "no rule takes the request", with: parts(objects(virtualService("orders", 0, matching(mesh.RouteMatch{Path: exactly("/only")}, httpRule(subset("v1", 0)))), versions())), want: "Unreachable http 404 ROUTE_NOT_FOUND", hop: path.HopWaypoint},
		{name: "a subset nobody defines", with: parts(objects(virtualService("orders", 0, httpRule(subset("v3", 0))), versions())), want: "Unreachable http 503 SUBSET_UNDEFINED", hop: path.HopBackend},
		{name: "a subset without pods", with: parts(objects(virtualService("orders", 0, httpRule(subset("v3", 0))), versions("v1", "v3"))), want: "Unreachable http 503 SUBSET_EMPTY", hop: path.HopBackend},
		{name: "a tenth to a subset nobody defines", with: parts(objects(virtualService("orders", 0, httpRule(subset("v1", 90), subset("v3", 10))), versions())), want: "Ambiguous http 503 SUBSET_UNDEFINED"},
		{name: "nothing to a subset nobody defines", with: parts(objects(virtualService("orders", 0, httpRule(subset("v1", 100), subset("v3", 0))), versions())), want: "Reachable ok"},
		{name: "a VirtualService to a host that is not there", with: parts(objects(virtualService("orders", 0, httpRule(missing)))), want: "Unreachable http 503 ROUTE_BACKEND_MISSING", hop: path.HopBackend},
		{name: "an HTTPRoute to a Service that is not there", with: parts(objects(httpRoute("orders", time.Hour, httpRule(gone)))), want: "Unreachable http 500 ROUTE_BACKEND_MISSING", hop: path.HopBackend},
		{name: "every call is aborted", with: parts(objects(fault(mesh.Fault{AbortPercent: 100, AbortStatus: 418}), versions())), want: "Unreachable http 418 FAULT_INJECTED", hop: path.HopWaypoint},
		{name: "half of the calls are aborted", with: parts(objects(fault(mesh.Fault{AbortPercent: 50, AbortStatus: 500}), versions())), want: "Ambiguous http 500 FAULT_INJECTED"},
		{name: "calls are delayed", with: parts(objects(fault(mesh.Fault{DelayPercent: 100, Delay: &second}), versions())), want: "Reachable ok"},
		{name: "a redirect", with: parts(objects(redirect(302))), want: "Unreachable http 302", hop: path.HopWaypoint},
		{name: "a redirect without a status", with: parts(objects(redirect(0))), want: "Unreachable http 301", hop: path.HopWaypoint},
		{name: "an answer of the waypoint's own", with: parts(objects(virtualService("orders", 0, mesh.RouteRule{Protocol: "http", DirectResponse: 200}))), want: "Unreachable http 200", hop: path.HopWaypoint},
		{name: "a route in a third namespace does not count", with: parts(objects(elsewhere(virtualService("orders", 0, httpRule(missing))))), want: "Reachable ok"},
		{name: "the older of two objects comes first", with: parts(objects(virtualService("a", 2*time.Hour, httpRule(subset("v1", 0))), virtualService("b", time.Hour, httpRule(missing)), versions())), want: "Reachable ok"},
		{name: "TLS on a port whose protocol is detected is not routed by HTTP", with: parts(meshtest.Service("shop", "secure", meshtest.Port(443, "web"), meshtest.Selects("app", "orders")), objects(onlyGET())), to: "https://secure.shop/", want: "Unreachable reset AUTHZ_HTTP_ON_TCP_PORT", hop: path.HopWaypoint},
		{name: "a port that is declared to be TCP is not routed by HTTP", with: parts(meshtest.Deployment("shop", "db"), meshtest.Service("shop", "db", meshtest.Port(5432, "tcp"))), to: "shop/db:5432", want: "Reachable ok"},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.check(t, bare(tt.with...)) })
	}
}

func elsewhere(r *mesh.Route) *mesh.Route {
	r.Namespace = "legacy"
	return r
}

func TestTokens(t *testing.T) {
	auth := &mesh.RequestAuthentication{TargetRefs: []mesh.TargetRef{{Kind: "Service", Name: "orders"}}, Rules: []mesh.JWTRule{{Issuer: "https://id.example"}}}
	auth.Kind, auth.Namespace, auth.Name = "RequestAuthentication", "shop", "orders"
	needed := atWaypoint(policy("token", "ALLOW", mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{RequestPrincipals: []string{"https://id.example/*"}}}}))
	s := bare(objects(auth, needed))
	for _, tt := range []struct{ name, state, issuer, header, want string }{
		{name: "none is said to be none", want: "Unreachable http 403 JWT_MISSING"},
		{name: "none", state: "none", want: "Unreachable http 403 JWT_MISSING"},
		{name: "a valid one", state: "valid", issuer: "https://id.example", want: "Reachable ok"},
		{name: "one of another issuer", state: "valid", issuer: "https://other.example", want: "Unreachable http 401 JWT_INVALID"},
		{name: "an invalid one", state: "invalid", want: "Unreachable http 401 JWT_INVALID"},
		{name: "a header that is no token at all", header: "Bearer nonsense", want: "Unreachable http 401 JWT_INVALID"},
		{name: "a token whose signature is taken for valid", header: "Bearer " + jwt(`{"iss":"https://id.example","sub":"me"}`), want: "Reachable ok"},
		{name: "a token of an issuer nobody trusts", header: "Bearer " + jwt(`{"iss":"https://other.example","sub":"me"}`), want: "Unreachable http 401 JWT_INVALID"},
		{name: "a token that is over", header: "Bearer " + jwt(`{"iss":"https://id.example","sub":"me","exp":1}`), want: "Unreachable http 401 JWT_INVALID"},
		{name: "credentials of another kind", header: "Basic bWU6bWU=", want: "Unreachable http 403 JWT_MISSING"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := question("shop/web-1", "shop/orders:80")
			r.Token.State, r.Token.Issuer = authz.TokenState(tt.state), tt.issuer
			if tt.header != "" {
				r.Headers = []path.Header{{Name: "Authorization", Value: tt.header}}
			}
			e := explain(t, s, r)
			if got := told(e); got != tt.want {
				t.Errorf("%s, want %s: %s", got, tt.want, e.Summary)
			}
		})
	}
}

// jwt is a token with these claims and no signature.
func jwt(claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"RS256"}`)) + "." + part([]byte(claims)) + ".c2ln"
}

// onlyGET admits GET to a Service, which nobody can see within TLS.
func onlyGET() *mesh.AuthorizationPolicy {
	p := policy("get", "ALLOW", mesh.AuthorizationRule{To: []mesh.AuthorizationOperation{{Methods: []string{"GET"}}}})
	p.TargetRefs = []mesh.TargetRef{{Kind: "Service", Name: "secure"}}
	return p
}
