package authz_test

import (
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// orderRequest is GET /api/items to orders without a token.
func orderRequest(change ...func(*authz.Request)) func(*authz.Call) {
	r := authz.Request{Host: "orders", Method: "GET", Path: "/api/items", Headers: map[string]string{"x-team": "blue"}, Token: authz.Token{State: authz.TokenNone}}
	for _, f := range change {
		f(&r)
	}
	return request(r)
}

func atPath(p string) func(*authz.Request)    { return func(r *authz.Request) { r.Path = p } }
func byMethod(m string) func(*authz.Request)  { return func(r *authz.Request) { r.Method = m } }
func forHost(h string) func(*authz.Request)   { return func(r *authz.Request) { r.Host = h } }
func with(t authz.Token) func(*authz.Request) { return func(r *authz.Request) { r.Token = t } }

// onOrdersPolicy is a policy of shop for the Service orders.
func onOrdersPolicy(action string, rules ...rule) *mesh.AuthorizationPolicy {
	return targeting(authPolicy("p", action, rules...), onOrders)
}

func allowOp(op to) *mesh.AuthorizationPolicy { return onOrdersPolicy("ALLOW", rule{To: []to{op}}) }

func allowFrom(s from) *mesh.AuthorizationPolicy {
	return onOrdersPolicy("ALLOW", rule{From: []from{s}})
}

func allowWhen(w when) *mesh.AuthorizationPolicy {
	return onOrdersPolicy("ALLOW", rule{When: []when{w}})
}

func TestWaypointMatchesRequests(t *testing.T) {
	for _, test := range []struct {
		name string
		p    *mesh.AuthorizationPolicy
		call authz.Call
		want authz.Verdict
	}{
		{"a method matches", allowOp(to{Methods: list("GET")}), call(orderRequest()), authz.Allow},
		{"another method does not", allowOp(to{Methods: list("GET")}), call(orderRequest(byMethod("DELETE"))), authz.Deny},
		{"a method is case-sensitive", allowOp(to{Methods: list("get")}), call(orderRequest()), authz.Deny},
		{"a method prefix matches", allowOp(to{Methods: list("P*")}), call(orderRequest(byMethod("POST"))), authz.Allow},
		{"an exact path matches", allowOp(to{Paths: list("/api/items")}), call(orderRequest()), authz.Allow},
		{"the query is no part of the path", allowOp(to{Paths: list("/api/items")}), call(orderRequest(atPath("/api/items?x=1"))), authz.Allow},
		{"a longer path does not match", allowOp(to{Paths: list("/api/items")}), call(orderRequest(atPath("/api/items/1"))), authz.Deny},
		{"a path prefix matches", allowOp(to{Paths: list("/api/*")}), call(orderRequest()), authz.Allow},
		{"a path prefix with a slash leaves the bare path out", allowOp(to{Paths: list("/api/*")}), call(orderRequest(atPath("/api"))), authz.Deny},
		{"a path suffix matches", allowOp(to{Paths: list("*/items")}), call(orderRequest()), authz.Allow},
		{"* is any path", allowOp(to{Paths: list("*")}), call(orderRequest()), authz.Allow},
		{"{*} is one segment", allowOp(to{Paths: list("/api/{*}")}), call(orderRequest()), authz.Allow},
		{"{*} is not two segments", allowOp(to{Paths: list("/api/{*}")}), call(orderRequest(atPath("/api/items/1"))), authz.Deny},
		{"{*} is not an empty segment", allowOp(to{Paths: list("/api/{*}")}), call(orderRequest(atPath("/api/"))), authz.Deny},
		{"{*} in the middle", allowOp(to{Paths: list("/api/{*}/price")}), call(orderRequest(atPath("/api/7/price"))), authz.Allow},
		{"{**} is any number of segments", allowOp(to{Paths: list("/api/{**}")}), call(orderRequest(atPath("/api/a/b/c"))), authz.Allow},
		{"{**} before a literal end", allowOp(to{Paths: list("/{**}/price")}), call(orderRequest(atPath("/api/7/price"))), authz.Allow},
		{"{**} before another literal end", allowOp(to{Paths: list("/{**}/price")}), call(orderRequest(atPath("/api/7/cost"))), authz.Deny},
		{"notPaths excludes", allowOp(to{NotPaths: list("/admin", "/api/*")}), call(orderRequest()), authz.Deny},
		{"notPaths leaves the rest", allowOp(to{NotPaths: list("/admin")}), call(orderRequest()), authz.Allow},
		{"a host is compared without regard to case", allowOp(to{Hosts: list("Orders")}), call(orderRequest(forHost("ORDERS"))), authz.Allow},
		{"a host suffix matches", allowOp(to{Hosts: list("*.example.com")}), call(orderRequest(forHost("a.example.com"))), authz.Allow},
		{"a host with its port is another host", allowOp(to{Hosts: list("orders")}), call(orderRequest(forHost("orders:80"))), authz.Deny},
		{"the service port matches", allowOp(to{Ports: list("80")}), call(onPort(80), orderRequest()), authz.Allow},
		{"the target port does not", allowOp(to{Ports: list("8080")}), call(onPort(80), orderRequest()), authz.Deny},
		{"method and path must both hold", allowOp(to{Methods: list("GET"), Paths: list("/other")}), call(orderRequest()), authz.Deny},
		{"operations are alternatives", onOrdersPolicy("ALLOW", rule{To: []to{{Paths: list("/other")}, {Methods: list("GET")}}}), call(orderRequest()), authz.Allow},

		// The client's own identity counts.
		{"a principal", allowFrom(from{Principals: list(web)}), call(orderRequest()), authz.Allow},
		{"another principal", allowFrom(from{Principals: list(orders)}), call(orderRequest()), authz.Deny},
		{"a namespace", allowFrom(from{Namespaces: list("shop")}), call(orderRequest()), authz.Allow},
		{"a namespace with a wildcard in the middle", allowFrom(from{Namespaces: list("s*p")}), call(orderRequest()), authz.Allow},
		{"a namespace wildcard that misses", allowFrom(from{Namespaces: list("s*x")}), call(orderRequest()), authz.Deny},
		{"an account", allowFrom(from{ServiceAccounts: list("shop/web")}), call(orderRequest()), authz.Allow},
		{"a trust domain", allowFrom(from{TrustDomains: list("cluster.local")}), call(orderRequest()), authz.Allow},
		{"another trust domain", allowFrom(from{TrustDomains: list("other")}), call(orderRequest()), authz.Deny},
		{"a source block is the client's", allowFrom(from{IPBlocks: list("10.1.0.0/16")}), call(orderRequest()), authz.Allow},
		{"an empty source is anybody at a waypoint", allowFrom(from{}), call(orderRequest()), authz.Allow},
		{"remoteIpBlocks cannot be told", allowFrom(from{RemoteIPBlocks: list("10.0.0.0/8")}), call(orderRequest()), authz.Undetermined},

		// when.
		{"a header", allowWhen(when{Key: "request.headers[X-Team]", Values: list("blue")}), call(orderRequest()), authz.Allow},
		{"a header prefix", allowWhen(when{Key: "request.headers[x-team]", Values: list("bl*")}), call(orderRequest()), authz.Allow},
		{"a header that is missing", allowWhen(when{Key: "request.headers[x-other]", Values: list("*")}), call(orderRequest()), authz.Deny},
		{"a header excluded", allowWhen(when{Key: "request.headers[x-team]", NotValues: list("blue")}), call(orderRequest()), authz.Deny},
		{"destination.port is the service port", allowWhen(when{Key: "destination.port", Values: list("80")}), call(onPort(80), orderRequest()), authz.Allow},
		{"source.serviceAccount", allowWhen(when{Key: "source.serviceAccount", Values: list("shop/web")}), call(orderRequest()), authz.Allow},
		{"source.trustDomain", allowWhen(when{Key: "source.trustDomain", Values: list("cluster.*")}), call(orderRequest()), authz.Allow},
		{"connection.sni cannot be told", allowWhen(when{Key: "connection.sni", Values: list("a")}), call(orderRequest()), authz.Undetermined},
		{"an Envoy filter's metadata cannot be told", allowWhen(when{Key: "experimental.envoy.filters.a[b]", Values: list("a")}), call(orderRequest()), authz.Undetermined},
		{"a key nobody knows drops the rule", allowWhen(when{Key: "request.colour", Values: list("red")}), call(orderRequest()), authz.Deny},

		// What is not known stays open.
		{"an unknown path leaves a path rule open", allowOp(to{Paths: list("/api/*")}), call(), authz.Undetermined},
		{"an unknown path does not matter to another identity", onOrdersPolicy("ALLOW", rule{From: []from{{Principals: list(orders)}}, To: []to{{Paths: list("/api/*")}}}), call(), authz.Deny},
		{"an unknown header leaves a header rule open", allowWhen(when{Key: "request.headers[x]", Values: list("1")}), call(), authz.Undetermined},
		{"a DENY on an unknown path is open", onOrdersPolicy("DENY", rule{To: []to{{Paths: list("/admin")}}}), call(), authz.Undetermined},
		{"a DENY on another path passes", onOrdersPolicy("DENY", rule{To: []to{{Paths: list("/admin")}}}), call(orderRequest()), authz.Allow},
		{"a DENY on the path refuses", onOrdersPolicy("DENY", rule{To: []to{{Paths: list("/api/*")}}}), call(orderRequest()), authz.Deny},
		{"ALLOW without rules refuses all", onOrdersPolicy("ALLOW"), call(), authz.Deny},
		{"AUDIT decides nothing", onOrdersPolicy("AUDIT", rule{}), call(), authz.Allow},
		{"a dry run decides nothing", annotated(onOrdersPolicy("DENY", rule{}), mesh.AnnotationDryRun, "true"), call(), authz.Allow},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := waypoint(test.p).Decide(test.call)
			if got.Verdict != test.want {
				t.Errorf("decision = %+v, want %s", got, test.want)
			}
			if got.Verdict == authz.Undetermined && len(got.Missing) == 0 {
				t.Error("nothing is said to be missing")
			}
		})
	}
}

func TestWaypointAttachment(t *testing.T) {
	deny := func() *mesh.AuthorizationPolicy { return authPolicy("p", "DENY", rule{}) }
	gateway := mesh.TargetRef{Group: "gateway.networking.k8s.io", Kind: "Gateway", Name: "waypoint"}
	class := mesh.TargetRef{Group: "gateway.networking.k8s.io", Kind: "GatewayClass", Name: "istio-waypoint"}
	otherClass := class
	otherClass.Name = "my-waypoint"
	fromElsewhere := onOrders
	fromElsewhere.Namespace = "shop"
	moved := func(ns string, ref mesh.TargetRef) *mesh.AuthorizationPolicy {
		p := targeting(deny(), ref)
		p.Namespace = ns
		return p
	}
	for _, test := range []struct {
		name string
		p    *mesh.AuthorizationPolicy
		want authz.Verdict
	}{
		{"the service is a target", targeting(deny(), onOrders), authz.Deny},
		{"another service is", targeting(deny(), mesh.TargetRef{Kind: "Service", Name: "web"}), authz.Allow},
		{"a ServiceEntry of the same name is not the Service", targeting(deny(), mesh.TargetRef{Kind: "ServiceEntry", Name: "orders"}), authz.Allow},
		{"the Gateway is a target", targeting(deny(), gateway), authz.Deny},
		{"one of several targets is enough", targeting(deny(), mesh.TargetRef{Kind: "Service", Name: "web"}, onOrders), authz.Deny},
		{"the class, from the root namespace", moved("istio-system", class), authz.Deny},
		{"the class, from elsewhere", moved("shop", class), authz.Allow},
		{"a class of another name", moved("istio-system", otherClass), authz.Allow},
		{"a target in another namespace", moved("payments", fromElsewhere), authz.Allow},
		{"the service's name in another namespace", moved("istio-system", onOrders), authz.Allow},
		{"a selector policy never applies at a waypoint", deny(), authz.Allow},
		{"a namespace policy never does", in("shop", deny()), authz.Allow},
		{"a root policy never does", in("istio-system", deny()), authz.Allow},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := waypoint(test.p).Decide(call()); got.Verdict != test.want {
				t.Errorf("decision = %+v, want %s", got, test.want)
			}
		})
	}
}

func TestWaypointOnATCPPort(t *testing.T) {
	for _, test := range []struct {
		name string
		p    *mesh.AuthorizationPolicy
		want authz.Verdict
	}{
		{"ALLOW with HTTP fields refuses everything", onOrdersPolicy("ALLOW", rule{From: []from{{Principals: list(web)}}, To: []to{{Methods: list("GET")}}}), authz.Deny},
		{"ALLOW without them works", allowFrom(from{Principals: list(web)}), authz.Allow},
		{"DENY loses them and refuses what its L4 part matches", onOrdersPolicy("DENY", rule{From: []from{{Principals: list(web)}}, To: []to{{Methods: list("DELETE")}}}), authz.Deny},
		{"DENY with other L4 parts passes", onOrdersPolicy("DENY", rule{From: []from{{Principals: list(orders)}}, To: []to{{Methods: list("DELETE")}}}), authz.Allow},
		{"ALLOW with a header refuses", allowWhen(when{Key: "request.headers[x]", Values: list("1")}), authz.Deny},
		{"DENY with a header loses it", onOrdersPolicy("DENY", rule{When: []when{{Key: "request.headers[x]", Values: list("1")}}}), authz.Deny},
		{"ALLOW with requestPrincipals refuses", allowFrom(from{RequestPrincipals: list("*")}), authz.Deny},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := waypointAt("tcp", test.p).Decide(call()); got.Verdict != test.want {
				t.Errorf("decision = %+v, want %s", got, test.want)
			}
		})
	}
}

func TestWaypointSpellsTrustDomainAliasesOut(t *testing.T) {
	config := &mesh.MeshConfig{RootNamespace: "istio-system", TrustDomain: "new.example", TrustDomainAliases: list("old.example")}
	config.Kind, config.Namespace, config.Name = "ConfigMap", "istio-system", "istio"
	for _, test := range []struct {
		written, caller string
		want            authz.Verdict
	}{
		{"cluster.local/ns/shop/sa/web", "new.example/ns/shop/sa/web", authz.Allow},
		{"cluster.local/ns/shop/sa/web", "old.example/ns/shop/sa/web", authz.Allow},
		{"old.example/ns/shop/sa/web", "new.example/ns/shop/sa/web", authz.Allow},
		{"*.example/ns/shop/sa/web", "old.example/ns/shop/sa/web", authz.Allow},
		{"third.example/ns/shop/sa/web", "new.example/ns/shop/sa/web", authz.Deny},
		{"third.example/ns/shop/sa/web", "third.example/ns/shop/sa/web", authz.Allow},
		{"new.example/ns/shop/sa/web", "third.example/ns/shop/sa/web", authz.Deny},
	} {
		for _, p := range []*mesh.AuthorizationPolicy{allowFrom(from{Principals: list(test.written)}), allowWhen(when{Key: "source.principal", Values: list(test.written)})} {
			if got := waypoint(p, config).Decide(call(as(test.caller))); got.Verdict != test.want {
				t.Errorf("%s written, %s calling: %+v, want %s", test.written, test.caller, got, test.want)
			}
		}
	}
}

func TestWaypointAsksTheExternalAuthorizerFirst(t *testing.T) {
	custom := func(rules ...rule) *mesh.AuthorizationPolicy {
		p := onOrdersPolicy("CUSTOM", rules...)
		p.Name, p.Provider = "custom", "opa"
		return p
	}
	config := &mesh.MeshConfig{RootNamespace: "istio-system", TrustDomain: "cluster.local", ExtensionProviders: list("opa")}
	config.Kind, config.Namespace, config.Name = "ConfigMap", "istio-system", "istio"
	admin := rule{To: []to{{Paths: list("/admin")}}}
	for _, test := range []struct {
		name    string
		objects []mesh.Object
		call    authz.Call
		want    authz.Verdict
		code    string
	}{
		{"its answer is not known", []mesh.Object{config, custom(rule{})}, call(), authz.Undetermined, mesh.CodeExtAuthzDenied},
		{"a provider that meshConfig lacks refuses", []mesh.Object{custom(rule{})}, call(), authz.Deny, mesh.CodeExtAuthzDenied},
		{"requests no rule matches are not asked about", []mesh.Object{config, custom(admin)}, call(orderRequest()), authz.Allow, ""},
		{"an unknown path leaves it open", []mesh.Object{config, custom(admin)}, call(), authz.Undetermined, mesh.CodeExtAuthzDenied},
		{"a DENY that is certain wins", []mesh.Object{config, custom(rule{}), onOrdersPolicy("DENY", rule{})}, call(), authz.Deny, mesh.CodePolicyDenied},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := waypoint(test.objects...).Decide(test.call); got.Verdict != test.want || got.Code != test.code {
				t.Errorf("decision = %+v, want %s %s", got, test.want, test.code)
			}
		})
	}
}
