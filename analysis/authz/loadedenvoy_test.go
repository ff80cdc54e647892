package authz_test

import (
	"maps"
	"net/netip"
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// Short names for the parts of an authorization filter.
type (
	expr = mesh.EnvoyExpression
	text = mesh.EnvoyTextMatch
)

func exactly(s string) text { return text{Kind: mesh.EnvoyExact, Text: s} }
func regex(s string) text   { return text{Kind: mesh.EnvoyRegex, Text: s} }

var anything = expr{Kind: mesh.EnvoyTrue}

func allOf(list ...expr) expr { return expr{Kind: mesh.EnvoyAnd, Of: list} }
func oneOf(list ...expr) expr { return expr{Kind: mesh.EnvoyOr, Of: list} }
func not(e expr) expr         { return expr{Kind: mesh.EnvoyNot, Of: []expr{e}} }

func header(name string, m text) expr {
	return expr{Kind: mesh.EnvoyHeader, Header: &mesh.EnvoyHeaderMatch{Name: name, Text: m}}
}

func onHeader(m mesh.EnvoyHeaderMatch) expr { return expr{Kind: mesh.EnvoyHeader, Header: &m} }

// held is a rule of shop/p as istiod names it.
func held(permission, principal expr) mesh.EnvoyPolicyRule {
	return mesh.EnvoyPolicyRule{
		Name: "ns[shop]-policy[p]-rule[0]", Policy: mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "p"},
		Permissions: []expr{permission}, Principals: []expr{principal},
	}
}

// chainOf is a filter chain for HTTP with authorization filters.
func chainOf(filters ...mesh.EnvoyRBAC) *mesh.EnvoyChain {
	return &mesh.EnvoyChain{Name: "inbound-vip|80|http|orders.shop.svc.cluster.local", HTTP: true, NormalizePath: true, RBAC: filters}
}

func filterOf(action string, rules ...mesh.EnvoyPolicyRule) mesh.EnvoyRBAC {
	return mesh.EnvoyRBAC{Action: action, Policies: rules}
}

// asks is the decision of an ALLOW filter with one permission, or one principal.
func permits(e expr) *mesh.EnvoyChain { return chainOf(filterOf("ALLOW", held(e, anything))) }

func admits(e expr) *mesh.EnvoyChain { return chainOf(filterOf("ALLOW", held(anything, e))) }

func TestWhatEnvoyHasLoadedDecides(t *testing.T) {
	peer := func(m text) expr { return expr{Kind: mesh.EnvoyPrincipal, Text: m} }
	path := func(m text) expr { return expr{Kind: mesh.EnvoyURLPath, Text: m} }
	block := func(kind mesh.EnvoyExpressionKind, s string) expr {
		return expr{Kind: kind, Block: netip.MustParsePrefix(s)}
	}
	items := call(orderRequest())
	const none, denied = mesh.CodeNoneAllowed, mesh.CodePolicyDenied
	for _, test := range []struct {
		name  string
		chain *mesh.EnvoyChain
		call  authz.Call
		want  authz.Verdict
		code  string
	}{
		// Filters.
		{"no filter admits all", chainOf(), items, authz.Allow, ""},
		{"an ALLOW filter without rules refuses all", chainOf(filterOf("ALLOW")), items, authz.Deny, none},
		{"a DENY filter without rules denies nothing", chainOf(filterOf("DENY")), items, authz.Allow, ""},
		{"a rule that asks for nothing admits", permits(anything), items, authz.Allow, ""},
		{"a rule that istiod made never to match admits nobody", chainOf(filterOf("ALLOW", held(not(anything), not(anything)))), items, authz.Deny, none},
		{"a rule without principals never matches", chainOf(filterOf("ALLOW", mesh.EnvoyPolicyRule{Permissions: []expr{anything}})), items, authz.Deny, none},
		{"DENY goes before ALLOW", chainOf(filterOf("DENY", held(anything, anything)), filterOf("ALLOW", held(anything, anything))), items, authz.Deny, denied},
		{"DENY goes before ALLOW in any order of filters", chainOf(filterOf("ALLOW", held(anything, anything)), filterOf("DENY", held(anything, anything))), items, authz.Deny, denied},
		{"a call must pass every ALLOW filter", chainOf(filterOf("ALLOW", held(anything, anything)), filterOf("ALLOW", held(anything, not(anything)))), items, authz.Deny, none},
		{"a call that passes every ALLOW filter passes", chainOf(filterOf("ALLOW", held(anything, anything)), filterOf("ALLOW", held(anything, anything))), items, authz.Allow, ""},
		{"LOG refuses nothing", chainOf(filterOf("LOG", held(anything, anything))), items, authz.Allow, ""},
		{"a dry run refuses nothing", chainOf(mesh.EnvoyRBAC{Action: "DENY", Shadow: true, Policies: []mesh.EnvoyPolicyRule{held(anything, anything)}}), items, authz.Allow, ""},
		{"CUSTOM asks an authorizer", chainOf(filterOf("CUSTOM", provided(held(anything, anything), "opa"))), items, authz.Undetermined, mesh.CodeExtAuthzDenied},
		{"CUSTOM asks about what it matches only", chainOf(filterOf("CUSTOM", provided(held(header(":method", exactly("PUT")), anything), "opa"))), items, authz.Allow, ""},
		{"CUSTOM of a release that does not name the authorizer", chainOf(filterOf("CUSTOM", held(anything, anything))), items, authz.Undetermined, mesh.CodeExtAuthzDenied},
		{"an action of a later Envoy leaves it open", chainOf(filterOf("7", held(anything, anything))), items, authz.Undetermined, ""},
		{"a second ALLOW filter with a name of CUSTOM", chainOf(filterOf("ALLOW", held(anything, anything)), filterOf("ALLOW", provided(held(anything, anything), "opa"))), items, authz.Allow, ""},
		{"a CUSTOM that istiod could not set up refuses", chainOf(filterOf("DENY", broken(held(anything, anything), "opa"))), items, authz.Deny, mesh.CodeExtAuthzDenied},
		{"rules that could not be read leave it open", chainOf(filterOf(mesh.EnvoyRBACUnread)), items, authz.Undetermined, ""},
		{"rules that could not be read do not undo a refusal", chainOf(filterOf(mesh.EnvoyRBACUnread), filterOf("DENY", held(anything, anything))), items, authz.Deny, denied},
		{"a condition in CEL leaves its rule open", chainOf(filterOf("DENY", conditional(held(anything, anything)))), items, authz.Undetermined, denied},

		// Logic.
		{"all of", permits(allOf(header(":method", exactly("GET")), path(exactly("/api/items")))), items, authz.Allow, ""},
		{"not all of", permits(allOf(header(":method", exactly("GET")), path(exactly("/")))), items, authz.Deny, none},
		{"one of", permits(oneOf(header(":method", exactly("PUT")), header(":method", exactly("GET")))), items, authz.Allow, ""},
		{"none of", permits(not(header(":method", exactly("GET")))), items, authz.Deny, none},
		{"all of nothing is true", permits(allOf()), items, authz.Allow, ""},
		{"one of nothing is false", permits(oneOf()), items, authz.Deny, none},
		{"something unknown leaves it open", permits(expr{Kind: mesh.EnvoyOther, Name: "weather"}), items, authz.Undetermined, none},
		{"something unknown beside what matches anyway", permits(oneOf(expr{Kind: mesh.EnvoyOther}, anything)), items, authz.Allow, ""},
		{"something unknown beside what fails anyway", permits(allOf(expr{Kind: mesh.EnvoyOther}, header(":method", exactly("PUT")))), items, authz.Deny, none},
		{"not something unknown is unknown", permits(not(expr{Kind: mesh.EnvoyOther})), items, authz.Undetermined, none},
		{"a kind of a later release is unknown", permits(expr{Kind: "moon"}), items, authz.Undetermined, none},

		// Identities.
		{"an identity, exactly", admits(peer(exactly("spiffe://" + web))), items, authz.Allow, ""},
		{"an identity without its scheme is another", admits(peer(exactly(web))), items, authz.Deny, none},
		{"an identity's start", admits(peer(text{Kind: mesh.EnvoyPrefix, Text: "spiffe://cluster.local/ns/shop/"})), items, authz.Allow, ""},
		{"a namespace as istiod writes it", admits(peer(regex(".*/ns/shop/.*"))), items, authz.Allow, ""},
		{"another namespace", admits(peer(regex(".*/ns/sho/.*"))), items, authz.Deny, none},
		{"an account as istiod writes it", admits(peer(regex("spiffe://.+/ns/shop/(.+/|)sa/web(/.+)?"))), items, authz.Allow, ""},
		{"an account that only begins alike", admits(peer(regex("spiffe://.+/ns/shop/(.+/|)sa/we(/.+)?"))), items, authz.Deny, none},
		{"a regex must match the whole identity", admits(peer(regex("ns/shop"))), items, authz.Deny, none},
		{"a regex with alternatives must match the whole identity", admits(peer(regex("a|spiffe"))), items, authz.Deny, none},
		{"any identity", admits(peer(regex(".+"))), items, authz.Allow, ""},
		{"no identity is not any", admits(peer(regex(".*"))), call(plaintext, orderRequest()), authz.Deny, mesh.CodeNoIdentity},
		{"not an identity holds for none", admits(not(peer(exactly("spiffe://" + web)))), call(plaintext, orderRequest()), authz.Allow, ""},
		{"an identity nobody knows leaves it open", admits(peer(regex(".+"))), call(stranger, orderRequest()), authz.Undetermined, none},
		{"a regex Go does not know leaves it open", admits(peer(regex("(?=a)"))), items, authz.Undetermined, none},

		// Addresses and ports.
		{"the peer's address", admits(block(mesh.EnvoySource, "10.1.0.0/16")), items, authz.Allow, ""},
		{"an address that is not known", admits(block(mesh.EnvoySource, "10.1.0.0/16")), call(unknownSource, orderRequest()), authz.Undetermined, none},
		{"the first client is not known where nobody says", admits(block(mesh.EnvoyRemote, "10.1.0.0/16")), items, authz.Undetermined, none},
		{"the first client is who X-Forwarded-For names", admits(block(mesh.EnvoyRemote, "10.1.0.0/16")), call(orderRequest(withHeader("x-forwarded-for", "192.0.2.1"))), authz.Deny, none},
		{"several forwarders leave it open", admits(block(mesh.EnvoyRemote, "10.1.0.0/16")), call(orderRequest(withHeader("x-forwarded-for", "192.0.2.1, 10.1.1.1"))), authz.Undetermined, none},
		{"the service's address", permits(block(mesh.EnvoyDestination, "10.2.0.0/16")), items, authz.Allow, ""},
		{"the service's port", permits(expr{Kind: mesh.EnvoyPort, Port: 80, EndPort: 81}), call(onPort(80), orderRequest()), authz.Allow, ""},
		{"not the pod's port", permits(expr{Kind: mesh.EnvoyPort, Port: 8080, EndPort: 8081}), call(onPort(80), orderRequest()), authz.Deny, none},
		{"a range ends before its end", permits(expr{Kind: mesh.EnvoyPort, Port: 70, EndPort: 80}), call(onPort(80), orderRequest()), authz.Deny, none},
		{"a server name is not known", permits(expr{Kind: mesh.EnvoyServerName, Text: exactly("a")}), items, authz.Undetermined, none},

		// Requests.
		{"a method is compared with case", permits(header(":method", exactly("get"))), items, authz.Deny, none},
		{"a host is compared as it is sent", permits(header(":authority", exactly("orders"))), call(orderRequest(forHost("Orders"))), authz.Deny, none},
		{"a host without case", permits(header(":authority", text{Kind: mesh.EnvoyExact, Text: "Orders", IgnoreCase: true})), call(orderRequest(forHost("oRDERS"))), authz.Allow, ""},
		{"a host with a port is another", permits(header(":authority", exactly("orders"))), call(orderRequest(forHost("orders:8080"))), authz.Deny, none},
		{"a path is compared without its query", permits(path(exactly("/api/items"))), call(orderRequest(atPath("/api/items?a=b"))), authz.Allow, ""},
		{"a path is compared without dots", permits(path(text{Kind: mesh.EnvoyPrefix, Text: "/api/"})), call(orderRequest(atPath("/api/../admin"))), authz.Deny, none},
		{"a path contains", permits(path(text{Kind: mesh.EnvoyContains, Text: "/it"})), items, authz.Allow, ""},
		{"a path ends", permits(path(text{Kind: mesh.EnvoySuffix, Text: "/items"})), items, authz.Allow, ""},
		{"a template", permits(expr{Kind: mesh.EnvoyURLTemplate, Name: "/api/*"}), items, authz.Allow, ""},
		{"a path nobody said is open", permits(path(exactly("/"))), call(), authz.Undetermined, none},
		{"a header that is there", permits(header("x-team", exactly("blue"))), items, authz.Allow, ""},
		{"a header that is not there", permits(header("x-other", exactly("blue"))), items, authz.Deny, none},
		{"not a value, and the header is not there", permits(onHeader(mesh.EnvoyHeaderMatch{Name: "x-other", Text: exactly("a"), Invert: true})), items, authz.Deny, none},
		{"not a value, and what is not there is empty", permits(onHeader(mesh.EnvoyHeaderMatch{Name: "x-other", Text: exactly("a"), Invert: true, MissingIsEmpty: true})), items, authz.Allow, ""},
		{"a header that must not be there", permits(onHeader(mesh.EnvoyHeaderMatch{Name: "x-other", Text: text{Kind: mesh.EnvoyAny}, Absent: true})), items, authz.Allow, ""},
		{"a header in a range", permits(onHeader(mesh.EnvoyHeaderMatch{Name: "x-n", Range: &mesh.EnvoyRange{From: 1, To: 5}, Text: text{Kind: mesh.EnvoyAny}})), call(orderRequest(withHeader("x-n", "4"))), authz.Allow, ""},
		{"a header at the end of a range", permits(onHeader(mesh.EnvoyHeaderMatch{Name: "x-n", Range: &mesh.EnvoyRange{From: 1, To: 5}, Text: text{Kind: mesh.EnvoyAny}})), call(orderRequest(withHeader("x-n", "5"))), authz.Deny, none},
		{"a header that is no number", permits(onHeader(mesh.EnvoyHeaderMatch{Name: "x-n", Range: &mesh.EnvoyRange{To: 5}, Text: text{Kind: mesh.EnvoyAny}})), call(orderRequest(withHeader("x-n", "a"))), authz.Deny, none},
		{"a header that clients add by themselves is open", permits(header("user-agent", exactly("curl"))), items, authz.Undetermined, none},
		{"a header compared in a later way is open", permits(onHeader(mesh.EnvoyHeaderMatch{Name: "x-team", Text: text{Kind: mesh.EnvoyUnknown}})), items, authz.Undetermined, none},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := authz.FromEnvoy(nobody, test.chain).Decide(test.call)
			if got.Verdict != test.want || got.Code != test.code {
				t.Errorf("decision = %+v, want %s %s", got, test.want, test.code)
			}
			if (got.Verdict == authz.Deny) != (got.Status == 403) {
				t.Errorf("status %d for %s", got.Status, got.Verdict)
			}
		})
	}
}

// nobody is a waypoint without clusters.
var nobody = &mesh.EnvoyDump{}

func TestExternalAuthorizersThatCannotBeReached(t *testing.T) {
	custom := func(a mesh.EnvoyAuthorizer) *mesh.EnvoyChain {
		c := chainOf(filterOf("CUSTOM", provided(held(anything, anything), "opa")))
		c.Authorizers = []mesh.EnvoyAuthorizer{a}
		return c
	}
	full := &mesh.EnvoyDump{
		Clusters:  []mesh.EnvoyCluster{{Name: "opa", Type: "EDS", State: mesh.EnvoyActive}, {Name: "dns", Type: "STRICT_DNS", State: mesh.EnvoyActive}, {Name: "empty", Type: "EDS", State: mesh.EnvoyActive}},
		Endpoints: []mesh.EnvoyEndpoint{{Cluster: "opa", Address: "10.0.0.1:9000", Health: "HEALTHY"}},
	}
	for _, test := range []struct {
		name   string
		a      mesh.EnvoyAuthorizer
		want   authz.Verdict
		status int
	}{
		{"one that is there may say yes or no", mesh.EnvoyAuthorizer{Provider: "opa", Cluster: "opa", ErrorStatus: 403}, authz.Undetermined, 0},
		{"one whose addresses come from DNS as well", mesh.EnvoyAuthorizer{Provider: "opa", Cluster: "dns", ErrorStatus: 403}, authz.Undetermined, 0},
		{"one without endpoints refuses", mesh.EnvoyAuthorizer{Provider: "opa", Cluster: "empty", ErrorStatus: 403}, authz.Deny, 403},
		{"one without a cluster refuses", mesh.EnvoyAuthorizer{Provider: "opa", Cluster: "gone", ErrorStatus: 503}, authz.Deny, 503},
		{"one of a release that knew a single provider", mesh.EnvoyAuthorizer{Cluster: "gone", ErrorStatus: 403}, authz.Deny, 403},
		{"one that fails open admits", mesh.EnvoyAuthorizer{Provider: "opa", Cluster: "gone", FailOpen: true, ErrorStatus: 403}, authz.Allow, 0},
		{"another one that is gone does not matter", mesh.EnvoyAuthorizer{Provider: "oauth", Cluster: "gone", ErrorStatus: 403}, authz.Undetermined, 0},
		{"an answer nobody knows leaves it open", mesh.EnvoyAuthorizer{Provider: "opa", Cluster: "gone"}, authz.Undetermined, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := authz.FromEnvoy(full, custom(test.a)).Decide(call(orderRequest())); got.Verdict != test.want || got.Status != test.status {
				t.Errorf("decision = %+v, want %s %d", got, test.want, test.status)
			}
		})
	}
}

func provided(r mesh.EnvoyPolicyRule, provider string) mesh.EnvoyPolicyRule {
	r.Provider, r.Name = provider, "istio-ext-authz-"+provider+"-"+r.Name
	return r
}

func broken(r mesh.EnvoyPolicyRule, provider string) mesh.EnvoyPolicyRule {
	r = provided(r, provider)
	r.Name += "-deny-due-to-bad-CUSTOM-action"
	return r
}

func conditional(r mesh.EnvoyPolicyRule) mesh.EnvoyPolicyRule {
	r.Conditional = true
	return r
}

func withHeader(name, value string) func(*authz.Request) {
	return func(r *authz.Request) {
		headers := map[string]string{name: value}
		maps.Copy(headers, r.Headers)
		r.Headers = headers
	}
}

func TestLoadedTokens(t *testing.T) {
	claim := func(name string, m text) expr { return expr{Kind: mesh.EnvoyClaim, Name: name, Text: m} }
	anna := authz.Token{State: authz.TokenValid, Issuer: "i", Subject: "anna", Claims: map[string][]string{"aud": {"https://orders/"}, "groups": {"a", "b"}}}
	invalid := authz.Token{State: authz.TokenInvalid}
	noToken := authz.Token{State: authz.TokenNone}
	issuer := func(change ...func(*mesh.EnvoyJWTProvider)) mesh.EnvoyJWTProvider {
		p := mesh.EnvoyJWTProvider{Name: "origins-0", Issuer: "i", Optional: true}
		for _, f := range change {
			f(&p)
		}
		return p
	}
	forOrders := func(p *mesh.EnvoyJWTProvider) { p.Audiences = []string{"orders"} }
	forOthers := func(p *mesh.EnvoyJWTProvider) { p.Audiences = []string{"others"} }
	needed := admits(allOf(claim("iss", regex(".+")), claim("sub", regex(".+"))))
	for _, test := range []struct {
		name   string
		chain  *mesh.EnvoyChain
		jwt    []mesh.EnvoyJWTProvider
		token  authz.Token
		want   authz.Verdict
		code   string
		status int
	}{
		{"a valid token passes", needed, []mesh.EnvoyJWTProvider{issuer()}, anna, authz.Allow, "", 0},
		{"no token where one is needed", needed, []mesh.EnvoyJWTProvider{issuer()}, noToken, authz.Deny, mesh.CodeJWTMissing, 403},
		{"no token where none is needed", chainOf(), []mesh.EnvoyJWTProvider{issuer()}, noToken, authz.Allow, "", 0},
		{"an invalid token", chainOf(), []mesh.EnvoyJWTProvider{issuer()}, invalid, authz.Deny, mesh.CodeJWTInvalid, 401},
		{"an invalid token that nobody reads", chainOf(), nil, invalid, authz.Allow, "", 0},
		{"a valid token that nobody reads has no claims", needed, nil, anna, authz.Deny, mesh.CodeNoneAllowed, 403},
		{"a token of another issuer", chainOf(), []mesh.EnvoyJWTProvider{issuer(func(p *mesh.EnvoyJWTProvider) { p.Issuer = "j" })}, anna, authz.Deny, mesh.CodeJWTInvalid, 401},
		{"a token of the second issuer", chainOf(), []mesh.EnvoyJWTProvider{issuer(func(p *mesh.EnvoyJWTProvider) { p.Issuer = "j" }), issuer()}, anna, authz.Allow, "", 0},
		{"a token for this audience", chainOf(), []mesh.EnvoyJWTProvider{issuer(forOrders)}, anna, authz.Allow, "", 0},
		{"a token for another audience", chainOf(), []mesh.EnvoyJWTProvider{issuer(forOthers)}, anna, authz.Deny, mesh.CodeJWTInvalid, 403},
		{"a token that nobody said anything about", needed, []mesh.EnvoyJWTProvider{issuer()}, authz.Token{}, authz.Undetermined, mesh.CodeNoneAllowed, 0},
		{"a filter that asks for a token", chainOf(), []mesh.EnvoyJWTProvider{issuer(func(p *mesh.EnvoyJWTProvider) { p.Optional = false })}, noToken, authz.Deny, mesh.CodeJWTMissing, 401},
		{"a filter that lets invalid ones pass", chainOf(), []mesh.EnvoyJWTProvider{issuer(func(p *mesh.EnvoyJWTProvider) { p.Lenient = true })}, invalid, authz.Allow, "", 0},
		{"an invalid token that passes has no claims", needed, []mesh.EnvoyJWTProvider{issuer(func(p *mesh.EnvoyJWTProvider) { p.Lenient = true })}, invalid, authz.Deny, mesh.CodeJWTMissing, 403},
		{"one value of a claim", admits(claim("groups", exactly("b"))), []mesh.EnvoyJWTProvider{issuer()}, anna, authz.Allow, "", 0},
		{"no value of a claim", admits(claim("groups", exactly("c"))), []mesh.EnvoyJWTProvider{issuer()}, anna, authz.Deny, mesh.CodeNoneAllowed, 403},
		{"a claim that is not there", admits(claim("team", text{Kind: mesh.EnvoyAny})), []mesh.EnvoyJWTProvider{issuer()}, anna, authz.Deny, mesh.CodeNoneAllowed, 403},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.chain.JWT = test.jwt
			got := authz.FromEnvoy(nobody, test.chain).Decide(call(orderRequest(with(test.token))))
			if got.Verdict != test.want || got.Code != test.code || got.Status != test.status {
				t.Errorf("decision = %+v, want %s %s %d", got, test.want, test.code, test.status)
			}
			test.chain.JWT = nil
		})
	}
}

func TestLoadedRulesNameTheirPolicyAndNumber(t *testing.T) {
	second := held(anything, anything)
	second.Rule, second.Name = 4, "ns[shop]-policy[p]-rule[4]"
	h := authz.FromEnvoy(nobody, chainOf(filterOf("DENY", held(header(":method", exactly("PUT")), anything), second)))
	if got := h.Decide(call(orderRequest())); got.Rule != 5 || got.Reason != "rule 5 of AuthorizationPolicy shop/p denies it" {
		t.Errorf("decision = %+v", got)
	}
	if len(h.Attached) != 1 {
		t.Errorf("%d policies; both rules are of one", len(h.Attached))
	}
	if got, want := h.Effect(h.Attached[0]), "denies what rule 1 and rule 5 say"; got != want {
		t.Errorf("effect = %q, want %q", got, want)
	}
	foreign := mesh.EnvoyPolicyRule{Name: "mine", Permissions: []expr{anything}, Principals: []expr{anything}}
	if got := authz.FromEnvoy(nobody, chainOf(filterOf("DENY", foreign))).Decide(call()); got.Rule != 0 || !got.Policy.IsZero() || got.Reason != `the rule "mine" of the waypoint denies it` {
		t.Errorf("decision = %+v", got)
	}
	h = authz.FromEnvoy(nobody, chainOf(filterOf("DENY", broken(held(anything, anything), "opa"))))
	if got, want := h.Decide(call()).Reason, `AuthorizationPolicy shop/p asks the external authorizer "opa", which istiod could not set up, and so refuses it`; got != want {
		t.Errorf("reason = %q", got)
	}
}

func TestATCPChainCutsConnections(t *testing.T) {
	chain := chainOf(filterOf("DENY", held(anything, anything)))
	chain.HTTP = false
	if got := authz.FromEnvoy(nobody, chain).Decide(call()); got.Verdict != authz.Deny || got.Status != 0 {
		t.Errorf("decision = %+v, want deny without a status", got)
	}
}

func TestPathsAreTidiedAsEnvoyDoes(t *testing.T) {
	both := authz.PathRules{Normalize: true, MergeSlashes: true}
	for _, test := range []struct {
		rules      authz.PathRules
		path, want string
	}{
		{authz.DefaultPathRules, "/a/b", "/a/b"},
		{authz.DefaultPathRules, "/a/./b", "/a/b"},
		{authz.DefaultPathRules, "/a/../b", "/b"},
		{authz.DefaultPathRules, "/../../b", "/b"},
		{authz.DefaultPathRules, "/a/b/..", "/a/"},
		{authz.DefaultPathRules, "/a/.", "/a/"},
		{authz.DefaultPathRules, "/a/%2E%2e/b", "/b"},
		{authz.DefaultPathRules, `/a\b`, "/a/b"},
		{authz.DefaultPathRules, "/a//b", "/a//b"},
		{authz.DefaultPathRules, "/a/..b/.c", "/a/..b/.c"},
		{authz.DefaultPathRules, "/a/../b?c=../d", "/b?c=../d"},
		{authz.DefaultPathRules, "*", "*"},
		{both, "/a///b//", "/a/b/"},
		{authz.PathRules{}, "/a/../b", "/a/../b"},
	} {
		if got := test.rules.Tidy(test.path); got != test.want {
			t.Errorf("%+v: %q becomes %q, want %q", test.rules, test.path, got, test.want)
		}
	}
}
