package authz_test

import (
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// Whatever a ztunnel sends, it is decided, and what a DENY of everything
// refuses stays refused beside it.
func FuzzFromZtunnel(f *testing.F) {
	f.Add("p", "Namespace", "Deny", "principals", "*", "notDestinationPorts", "8080")
	f.Add("converted_peer_authentication_x", "WorkloadSelector", "Allow", "sourceIps", "10.0.0.0/8", "", "")
	f.Add("istio_allow_waypoint_a", "Global", "Deny", "tomorrow", "x", "serviceAccounts", "a/b/c")
	f.Fuzz(func(t *testing.T, name, scope, action, field, value, other, second string) {
		p := mesh.ZtunnelPolicy{Name: name, Namespace: "shop", Scope: scope, Action: action, Rules: []mesh.ZtunnelRule{{{{field: {value}, other: {second}}}, {}}, {}}}
		h := loaded(p)
		if got := h.Decide(call()); got.Verdict == "" || got.Reason == "" {
			t.Errorf("%+v", got)
		}
		for _, a := range h.Attached {
			h.Effect(a)
		}
		if got := loaded(p, loadedPolicy("all", "Deny", zRule{})).Decide(call()); got.Verdict != authz.Deny {
			t.Errorf("beside a DENY of everything: %+v", got)
		}
	})
}

// Texts, templates and paths come from a cluster and from who asks.
func FuzzMatching(f *testing.F) {
	f.Add("regex", "(a|b)*", "/{a=**}/b.txt", "/a/../b//%2e%2E/c?d=e")
	f.Add("exact", "x", "/**/*", `\..\`)
	f.Fuzz(func(t *testing.T, kind, pattern, template, path string) {
		if matches, ok := authz.ParseEnvoyText(mesh.EnvoyTextMatch{Kind: mesh.EnvoyTextKind(kind), Text: pattern}); ok {
			matches(path)
		}
		if matches, ok := authz.ParseEnvoyTemplate(template); ok && matches(path) && !strings.HasPrefix(path, "/") {
			t.Errorf("%q takes %q", template, path)
		}
		for _, rules := range []authz.PathRules{authz.DefaultPathRules, {Normalize: true, MergeSlashes: true}} {
			if tidy := rules.Tidy(path); rules.Tidy(tidy) != tidy {
				t.Errorf("%q becomes %q, and that %q", path, tidy, rules.Tidy(tidy))
			}
		}
	})
}
