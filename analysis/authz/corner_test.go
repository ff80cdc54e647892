package authz_test

import (
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// Envoy's URI templates as istiod writes policies in them: a slash is never
// optional, and what may stand in a segment is limited.
func TestPathTemplates(t *testing.T) {
	for _, test := range []struct {
		name, template, path string
		want                 authz.Verdict
	}{
		{"{*} is a segment", "/api/{*}", "/api/a", authz.Allow},
		{"{*} is not none", "/api/{*}", "/api/", authz.Deny},
		{"{*} is not two", "/api/{*}", "/api/a/b", authz.Deny},
		{"{*} leaves no slash over at the end", "/api/{*}", "/api/a/", authz.Deny},
		{"{*} with a slash asks for it", "/api/{*}/", "/api/a/", authz.Allow},
		{"{*} with a slash is not without", "/api/{*}/", "/api/a", authz.Deny},
		{"{*} at the start", "/{*}/items", "/v1/items", authz.Allow},
		{"{*} twice", "/{*}/{*}", "/a/b", authz.Allow},
		{"{*} twice is not once", "/{*}/{*}", "/a", authz.Deny},
		{"{*} holds encoded characters", "/api/{*}", "/api/a%20b", authz.Allow},
		{"{*} holds no equals sign", "/api/{*}", "/api/a=b", authz.Deny},
		{"{*} holds no asterisk", "/api/{*}", "/api/*", authz.Deny},
		{"{*} ends before the query", "/api/{*}", "/api/a?b=/c", authz.Allow},
		{"{**} is many segments", "/api/{**}", "/api/a/b/c", authz.Allow},
		{"{**} is one", "/api/{**}", "/api/a", authz.Allow},
		{"{**} is none behind its slash", "/api/{**}", "/api/", authz.Allow},
		{"{**} does not do without its slash", "/api/{**}", "/api", authz.Deny},
		{"{**} alone is every path", "/{**}", "/", authz.Allow},
		{"{**} before a segment", "/{**}/price", "/a/b/price", authz.Allow},
		{"{**} before a segment keeps both slashes", "/{**}/price", "/price", authz.Deny},
		{"{**} before a slash", "/api/{**}/", "/api/a/", authz.Allow},
		{"{**} before a slash can be empty", "/api/{**}/", "/api//", authz.Allow},
		{"{*} and then {**}", "/{*}/items/{**}", "/v1/items/a/b", authz.Allow},
		{"what is literal is compared with case", "/Api/{*}", "/api/a", authz.Deny},
		{"what is literal is no expression", "/a.i/{*}", "/api/a", authz.Deny},
		{"a dot segment is resolved first", "/api/{*}", "/x/../api/a", authz.Allow},
		{"a template of a form Envoy refuses is open", "/a{*}b{*}/x", "/a", authz.Undetermined},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := waypoint(allowOp(to{Paths: list(test.template)})).Decide(call(orderRequest(atPath(test.path)))); got.Verdict != test.want {
				t.Errorf("%s and %s: %+v, want %s", test.template, test.path, got, test.want)
			}
		})
	}
}

// A value that Envoy cannot compare drops the rule of an ALLOW and widens a DENY
// (istio.md C.4).
func TestWaypointAndValuesItCannotCompare(t *testing.T) {
	denyRule := func(r rule) *mesh.AuthorizationPolicy { return onOrdersPolicy("DENY", r) }
	allowRule := func(r rule) *mesh.AuthorizationPolicy { return onOrdersPolicy("ALLOW", r) }
	for _, test := range []struct {
		name string
		p    *mesh.AuthorizationPolicy
		want authz.Verdict
	}{
		{"ALLOW with a port that is no number", allowRule(rule{To: []to{{Ports: list("http")}}}), authz.Deny},
		{"ALLOW with one port of two that is no number", allowRule(rule{To: []to{{Ports: list("80", "http")}}}), authz.Deny},
		{"ALLOW with a port beyond all ports", allowRule(rule{To: []to{{Ports: list("70000")}}}), authz.Deny},
		{"ALLOW with a notPort that is no number", allowRule(rule{To: []to{{NotPorts: list("http")}}}), authz.Deny},
		{"ALLOW with an address that is none", allowRule(rule{From: []from{{IPBlocks: list("here")}}}), authz.Deny},
		{"ALLOW with a remote address that is none", allowRule(rule{From: []from{{RemoteIPBlocks: list("here")}}}), authz.Deny},
		{"ALLOW with a header without brackets", allowRule(rule{When: []when{{Key: "request.headers", Values: list("a")}}}), authz.Deny},
		{"ALLOW with a claim without brackets", allowRule(rule{When: []when{{Key: "request.auth.claims", Values: list("a")}}}), authz.Deny},
		{"ALLOW with a broken rule beside a good one", onOrdersPolicy("ALLOW", rule{To: []to{{Ports: list("http")}}}, rule{To: []to{{Ports: list("80")}}}), authz.Allow},
		{"DENY with a port that is no number denies on all", denyRule(rule{To: []to{{Ports: list("http")}}}), authz.Deny},
		{"DENY with one port of two that is no number denies on the other", denyRule(rule{To: []to{{Ports: list("81", "http")}}}), authz.Allow},
		{"DENY with an address that is none denies from all", denyRule(rule{From: []from{{IPBlocks: list("here")}}}), authz.Deny},
		{"DENY with a header without brackets denies what is left", denyRule(rule{When: []when{{Key: "request.headers", Values: list("a")}}}), authz.Deny},
		{"DENY with a key nobody knows loses the rule", denyRule(rule{When: []when{{Key: "request.colour", Values: list("red")}}}), authz.Allow},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := waypoint(test.p).Decide(call(onPort(80), orderRequest())); got.Verdict != test.want {
				t.Errorf("decision = %+v, want %s", got, test.want)
			}
		})
	}
}

func TestWaypointSourcesAndTheirOpposites(t *testing.T) {
	for _, test := range []struct {
		name string
		s    from
		call authz.Call
		want authz.Verdict
	}{
		{"notPrincipals leaves others in", from{NotPrincipals: list(orders)}, call(), authz.Allow},
		{"notPrincipals keeps the named out", from{NotPrincipals: list(web)}, call(), authz.Deny},
		{"notPrincipals holds for a caller without identity", from{NotPrincipals: list("*")}, call(plaintext), authz.Allow},
		{"principals * is any identity", from{Principals: list("*")}, call(as(foreign)), authz.Allow},
		{"principals * is not a caller without identity", from{Principals: list("*")}, call(plaintext), authz.Deny},
		{"a principal's start", from{Principals: list("cluster.local/ns/shop/*")}, call(), authz.Allow},
		{"a principal's end", from{Principals: list("*/sa/web")}, call(as(foreign)), authz.Allow},
		{"a principal in the middle of text is literal", from{Principals: list("cluster.local/*/sa/web")}, call(), authz.Deny},
		{"notNamespaces keeps the namespace out", from{NotNamespaces: list("shop")}, call(), authz.Deny},
		{"notNamespaces holds for a caller without identity", from{NotNamespaces: list("shop")}, call(plaintext), authz.Allow},
		{"a namespace's start", from{Namespaces: list("sh*")}, call(), authz.Allow},
		{"a namespace's end", from{Namespaces: list("*op")}, call(), authz.Allow},
		{"a namespace * is any", from{Namespaces: list("*")}, call(as(ledger)), authz.Allow},
		{"a namespace * is not a caller without identity", from{Namespaces: list("*")}, call(plaintext), authz.Deny},
		{"a namespace wildcard reaches over the slash, as the regex of istiod does", from{Namespaces: list("*sa")}, call(), authz.Allow},
		{"an account without a namespace is the policy's", from{ServiceAccounts: list("web")}, call(), authz.Allow},
		{"an account of another namespace is another", from{ServiceAccounts: list("web")}, call(as("cluster.local/ns/payments/sa/web")), authz.Deny},
		{"an account in any trust domain", from{ServiceAccounts: list("shop/web")}, call(as(foreign)), authz.Allow},
		{"an account that begins alike is another", from{ServiceAccounts: list("shop/we")}, call(), authz.Deny},
		{"notServiceAccounts keeps the account out", from{NotServiceAccounts: list("web")}, call(), authz.Deny},
		{"a trust domain's start", from{TrustDomains: list("cluster.*")}, call(), authz.Allow},
		{"a trust domain's end", from{TrustDomains: list("*.local")}, call(), authz.Allow},
		{"a trust domain's middle", from{TrustDomains: list("clu*local")}, call(), authz.Allow},
		{"a trust domain * is any", from{TrustDomains: list("*")}, call(as(foreign)), authz.Allow},
		{"a trust domain * is not a caller without identity", from{TrustDomains: list("*")}, call(plaintext), authz.Deny},
		{"notTrustDomains keeps the domain out", from{NotTrustDomains: list("cluster.local")}, call(), authz.Deny},
		{"notTrustDomains leaves others in", from{NotTrustDomains: list("cluster.local")}, call(as(foreign)), authz.Allow},
		{"notIpBlocks keeps the block out", from{NotIPBlocks: list("10.1.0.0/16")}, call(), authz.Deny},
		{"notIpBlocks leaves others in", from{NotIPBlocks: list("10.1.0.0/16")}, call(source("10.9.9.9")), authz.Allow},
		{"a single address", from{IPBlocks: list("10.1.1.1")}, call(), authz.Allow},
		{"an address of IPv6", from{IPBlocks: list("fd00::/8")}, call(source("fd00::7")), authz.Allow},
		{"remoteIpBlocks: the client that is forwarded", from{RemoteIPBlocks: list("192.0.2.0/24")}, call(orderRequest(withHeader("x-forwarded-for", "192.0.2.7"))), authz.Allow},
		{"notRemoteIpBlocks: the client that is forwarded", from{NotRemoteIPBlocks: list("192.0.2.0/24")}, call(orderRequest(withHeader("x-forwarded-for", "192.0.2.7"))), authz.Deny},
		{"fields of a source must all hold", from{Principals: list(web), Namespaces: list("payments")}, call(), authz.Deny},
		{"an unknown identity is open", from{ServiceAccounts: list("web")}, call(stranger), authz.Undetermined},
		{"an unknown trust domain is open", from{TrustDomains: list("a")}, call(stranger), authz.Undetermined},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := waypoint(allowFrom(test.s)).Decide(test.call); got.Verdict != test.want {
				t.Errorf("decision = %+v, want %s", got, test.want)
			}
		})
	}
}

func TestWaypointRequestsAndTheirOpposites(t *testing.T) {
	for _, test := range []struct {
		name string
		op   to
		with func(*authz.Request)
		want authz.Verdict
	}{
		{"notMethods keeps a method out", to{NotMethods: list("GET")}, byMethod("GET"), authz.Deny},
		{"notMethods leaves others in", to{NotMethods: list("GET")}, byMethod("PUT"), authz.Allow},
		{"a method's end", to{Methods: list("*ET")}, byMethod("GET"), authz.Allow},
		{"methods * is any", to{Methods: list("*")}, byMethod("PURGE"), authz.Allow},
		{"a host's start", to{Hosts: list("orders.*")}, forHost("orders.shop"), authz.Allow},
		{"a host's start without case", to{Hosts: list("Orders.*")}, forHost("oRDERS.shop"), authz.Allow},
		{"a host with the port it is called by", to{Hosts: list("orders:8080")}, forHost("orders:8080"), authz.Allow},
		{"a host with any port", to{Hosts: list("orders:*")}, forHost("orders:8080"), authz.Allow},
		{"a host without its port is another", to{Hosts: list("orders:8080")}, forHost("orders"), authz.Deny},
		{"hosts * is any", to{Hosts: list("*")}, forHost("a"), authz.Allow},
		{"notHosts keeps a host out without case", to{NotHosts: list("ORDERS")}, forHost("orders"), authz.Deny},
		{"notHosts does not keep the same host with a port out", to{NotHosts: list("orders")}, forHost("orders:80"), authz.Allow},
		{"a path's case counts", to{Paths: list("/API/*")}, atPath("/api/items"), authz.Deny},
		{"a path with a slash more", to{Paths: list("/api/items")}, atPath("/api/items/"), authz.Deny},
		{"a path in the middle is literal", to{Paths: list("/a*/items")}, atPath("/api/items"), authz.Deny},
		{"a path with dots is resolved", to{NotPaths: list("/admin")}, atPath("/api/../admin"), authz.Deny},
		{"a path with encoded dots is resolved", to{NotPaths: list("/admin")}, atPath("/api/%2e%2e/admin"), authz.Deny},
		{"two slashes are kept", to{NotPaths: list("/admin")}, atPath("//admin"), authz.Allow},
		{"notPaths with a template", to{NotPaths: list("/api/{*}")}, atPath("/api/items"), authz.Deny},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := waypoint(allowOp(test.op)).Decide(call(orderRequest(test.with))); got.Verdict != test.want {
				t.Errorf("decision = %+v, want %s", got, test.want)
			}
		})
	}
}

func TestWaypointConditionsOfWhen(t *testing.T) {
	for _, test := range []struct {
		name string
		w    when
		call authz.Call
		want authz.Verdict
	}{
		{"source.ip", when{Key: "source.ip", Values: list("10.1.0.0/16")}, call(), authz.Allow},
		{"source.ip excluded", when{Key: "source.ip", NotValues: list("10.1.0.0/16")}, call(), authz.Deny},
		{"remote.ip that is forwarded", when{Key: "remote.ip", Values: list("192.0.2.7")}, call(orderRequest(withHeader("x-forwarded-for", "192.0.2.7"))), authz.Allow},
		{"remote.ip that nobody said", when{Key: "remote.ip", Values: list("192.0.2.7")}, call(orderRequest()), authz.Undetermined},
		{"source.namespace", when{Key: "source.namespace", Values: list("shop")}, call(), authz.Allow},
		{"source.namespace excluded", when{Key: "source.namespace", NotValues: list("sh*")}, call(), authz.Deny},
		{"source.principal", when{Key: "source.principal", Values: list(web)}, call(), authz.Allow},
		{"source.serviceAccount of the policy's namespace", when{Key: "source.serviceAccount", Values: list("web")}, call(), authz.Allow},
		{"source.serviceAccount excluded", when{Key: "source.serviceAccount", NotValues: list("shop/web")}, call(), authz.Deny},
		{"source.trustDomain excluded", when{Key: "source.trustDomain", NotValues: list("cluster.local")}, call(), authz.Deny},
		{"destination.ip is the service's address", when{Key: "destination.ip", Values: list("10.2.0.0/16")}, call(), authz.Allow},
		{"destination.ip nobody said", when{Key: "destination.ip", Values: list("10.2.0.0/16")}, authz.Call{From: authz.Known(web)}, authz.Undetermined},
		{"destination.port excluded", when{Key: "destination.port", NotValues: list("80")}, call(onPort(80)), authz.Deny},
		{"a header with values and notValues", when{Key: "request.headers[x-team]", Values: list("b*"), NotValues: list("black")}, call(orderRequest()), authz.Allow},
		{"a header's end", when{Key: "request.headers[x-team]", Values: list("*ue")}, call(orderRequest()), authz.Allow},
		{"a header that is there and empty is there", when{Key: "request.headers[x-e]", Values: list("*")}, call(orderRequest(withHeader("x-e", ""))), authz.Allow},
		{"a header excluded that is not there", when{Key: "request.headers[x-other]", NotValues: list("a")}, call(orderRequest()), authz.Allow},
		{"a header's value counts with case", when{Key: "request.headers[x-team]", Values: list("Blue")}, call(orderRequest()), authz.Deny},
		{"a header that clients add by themselves", when{Key: "request.headers[User-Agent]", Values: list("curl/*")}, call(orderRequest()), authz.Undetermined},
		{"a header that clients add and somebody says", when{Key: "request.headers[User-Agent]", Values: list("curl/*")}, call(orderRequest(withHeader("user-agent", "curl/8"))), authz.Allow},
		{"the host as a header", when{Key: "request.headers[:authority]", Values: list("orders")}, call(orderRequest()), authz.Allow},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := waypoint(allowWhen(test.w)).Decide(test.call); got.Verdict != test.want {
				t.Errorf("decision = %+v, want %s", got, test.want)
			}
		})
	}
}

// Two conditions, or a condition and a source, are ANDed; their values ORed.
func TestWaypointCombinesConditions(t *testing.T) {
	blue := when{Key: "request.headers[x-team]", Values: list("blue")}
	red := when{Key: "request.headers[x-team]", Values: list("red")}
	for _, test := range []struct {
		name string
		r    rule
		want authz.Verdict
	}{
		{"two that hold", rule{When: []when{blue, {Key: "source.namespace", Values: list("shop")}}}, authz.Allow},
		{"two of which one holds", rule{When: []when{blue, red}}, authz.Deny},
		{"a source and a condition", rule{From: []from{{Principals: list(web)}}, When: []when{blue}}, authz.Allow},
		{"a source that holds and a condition that does not", rule{From: []from{{Principals: list(web)}}, When: []when{red}}, authz.Deny},
		{"one of two sources and the condition", rule{From: []from{{Principals: list(orders)}, {Principals: list(web)}}, When: []when{blue}}, authz.Allow},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := waypoint(onOrdersPolicy("ALLOW", test.r)).Decide(call(orderRequest())); got.Verdict != test.want {
				t.Errorf("decision = %+v, want %s", got, test.want)
			}
		})
	}
}

func TestIssuersAndAudiencesThatAreDeclared(t *testing.T) {
	two := func() *mesh.RequestAuthentication {
		r := requestAuth()
		r.Rules = append(r.Rules, mesh.JWTRule{Issuer: "https://other.example", Audiences: list("https://orders/")})
		return r
	}
	none := requestAuth()
	none.Rules = nil
	token := func(issuer string, audiences ...string) authz.Token {
		return authz.Token{State: authz.TokenValid, Issuer: issuer, Subject: "anna", Claims: map[string][]string{"aud": audiences}}
	}
	for _, test := range []struct {
		name   string
		r      *mesh.RequestAuthentication
		token  authz.Token
		want   authz.Verdict
		status int
	}{
		{"a token of the issuer", two(), token("https://issuer.example"), authz.Allow, 0},
		{"a token of an issuer nobody names", two(), token("https://third.example"), authz.Deny, 401},
		{"a token for the audience", two(), token("https://other.example", "web", "orders"), authz.Allow, 0},
		{"a token for another audience", two(), token("https://other.example", "web"), authz.Deny, 403},
		{"a token for no audience", two(), token("https://other.example"), authz.Deny, 403},
		{"a token whose claims nobody said", two(), authz.Token{State: authz.TokenValid, Issuer: "https://other.example"}, authz.Allow, 0},
		{"a token whose issuer nobody said", two(), authz.Token{State: authz.TokenValid}, authz.Allow, 0},
		{"a token that names no issuer", two(), token(""), authz.Deny, 401},
		{"an invalid token", two(), authz.Token{State: authz.TokenInvalid}, authz.Deny, 401},
		{"an invalid token and no issuer that reads it", none, authz.Token{State: authz.TokenInvalid}, authz.Allow, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := waypoint(test.r).Decide(call(orderRequest(with(test.token))))
			if got.Verdict != test.want || got.Status != test.status {
				t.Errorf("decision = %+v, want %s %d", got, test.want, test.status)
			}
		})
	}
}

func TestSeveralExternalAuthorizers(t *testing.T) {
	config := &mesh.MeshConfig{RootNamespace: "istio-system", TrustDomain: "cluster.local", ExtensionProviders: list("opa", "oauth")}
	config.Kind, config.Namespace, config.Name = "ConfigMap", "istio-system", "istio"
	custom := func(provider string) *mesh.AuthorizationPolicy {
		p := onOrdersPolicy("CUSTOM", rule{})
		p.Name, p.Provider = provider, provider
		return p
	}
	got := waypoint(config, custom("opa"), custom("oauth")).Decide(call())
	want := `AuthorizationPolicy shop/oauth asks the external authorizer "oauth" and others name another one: unless istiod is told to allow several (PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS), the waypoint refuses`
	if got.Verdict != authz.Undetermined || got.Reason != want {
		t.Errorf("decision = %+v", got)
	}
}

// What a waypoint refuses has a status of HTTP; what ztunnel refuses is cut.
func TestStatusesOfRefusals(t *testing.T) {
	if got := ztunnel(authPolicy("p", "DENY", rule{})).Decide(call()); got.Status != 0 {
		t.Errorf("ztunnel: %+v", got)
	}
	if got := waypoint(onOrdersPolicy("DENY", rule{})).Decide(call()); got.Status != 403 {
		t.Errorf("waypoint: %+v", got)
	}
	if got := waypointAt("tcp", onOrdersPolicy("DENY", rule{})).Decide(call()); got.Status != 0 {
		t.Errorf("waypoint on a TCP port: %+v", got)
	}
	if got := waypoint().Decide(call()); got.Status != 0 {
		t.Errorf("admitted: %+v", got)
	}
}
