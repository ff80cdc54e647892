package authz_test

import (
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// Each row is a sentence about one policy before one pod.
func TestZtunnelEnforcesWhatIsLeftOfAPolicy(t *testing.T) {
	principals := func(p ...string) rule { return rule{From: []from{{Principals: p}}} }
	for _, test := range []struct {
		name string
		p    *mesh.AuthorizationPolicy
		call authz.Call
		want authz.Verdict
		code string
	}{
		// istio.md C.3: the DENY table.
		{"DENY with methods only has no effect", authPolicy("p", "DENY", rule{To: []to{{Methods: list("DELETE")}}}), call(), authz.Allow, ""},
		{"DENY with principals and methods has no effect", authPolicy("p", "DENY", rule{From: []from{{Principals: list(web)}}, To: []to{{Methods: list("DELETE")}}}), call(), authz.Allow, ""},
		{"DENY with an L7 when has no effect", authPolicy("p", "DENY", rule{From: []from{{Principals: list(web)}}, When: []when{{Key: "request.headers[x]", Values: list("1")}}}), call(), authz.Allow, ""},
		{"DENY with ports and methods in one operation denies by port", authPolicy("p", "DENY", rule{To: []to{{Ports: list("8080"), Methods: list("DELETE")}}}), call(), authz.Deny, mesh.CodePolicyDenied},
		{"DENY with ports and methods leaves other ports alone", authPolicy("p", "DENY", rule{To: []to{{Ports: list("9090"), Methods: list("DELETE")}}}), call(), authz.Allow, ""},
		{"DENY with an L4 rule beside an L7 rule enforces the L4 rule", authPolicy("p", "DENY", rule{To: []to{{Methods: list("DELETE")}}}, principals(web)), call(), authz.Deny, mesh.CodePolicyDenied},
		{"DENY with requestPrincipals beside principals in one source keeps the principals", authPolicy("p", "DENY", rule{From: []from{{Principals: list(web), NotRequestPrincipals: list("*")}}}), call(), authz.Deny, mesh.CodePolicyDenied},
		{"DENY with one L7 and one L4 operation denies by the L4 one", authPolicy("p", "DENY", rule{To: []to{{Paths: list("/admin")}, {Ports: list("8080")}}}), call(), authz.Deny, mesh.CodePolicyDenied},
		{"DENY of source.serviceAccount in when has no effect", authPolicy("p", "DENY", rule{When: []when{{Key: "source.serviceAccount", Values: list("shop/web")}}}), call(), authz.Allow, ""},
		{"DENY of connection.sni in when has no effect", authPolicy("p", "DENY", rule{When: []when{{Key: "connection.sni", Values: list("a")}}}), call(), authz.Allow, ""},

		// istio.md C.3: ALLOW.
		{"ALLOW with only HTTP rules denies all", authPolicy("p", "ALLOW", rule{To: []to{{Methods: list("GET")}}}), call(), authz.Deny, mesh.CodeNoneAllowed},
		{"ALLOW drops the HTTP rule and keeps the other", authPolicy("p", "ALLOW", rule{To: []to{{Methods: list("GET")}}}, principals(web)), call(), authz.Allow, ""},
		{"ALLOW drops a rule whole for one HTTP field", authPolicy("p", "ALLOW", rule{From: []from{{Principals: list(web)}}, To: []to{{Ports: list("8080")}, {Paths: list("/")}}}), call(), authz.Deny, mesh.CodeNoneAllowed},
		{"ALLOW drops a rule with remoteIpBlocks", authPolicy("p", "ALLOW", rule{From: []from{{RemoteIPBlocks: list("10.0.0.0/8")}}}), call(), authz.Deny, mesh.CodeNoneAllowed},
		{"ALLOW drops a rule with requestPrincipals", authPolicy("p", "ALLOW", rule{From: []from{{RequestPrincipals: list("*")}}}), call(), authz.Deny, mesh.CodeNoneAllowed},
		{"an action that is left out means ALLOW", authPolicy("p", "", principals(web)), call(), authz.Allow, ""},

		// istio.md A.7: corner cases.
		{"ALLOW without rules denies everything", authPolicy("p", "ALLOW"), call(), authz.Deny, mesh.CodeNoneAllowed},
		{"DENY without rules denies nothing", authPolicy("p", "DENY"), call(), authz.Allow, ""},
		{"an empty rule in ALLOW admits everybody", authPolicy("p", "ALLOW", rule{}), call(plaintext), authz.Allow, ""},
		{"an empty rule in DENY denies everybody", authPolicy("p", "DENY", rule{}), call(), authz.Deny, mesh.CodePolicyDenied},
		{"an empty source never matches", authPolicy("p", "ALLOW", rule{From: []from{{}}}), call(), authz.Deny, mesh.CodeNoneAllowed},
		{"an empty source beside a full one does not spoil it", authPolicy("p", "ALLOW", rule{From: []from{{}, {Principals: list(web)}}}), call(), authz.Allow, ""},
		{"trustDomains alone make a source that never matches", authPolicy("p", "ALLOW", rule{From: []from{{TrustDomains: list("cluster.local")}}}), call(), authz.Deny, mesh.CodeNoneAllowed},
		{"trustDomains beside a namespace are lost", authPolicy("p", "ALLOW", rule{From: []from{{TrustDomains: list("other"), Namespaces: list("shop")}}}), call(), authz.Allow, ""},
		{"a port that is no number is lost and leaves nothing to match", authPolicy("p", "DENY", rule{To: []to{{Ports: list("http")}}}), call(), authz.Allow, ""},

		// Principals.
		{"an exact principal matches", authPolicy("p", "ALLOW", principals(web)), call(), authz.Allow, ""},
		{"another account does not", authPolicy("p", "ALLOW", principals(orders)), call(), authz.Deny, mesh.CodeNoneAllowed},
		{"a principal written with spiffe:// never matches", authPolicy("p", "ALLOW", principals("spiffe://"+web)), call(), authz.Deny, mesh.CodeNoneAllowed},
		{"a prefix matches", authPolicy("p", "ALLOW", principals("cluster.local/ns/shop/*")), call(), authz.Allow, ""},
		{"a prefix of another namespace does not", authPolicy("p", "ALLOW", principals("cluster.local/ns/sho/*")), call(), authz.Deny, mesh.CodeNoneAllowed},
		{"a suffix matches any trust domain", authPolicy("p", "ALLOW", principals("*/ns/shop/sa/web")), call(as(foreign)), authz.Allow, ""},
		{"an exact principal asks for its trust domain", authPolicy("p", "ALLOW", principals(web)), call(as(foreign)), authz.Deny, mesh.CodeNoneAllowed},
		{"* is any identity", authPolicy("p", "ALLOW", principals("*")), call(as(foreign)), authz.Allow, ""},
		{"* is not a caller without identity", authPolicy("p", "ALLOW", principals("*")), call(plaintext), authz.Deny, mesh.CodeNoIdentity},
		{"notPrincipals * matches a caller without identity", authPolicy("p", "DENY", rule{From: []from{{NotPrincipals: list("*")}}}), call(plaintext), authz.Deny, mesh.CodePolicyDenied},
		{"notPrincipals * leaves callers with identity alone", authPolicy("p", "DENY", rule{From: []from{{NotPrincipals: list("*")}}}), call(), authz.Allow, ""},
		{"an empty suffix does not match a missing identity", authPolicy("p", "DENY", principals("*web")), call(plaintext), authz.Allow, ""},
		{"several values are alternatives", authPolicy("p", "ALLOW", principals(orders, web)), call(), authz.Allow, ""},
		{"principals and notPrincipals must both hold", authPolicy("p", "ALLOW", rule{From: []from{{Principals: list("*"), NotPrincipals: list(web)}}}), call(), authz.Deny, mesh.CodeNoneAllowed},
		{"several sources are alternatives", authPolicy("p", "ALLOW", rule{From: []from{{Principals: list(orders)}, {Namespaces: list("shop")}}}), call(), authz.Allow, ""},
		{"source and operation must both hold", authPolicy("p", "ALLOW", rule{From: []from{{Principals: list(web)}}, To: []to{{Ports: list("9090")}}}), call(), authz.Deny, mesh.CodeNoneAllowed},

		// Namespaces and accounts.
		{"a namespace matches", authPolicy("p", "ALLOW", rule{From: []from{{Namespaces: list("shop")}}}), call(), authz.Allow, ""},
		{"a namespace prefix matches", authPolicy("p", "ALLOW", rule{From: []from{{Namespaces: list("sh*")}}}), call(), authz.Allow, ""},
		{"a * in the middle of a namespace is literal", authPolicy("p", "ALLOW", rule{From: []from{{Namespaces: list("s*p")}}}), call(), authz.Deny, mesh.CodeNoneAllowed},
		{"notNamespaces matches a caller without identity", authPolicy("p", "DENY", rule{From: []from{{NotNamespaces: list("shop")}}}), call(plaintext), authz.Deny, mesh.CodePolicyDenied},
		{"notNamespaces leaves the namespace alone", authPolicy("p", "DENY", rule{From: []from{{NotNamespaces: list("shop")}}}), call(), authz.Allow, ""},
		{"an account with its namespace matches", authPolicy("p", "ALLOW", rule{From: []from{{ServiceAccounts: list("shop/web")}}}), call(), authz.Allow, ""},
		{"an account without one is of the policy's namespace", authPolicy("p", "ALLOW", rule{From: []from{{ServiceAccounts: list("web")}}}), call(), authz.Allow, ""},
		{"an account of another namespace does not match", authPolicy("p", "ALLOW", rule{From: []from{{ServiceAccounts: list("web")}}}), call(as(ledger)), authz.Deny, mesh.CodeNoneAllowed},
		{"an account matches in any trust domain", authPolicy("p", "ALLOW", rule{From: []from{{ServiceAccounts: list("shop/web")}}}), call(as(foreign)), authz.Allow, ""},
		{"notServiceAccounts holds for a caller without identity", authPolicy("p", "DENY", rule{From: []from{{NotServiceAccounts: list("web")}}}), call(plaintext), authz.Deny, mesh.CodePolicyDenied},

		// Ports and addresses are the pod's.
		{"the target port matches", authPolicy("p", "ALLOW", rule{To: []to{{Ports: list("8080")}}}), call(), authz.Allow, ""},
		{"the service port does not", authPolicy("p", "ALLOW", rule{To: []to{{Ports: list("80")}}}), call(), authz.Deny, mesh.CodeNoneAllowed},
		{"notPorts excludes the target port", authPolicy("p", "ALLOW", rule{To: []to{{NotPorts: list("8080")}}}), call(), authz.Deny, mesh.CodeNoneAllowed},
		{"a source block matches", authPolicy("p", "ALLOW", rule{From: []from{{IPBlocks: list("10.1.0.0/16")}}}), call(), authz.Allow, ""},
		{"a single address is a block of one", authPolicy("p", "ALLOW", rule{From: []from{{IPBlocks: list("10.1.1.1")}}}), call(), authz.Allow, ""},
		{"another address is outside", authPolicy("p", "ALLOW", rule{From: []from{{IPBlocks: list("10.1.1.1")}}}), call(source("10.1.1.2")), authz.Deny, mesh.CodeNoneAllowed},
		{"an IPv6 block matches", authPolicy("p", "ALLOW", rule{From: []from{{IPBlocks: list("fd00::/8")}}}), call(source("fd00::1")), authz.Allow, ""},
		{"when source.principal", authPolicy("p", "ALLOW", rule{When: []when{{Key: "source.principal", Values: list(web)}}}), call(), authz.Allow, ""},
		{"when source.namespace with notValues", authPolicy("p", "ALLOW", rule{When: []when{{Key: "source.namespace", NotValues: list("shop")}}}), call(), authz.Deny, mesh.CodeNoneAllowed},
		{"when source.ip", authPolicy("p", "ALLOW", rule{When: []when{{Key: "source.ip", Values: list("10.1.1.1")}}}), call(), authz.Allow, ""},
		{"when destination.ip is the pod's address", authPolicy("p", "ALLOW", rule{When: []when{{Key: "destination.ip", Values: list("10.2.2.0/24")}}}), call(), authz.Allow, ""},
		{"when destination.port is the pod's port", authPolicy("p", "ALLOW", rule{When: []when{{Key: "destination.port", Values: list("80")}}}), call(), authz.Deny, mesh.CodeNoneAllowed},

		// Not sent.
		{"CUSTOM is not sent", authPolicy("p", "CUSTOM", rule{}), call(), authz.Allow, ""},
		{"AUDIT is not sent", authPolicy("p", "AUDIT", rule{}), call(), authz.Allow, ""},
		{"a dry run is not sent", annotated(authPolicy("p", "DENY", rule{}), mesh.AnnotationDryRun, "true"), call(), authz.Allow, ""},
		{"a dry-run annotation of false is none", annotated(authPolicy("p", "DENY", rule{}), mesh.AnnotationDryRun, "false"), call(), authz.Deny, mesh.CodePolicyDenied},

		// Open questions.
		{"an unknown address leaves a rule about it open", authPolicy("p", "ALLOW", rule{From: []from{{IPBlocks: list("10.0.0.0/8")}}}), call(unknownSource), authz.Undetermined, mesh.CodeNoneAllowed},
		{"an unknown identity leaves a rule about it open", authPolicy("p", "ALLOW", principals(web)), call(stranger), authz.Undetermined, mesh.CodeNoneAllowed},
		{"what fails anyway is not open", authPolicy("p", "ALLOW", rule{From: []from{{Principals: list(orders), IPBlocks: list("10.0.0.0/8")}}}), call(unknownSource), authz.Deny, mesh.CodeNoneAllowed},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ztunnel(test.p).Decide(test.call)
			if got.Verdict != test.want || got.Code != test.code {
				t.Errorf("decision = %+v, want %s %s", got, test.want, test.code)
			}
			if got.Reason == "" {
				t.Error("the decision has no reason")
			}
		})
	}
}

func TestZtunnelScopes(t *testing.T) {
	deny := rule{}
	empty := authPolicy("p", "DENY", deny)
	empty.Selector = &mesh.LabelSelector{}
	elsewhere := authPolicy("p", "DENY", deny)
	elsewhere.Selector.MatchLabels["app"] = "web"
	rootSelector := authPolicy("p", "DENY", deny)
	rootSelector.Namespace = "istio-system"
	for _, test := range []struct {
		name string
		p    *mesh.AuthorizationPolicy
		want authz.Verdict
	}{
		{"a selector that matches", authPolicy("p", "DENY", deny), authz.Deny},
		{"a selector that does not", elsewhere, authz.Allow},
		{"a selector that is empty attaches to no pod", empty, authz.Allow},
		{"no selector covers the namespace", in("shop", authPolicy("p", "DENY", deny)), authz.Deny},
		{"no selector covers no other namespace", in("payments", authPolicy("p", "DENY", deny)), authz.Allow},
		{"the root namespace covers the mesh", in("istio-system", authPolicy("p", "DENY", deny)), authz.Deny},
		{"a selector in the root namespace covers pods anywhere", rootSelector, authz.Deny},
		{"targetRefs never reach ztunnel", targeting(authPolicy("p", "DENY", deny), onOrders), authz.Allow},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := ztunnel(test.p).Decide(call()); got.Verdict != test.want {
				t.Errorf("decision = %+v, want %s", got, test.want)
			}
		})
	}
}

func TestZtunnelAsksDenyBeforeAllow(t *testing.T) {
	allow := authPolicy("allow", "ALLOW", rule{From: []from{{Principals: list(web)}}})
	deny := authPolicy("deny", "DENY", rule{From: []from{{Namespaces: list("payments")}}}, rule{From: []from{{Principals: list(web)}}})
	got := ztunnel(allow, deny).Decide(call())
	if got.Verdict != authz.Deny || got.Policy.Name != "deny" || got.Rule != 2 {
		t.Errorf("decision = %+v, want rule 2 of deny", got)
	}
	got = ztunnel(allow).Decide(call())
	if got.Verdict != authz.Allow || got.Policy.Name != "allow" || got.Rule != 1 {
		t.Errorf("decision = %+v, want rule 1 of allow", got)
	}
	got = ztunnel(allow).Decide(call(as(ledger)))
	want := "allow policies exist (shop/allow), but none allows sa/ledger of payments"
	if reason := got.ReasonFor(authz.Known(ledger)); reason != want {
		t.Errorf("reason = %q, want %q", reason, want)
	}
	if want := "allow policies exist (shop/allow), but none allows it"; got.Reason != want {
		t.Errorf("reason without a name = %q, want %q", got.Reason, want)
	}
}

func TestZtunnelRuleNumbersAreThoseOfTheObject(t *testing.T) {
	p := authPolicy("p", "ALLOW", rule{To: []to{{Methods: list("GET")}}}, rule{From: []from{{Principals: list(web)}}})
	if got := ztunnel(p).Decide(call()); got.Rule != 2 {
		t.Errorf("rule %d, want 2: the first is dropped, not renumbered", got.Rule)
	}
}

func TestZtunnelIgnoresTrustDomainAliases(t *testing.T) {
	config := &mesh.MeshConfig{RootNamespace: "istio-system", TrustDomain: "new.example", TrustDomainAliases: list("old.example")}
	config.Kind, config.Namespace, config.Name = "ConfigMap", "istio-system", "istio"
	for _, principal := range list(web, "old.example/ns/shop/sa/web") {
		p := authPolicy("p", "ALLOW", rule{From: []from{{Principals: list(principal)}}})
		if got := ztunnel(p, config).Decide(call(as("new.example/ns/shop/sa/web"))); got.Verdict != authz.Deny {
			t.Errorf("%s: %+v, want deny", principal, got)
		}
	}
}
