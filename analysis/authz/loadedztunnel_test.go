package authz_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// Short names for the parts of a dump.
type (
	zRule  = mesh.ZtunnelRule
	zMatch = mesh.ZtunnelMatch
)

// loadedPolicy is a policy of shop as ztunnel has it, for the orders pod.
func loadedPolicy(name, action string, rules ...zRule) mesh.ZtunnelPolicy {
	return mesh.ZtunnelPolicy{Name: name, Namespace: "shop", Scope: "WorkloadSelector", Action: action, Rules: rules}
}

// one is a rule of one clause of one match.
func one(m zMatch) zRule { return zRule{{m}} }

// inDump is a dump whose workload orders lists every selector policy of it.
func inDump(policies ...mesh.ZtunnelPolicy) (*mesh.ZtunnelDump, *mesh.ZtunnelWorkload) {
	w := &mesh.ZtunnelWorkload{Namespace: "shop", Name: "orders-1"}
	for _, p := range policies {
		if p.Scope == "WorkloadSelector" {
			w.Policies = append(w.Policies, p.Namespace+"/"+p.Name)
		}
	}
	return &mesh.ZtunnelDump{Node: "node-a", Policies: policies}, w
}

func loaded(policies ...mesh.ZtunnelPolicy) *authz.Hop {
	d, w := inDump(policies...)
	return authz.FromZtunnel(d, w, authz.PeerMode{})
}

// staticStrict is what istiod sends as soon as there is any PeerAuthentication.
func staticStrict() mesh.ZtunnelPolicy {
	p := loadedPolicy("istio_converted_static_strict", "Deny", one(zMatch{"notPrincipals": {"*"}}))
	p.Namespace = "istio-system"
	return p
}

func TestWhatZtunnelHasInMemoryDecides(t *testing.T) {
	deny, allow := func(r ...zRule) mesh.ZtunnelPolicy { return loadedPolicy("p", "Deny", r...) }, func(r ...zRule) mesh.ZtunnelPolicy { return loadedPolicy("p", "Allow", r...) }
	const none, denied = mesh.CodeNoneAllowed, mesh.CodePolicyDenied
	for _, test := range []struct {
		name string
		p    mesh.ZtunnelPolicy
		call authz.Call
		want authz.Verdict
		code string
	}{
		// istio.md A.7 and ztunnel's rbac.rs: corner cases of the evaluation.
		{"an ALLOW without rules refuses all", allow(), call(), authz.Deny, none},
		{"a DENY without rules denies nothing", deny(), call(), authz.Allow, ""},
		{"a rule without clauses matches everything", deny(zRule{}), call(), authz.Deny, denied},
		{"a rule without clauses matches a caller without identity", allow(zRule{}), call(plaintext), authz.Allow, ""},
		{"a clause without matches matches everything", deny(zRule{{}}), call(), authz.Deny, denied},
		{"a match without fields is skipped", deny(one(zMatch{})), call(), authz.Allow, ""},
		{"an ALLOW whose only match is empty refuses all", allow(one(zMatch{})), call(), authz.Deny, none},
		{"an empty match beside a full one does not spoil it", deny(zRule{{{}, {"principals": {web}}}}), call(), authz.Deny, denied},
		{"a clause with only empty matches spoils its rule", deny(zRule{{{"principals": {web}}}, {{}}}), call(), authz.Allow, ""},
		{"a rule that is spoiled leaves the next one alone", deny(zRule{{{"principals": {web}}}, {{}}}, one(zMatch{"principals": {web}})), call(), authz.Deny, denied},
		{"clauses must all match", allow(zRule{{{"principals": {web}}}, {{"destinationPorts": {"9090"}}}}), call(), authz.Deny, none},
		{"clauses that all match admit", allow(zRule{{{"principals": {web}}}, {{"destinationPorts": {"8080"}}}}), call(), authz.Allow, ""},
		{"matches of a clause are alternatives", allow(zRule{{{"principals": {orders}}, {"namespaces": {"shop"}}}}), call(), authz.Allow, ""},
		{"fields of a match must all hold", allow(one(zMatch{"principals": {web}, "destinationPorts": {"9090"}})), call(), authz.Deny, none},
		{"values of a field are alternatives", allow(one(zMatch{"principals": {orders, web}})), call(), authz.Allow, ""},

		// Each field, and its opposite.
		{"principals: exact", allow(one(zMatch{"principals": {web}})), call(), authz.Allow, ""},
		{"principals: prefix", allow(one(zMatch{"principals": {"cluster.local/ns/shop/*"}})), call(), authz.Allow, ""},
		{"principals: suffix", allow(one(zMatch{"principals": {"*/sa/web"}})), call(as(foreign)), authz.Allow, ""},
		{"principals: presence", allow(one(zMatch{"principals": {"*"}})), call(), authz.Allow, ""},
		{"principals: presence is not a plaintext caller", allow(one(zMatch{"principals": {"*"}})), call(plaintext), authz.Deny, mesh.CodeNoIdentity},
		{"principals: a suffix needs an identity as well", allow(one(zMatch{"principals": {"*b"}})), call(plaintext), authz.Deny, mesh.CodeNoIdentity},
		{"principals: another trust domain is another identity", allow(one(zMatch{"principals": {web}})), call(as(foreign)), authz.Deny, none},
		{"notPrincipals: presence catches plaintext", deny(one(zMatch{"notPrincipals": {"*"}})), call(plaintext), authz.Deny, denied},
		{"notPrincipals: presence lets identities pass", deny(one(zMatch{"notPrincipals": {"*"}})), call(), authz.Allow, ""},
		{"notPrincipals: any value excludes", deny(one(zMatch{"notPrincipals": {orders, web}})), call(), authz.Allow, ""},
		{"namespaces: exact", allow(one(zMatch{"namespaces": {"shop"}})), call(), authz.Allow, ""},
		{"namespaces: suffix", allow(one(zMatch{"namespaces": {"*op"}})), call(), authz.Allow, ""},
		{"namespaces: presence is not a plaintext caller", allow(one(zMatch{"namespaces": {"*"}})), call(plaintext), authz.Deny, mesh.CodeNoIdentity},
		{"notNamespaces: holds for a plaintext caller", deny(one(zMatch{"notNamespaces": {"shop"}})), call(plaintext), authz.Deny, denied},
		{"serviceAccounts: namespace and name", allow(one(zMatch{"serviceAccounts": {"shop/web"}})), call(), authz.Allow, ""},
		{"serviceAccounts: any trust domain", allow(one(zMatch{"serviceAccounts": {"shop/web"}})), call(as(foreign)), authz.Allow, ""},
		{"serviceAccounts: no wildcards", allow(one(zMatch{"serviceAccounts": {"shop/*"}})), call(), authz.Deny, none},
		{"notServiceAccounts: holds for a plaintext caller", deny(one(zMatch{"notServiceAccounts": {"shop/web"}})), call(plaintext), authz.Deny, denied},
		{"sourceIps: a block", allow(one(zMatch{"sourceIps": {"10.1.0.0/16"}})), call(), authz.Allow, ""},
		{"sourceIps: one address", allow(one(zMatch{"sourceIps": {"10.1.1.1/32"}})), call(), authz.Allow, ""},
		{"sourceIps: all of IPv4 is not IPv6", allow(one(zMatch{"sourceIps": {"0.0.0.0/0"}})), call(source("fd00::1")), authz.Deny, none},
		{"notSourceIps: excludes", deny(one(zMatch{"notSourceIps": {"10.0.0.0/8"}})), call(), authz.Allow, ""},
		{"destinationIps: the pod's address", allow(one(zMatch{"destinationIps": {"10.2.2.2/32"}})), call(), authz.Allow, ""},
		{"notDestinationIps: excludes the pod", allow(one(zMatch{"notDestinationIps": {"10.2.2.2/32"}})), call(), authz.Deny, none},
		{"destinationPorts: the pod's port", deny(one(zMatch{"destinationPorts": {"8080"}})), call(), authz.Deny, denied},
		{"destinationPorts: not the service's", deny(one(zMatch{"destinationPorts": {"80"}})), call(), authz.Allow, ""},
		{"notDestinationPorts: excludes", deny(one(zMatch{"notDestinationPorts": {"8080"}})), call(), authz.Allow, ""},

		// What is not known.
		{"a field of a later release leaves its match open", deny(one(zMatch{"sourceWorkloads": {"web"}})), call(), authz.Undetermined, denied},
		{"a field of a later release does not open what fails anyway", deny(one(zMatch{"sourceWorkloads": {"web"}, "principals": {orders}})), call(), authz.Allow, ""},
		{"a field of a later release does not keep another rule from denying", deny(one(zMatch{"sourceWorkloads": {"web"}}), one(zMatch{"principals": {web}})), call(), authz.Deny, denied},
		{"a form of a later release leaves its value open", allow(one(zMatch{"principals": {mesh.ZtunnelUnknown(`Regex ".*"`)}})), call(), authz.Undetermined, none},
		{"a form of a later release beside one that matches", allow(one(zMatch{"principals": {mesh.ZtunnelUnknown(`Regex ".*"`), web}})), call(), authz.Allow, ""},
		{"an address that cannot be read leaves it open", allow(one(zMatch{"sourceIps": {"here"}})), call(), authz.Undetermined, none},
		{"a port that cannot be read leaves it open", deny(one(zMatch{"destinationPorts": {"http"}})), call(), authz.Undetermined, denied},
		{"an action of a later release leaves it open", loadedPolicy("p", "Audit", zRule{}), call(), authz.Undetermined, ""},
		{"an unknown identity leaves a rule about it open", allow(one(zMatch{"principals": {web}})), call(stranger), authz.Undetermined, none},
		{"an unknown address leaves a rule about it open", deny(one(zMatch{"sourceIps": {"10.1.0.0/16"}})), call(unknownSource), authz.Undetermined, denied},

		// What istiod makes of PeerAuthentications.
		{"STRICT refuses plaintext", staticStrict(), call(plaintext), authz.Deny, mesh.CodeStrictPlaintext},
		{"STRICT admits an identity", staticStrict(), call(), authz.Allow, ""},
		{"STRICT is open for a caller nobody knows", staticStrict(), call(stranger), authz.Undetermined, mesh.CodeStrictPlaintext},
		{"a STRICT port refuses plaintext", loadedPolicy("converted_peer_authentication_s", "Deny", one(zMatch{"notPrincipals": {"*"}, "destinationPorts": {"8080"}})), call(plaintext), authz.Deny, mesh.CodeStrictPlaintext},
		{"a STRICT port leaves the others alone", loadedPolicy("converted_peer_authentication_s", "Deny", one(zMatch{"notPrincipals": {"*"}, "destinationPorts": {"9090"}})), call(plaintext), authz.Allow, ""},
		{"a PERMISSIVE port under STRICT admits plaintext", loadedPolicy("converted_peer_authentication_s", "Deny", zRule{{{"notPrincipals": {"*"}}}, {{"notDestinationPorts": {"8080"}}}}), call(plaintext), authz.Allow, ""},
		{"a dry run decides nothing", dryRunOf(deny(zRule{})), call(), authz.Allow, ""},
		{"a dry run of an ALLOW is not asked for", dryRunOf(allow()), call(), authz.Allow, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := loaded(test.p).Decide(test.call)
			if got.Verdict != test.want || got.Code != test.code {
				t.Errorf("decision = %+v, want %s %s", got, test.want, test.code)
			}
			if got.Reason == "" {
				t.Error("the decision has no reason")
			}
		})
	}
}

func dryRunOf(p mesh.ZtunnelPolicy) mesh.ZtunnelPolicy {
	p.DryRun = true
	return p
}

func TestLoadedScopes(t *testing.T) {
	at := func(namespace, scope string) mesh.ZtunnelPolicy {
		p := loadedPolicy("p", "Deny", zRule{})
		p.Namespace, p.Scope = namespace, scope
		return p
	}
	for _, test := range []struct {
		name string
		p    mesh.ZtunnelPolicy
		want authz.Verdict
	}{
		{"a global policy holds everywhere", at("istio-system", "Global"), authz.Deny},
		{"a namespace's holds in it", at("shop", "Namespace"), authz.Deny},
		{"a namespace's does not hold in another", at("payments", "Namespace"), authz.Allow},
		{"a selector's holds where the workload lists it", at("istio-system", "WorkloadSelector"), authz.Deny},
		{"a scope of a later release leaves it open", at("payments", "Zone"), authz.Undetermined},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := loaded(test.p).Decide(call()); got.Verdict != test.want {
				t.Errorf("decision = %+v, want %s", got, test.want)
			}
		})
	}
	d, w := inDump(at("shop", "WorkloadSelector"))
	w.Policies = nil
	if got := authz.FromZtunnel(d, w, authz.PeerMode{}).Decide(call()); got.Verdict != authz.Allow {
		t.Errorf("a selector's that the workload does not list: %+v, want allow", got)
	}
}

func TestAPolicyThatZtunnelWasNotSentDoesNothing(t *testing.T) {
	d, w := inDump()
	w.Policies = []string{"shop/gone", "istio-system/istio_converted_static_strict"}
	h := authz.FromZtunnel(d, w, authz.PeerMode{})
	if got := h.Decide(call(plaintext)); got.Verdict != authz.Allow {
		t.Errorf("decision = %+v, want allow", got)
	}
	if diff := cmp.Diff([]string{"istio-system/istio_converted_static_strict", "shop/gone"}, h.Absent); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCouldNotBeDecodedLeavesAPassOpen(t *testing.T) {
	d, w := inDump(loadedPolicy("p", "Deny", one(zMatch{"principals": {ledger}})))
	d.Skipped = 1
	h := authz.FromZtunnel(d, w, authz.PeerMode{})
	if got := h.Decide(call()); got.Verdict != authz.Undetermined || len(got.Unread) == 0 {
		t.Errorf("decision = %+v, want undetermined for what is unread", got)
	}
	if got := h.Decide(call(as(ledger))); got.Verdict != authz.Deny {
		t.Errorf("decision = %+v, want deny: what was decoded denies it", got)
	}
}

func TestLoadedDecisionsNameTheirObjects(t *testing.T) {
	strict := authz.PeerMode{Strict: true, By: mesh.Ref{Kind: "PeerAuthentication", Namespace: "istio-system", Name: "default"}}
	waypointOnly := loadedPolicy("istio_allow_waypoint_shop_waypoint", "Allow", one(zMatch{"principals": {"cluster.local/ns/shop/sa/waypoint"}}))
	for _, test := range []struct {
		name, want string
		p          mesh.ZtunnelPolicy
		declared   authz.PeerMode
		call       authz.Call
		policy     mesh.Ref
		rule       int
	}{
		{
			"the PeerAuthentication that is declared", "PeerAuthentication istio-system/default requires mTLS (STRICT), and the call is plaintext",
			staticStrict(), strict, call(plaintext), strict.By, 0,
		},
		{
			"one that is not there any more", "a PeerAuthentication (istio-system/istio_converted_static_strict) requires mTLS (STRICT), and the call is plaintext",
			staticStrict(),
			authz.PeerMode{},
			call(plaintext),
			mesh.Ref{},
			0,
		},
		{
			"the PeerAuthentication with ports", "PeerAuthentication shop/s requires mTLS (STRICT), and the call is plaintext",
			loadedPolicy("converted_peer_authentication_s", "Deny", one(zMatch{"notPrincipals": {"*"}, "destinationPorts": {"8080"}})),
			authz.PeerMode{},
			call(plaintext),
			mesh.Ref{Kind: "PeerAuthentication", Namespace: "shop", Name: "s"},
			0,
		},
		{
			"a DENY and its rule", "rule 2 of AuthorizationPolicy shop/p denies it",
			loadedPolicy("p", "Deny", one(zMatch{"principals": {orders}}), one(zMatch{"principals": {web}})),
			authz.PeerMode{},
			call(),
			mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "p"},
			2,
		},
		{
			"an ALLOW and its rule in the dump", "AuthorizationPolicy shop/p allows it by rule 1 of those ztunnel has",
			loadedPolicy("p", "Allow", one(zMatch{"principals": {web}})),
			authz.PeerMode{},
			call(),
			mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "p"},
			0,
		},
		{
			"the waypoint that is admitted", "the policy that admits the waypoint shop/waypoint allows it",
			waypointOnly,
			authz.PeerMode{},
			call(as("cluster.local/ns/shop/sa/waypoint")),
			mesh.Ref{Kind: "Gateway", Namespace: "shop", Name: "waypoint"},
			0,
		},
		{
			"ALLOW policies that allow nobody", "allow policies exist (shop/p), but none allows it",
			loadedPolicy("p", "Allow"),
			authz.PeerMode{},
			call(),
			mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "p"},
			0,
		},
		{
			"what nobody can evaluate", "rule 1 of AuthorizationPolicy shop/p denies it depending on something Waylight cannot evaluate",
			loadedPolicy("p", "Deny", one(zMatch{"sourceWorkloads": {"web"}})),
			authz.PeerMode{},
			call(),
			mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "p"},
			1,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, w := inDump(test.p)
			got := authz.FromZtunnel(d, w, test.declared).Decide(test.call)
			if got.Reason != test.want || got.Policy != test.policy || got.Rule != test.rule {
				t.Errorf("decision = %+v, want %q by %s rule %d", got, test.want, test.policy, test.rule)
			}
		})
	}
}

func TestModeOfWhatIsLoaded(t *testing.T) {
	converted := mesh.Ref{Kind: "PeerAuthentication", Namespace: "shop", Name: "s"}
	for _, test := range []struct {
		name string
		p    []mesh.ZtunnelPolicy
		want authz.PeerMode
	}{
		{"nothing is permissive", nil, authz.PeerMode{}},
		{"the common policy is STRICT", []mesh.ZtunnelPolicy{staticStrict()}, authz.PeerMode{Strict: true}},
		{
			"a STRICT port",
			[]mesh.ZtunnelPolicy{loadedPolicy("converted_peer_authentication_s", "Deny", one(zMatch{"notPrincipals": {"*"}, "destinationPorts": {"8080"}}))},
			authz.PeerMode{Exceptions: map[uint16]bool{8080: true}, PortsBy: converted},
		},
		{
			"a PERMISSIVE port",
			[]mesh.ZtunnelPolicy{loadedPolicy("converted_peer_authentication_s", "Deny", zRule{{{"notPrincipals": {"*"}}}, {{"notDestinationPorts": {"8080"}}}})},
			authz.PeerMode{Strict: true, By: converted, Exceptions: map[uint16]bool{8080: true}, PortsBy: converted},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, loaded(test.p...).Mode); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLoadedPoliciesInWords(t *testing.T) {
	for _, test := range []struct {
		p    mesh.ZtunnelPolicy
		want string
	}{
		{loadedPolicy("p", "Allow"), "allows nobody: what no other policy allows is refused"},
		{loadedPolicy("p", "Deny"), "denies nothing: no call matches it"},
		{loadedPolicy("p", "Deny", one(zMatch{})), "denies nothing: no call matches it"},
		{loadedPolicy("p", "Allow", zRule{}), "allows any caller"},
		{loadedPolicy("p", "Allow", zRule{{{"destinationPorts": {"8080"}}}, {{"principals": {web, ledger}}}}), "allows on port 8080: sa/web or sa/ledger of payments"},
		{loadedPolicy("p", "Deny", one(zMatch{"sourceWorkloads": {"web"}})), `denies "sourceWorkloads" web`},
		{staticStrict(), "denies any caller except any identity"},
		{dryRunOf(loadedPolicy("p", "Deny", zRule{})), "does nothing here: it is a dry run"},
	} {
		h := loaded(test.p)
		if got := h.Effect(h.Attached[0]); got != test.want {
			t.Errorf("effect = %q, want %q", got, test.want)
		}
	}
}

// What ztunnel was sent and what is declared must agree while nothing changes.
func TestLoadedAgreesWithDeclaredOnTheSameRules(t *testing.T) {
	d, w := inDump(loadedPolicy("p", "Allow", zRule{{{"destinationPorts": {"8080"}}}, {{"principals": {web}}, {"namespaces": {"pay*"}, "sourceIps": {"10.1.0.0/16"}}}}), staticStrict())
	declared := ztunnel(
		authPolicy("p", "ALLOW", rule{From: []from{{Principals: list(web)}, {Namespaces: list("pay*"), IPBlocks: list("10.1.0.0/16")}}, To: []to{{Ports: list("8080")}}}),
		peerAuth("istio-system", "default", "STRICT", false, nil))
	had := authz.FromZtunnel(d, w, declared.Mode)
	for _, who := range []authz.Identity{authz.Known(web), authz.Known(orders), authz.Known(ledger), authz.NoIdentity, authz.UnknownIdentity} {
		for _, port := range []uint16{80, 8080} {
			for _, ip := range []netip.Addr{netip.MustParseAddr("10.1.1.1"), netip.MustParseAddr("10.9.9.9"), {}} {
				c := authz.Call{From: who, Port: port, Source: ip}
				if a, b := declared.Decide(c), had.Decide(c); a.Verdict != b.Verdict || a.Code != b.Code {
					t.Errorf("%+v: declared %+v, loaded %+v", c, a, b)
				}
			}
		}
	}
}
