package analysis_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// policy is an AuthorizationPolicy for ztunnel in namespace shop, unless
// options say otherwise.
func policy(name, action string, opts ...func(*mesh.AuthorizationPolicy)) mt.Part {
	p := &mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: name}, Action: action}
	for _, o := range opts {
		o(p)
	}
	for i := range p.TargetRefs {
		p.TargetRefs[i].Namespace = p.Namespace
	}
	return mt.Objects(p)
}

func policyIn(namespace string) func(*mesh.AuthorizationPolicy) {
	return func(p *mesh.AuthorizationPolicy) { p.Namespace = namespace }
}

func forApp(app string) func(*mesh.AuthorizationPolicy) {
	return func(p *mesh.AuthorizationPolicy) {
		p.Selector = &mesh.LabelSelector{MatchLabels: map[string]string{"app": app}}
	}
}

// targeting attaches to objects in the policy's namespace.
func targeting(kind string, names ...string) func(*mesh.AuthorizationPolicy) {
	return func(p *mesh.AuthorizationPolicy) {
		for _, n := range names {
			p.TargetRefs = append(p.TargetRefs, mesh.TargetRef{Kind: kind, Name: n})
		}
	}
}

func policyRule(r mesh.AuthorizationRule) func(*mesh.AuthorizationPolicy) {
	return func(p *mesh.AuthorizationPolicy) { p.Rules = append(p.Rules, r) }
}

// fromAccount is a rule for an account of namespace shop, on these ports.
func fromAccount(name string, ports ...string) func(*mesh.AuthorizationPolicy) {
	r := mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{Principals: []string{"cluster.local/ns/shop/sa/" + name}}}}
	if len(ports) > 0 {
		r.To = []mesh.AuthorizationOperation{{Ports: ports}}
	}
	return policyRule(r)
}

func TestAuthzWaypointIdentityDenied(t *testing.T) {
	orders, both := []string{"critical Service shop/orders"}, []string{"critical Service shop/orders", "critical Service shop/web"}
	twoPorts := mt.Service("shop", "admin", mt.Selects("app", "orders"), mt.TargetPort(80, "http", "8080"), mt.TargetPort(90, "grpc", "9090"))
	inNamespace := policyRule(mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{Namespaces: []string{"shop"}}}})
	fromWaypointAddress := policyRule(mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{IPBlocks: []string{"10.0.0.0/8"}}}})
	fromElsewhere := policyRule(mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{IPBlocks: []string{"192.0.2.0/24"}}}})
	canary := []mt.Part{
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"), mt.Label(mesh.LabelUseWaypointCanary, "next"), mt.Annotation(mesh.AnnotationCanaryWeight, "20")),
		mt.Waypoint("shop", "waypoint"), mt.Waypoint("shop", "next"), mt.Deployment("shop", "orders"), mt.Service("shop", "orders"),
	}
	with := func(parts []mt.Part, more ...mt.Part) []mt.Part { return append(slices.Clip(parts), more...) }
	testCheck(t, "AUTHZ_WAYPOINT_IDENTITY_DENIED", []checkCase{
		{name: "a policy for the pods names the clients", parts: shop(policy("orders", "ALLOW", forApp("orders"), fromAccount("web"))), want: orders},
		{name: "a policy of the namespace", parts: shop(policy("all", "ALLOW", fromAccount("web"))), want: both},
		{name: "a policy without rules in the root namespace", parts: shop(policy("nothing", "ALLOW", policyIn(mt.SystemNamespace))), want: both},
		{name: "the waypoint on another port than the target port", parts: shop(policy("orders", "ALLOW", forApp("orders"), fromAccount("waypoint", "80"))), want: orders},
		{name: "its address is not among those admitted", parts: shop(policy("orders", "ALLOW", forApp("orders"), fromElsewhere)), want: orders},
		{
			name: "its pods run under another account than the Gateway's name",
			parts: []mt.Part{
				mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint", mt.ServiceAccount("edge")), mt.Deployment("shop", "orders"), mt.Service("shop", "orders"),
				policy("orders", "ALLOW", forApp("orders"), fromAccount("waypoint")),
			},
			want: orders,
		},
		{name: "of a canary pair one is admitted", parts: with(canary, policy("orders", "ALLOW", fromAccount("waypoint"))), want: orders},
		{name: "one of two sets of pods refuses", parts: shop(mt.Deployment("shop", "orders-v2", mt.Label("app", "orders"), mt.Label("version", "v2")), policy("v2", "ALLOW", func(p *mesh.AuthorizationPolicy) {
			p.Selector = &mesh.LabelSelector{MatchLabels: map[string]string{"version": "v2"}}
		}, fromAccount("web"))), want: orders},
		{name: "info: admitted on one port of two", parts: shop(twoPorts, policy("orders", "ALLOW", forApp("orders"), fromAccount("waypoint", "8080"))), want: []string{"info Service shop/admin"}},
		{name: "silent: the waypoint is named", parts: shop(policy("orders", "ALLOW", forApp("orders"), fromAccount("web"), fromAccount("waypoint")))},
		{name: "silent: another policy names it", parts: shop(policy("orders", "ALLOW", forApp("orders"), fromAccount("web")), policy("past-waypoint", "ALLOW", fromAccount("waypoint")))},
		{name: "silent: on the target port", parts: shop(policy("orders", "ALLOW", forApp("orders"), fromAccount("waypoint", "8080")))},
		{name: "silent: its namespace is admitted", parts: shop(policy("orders", "ALLOW", forApp("orders"), inNamespace))},
		{name: "silent: its address is admitted", parts: shop(policy("orders", "ALLOW", forApp("orders"), fromWaypointAddress))},
		{name: "silent: both of a canary pair are named", parts: with(canary, policy("orders", "ALLOW", fromAccount("waypoint"), fromAccount("next")))},
		{name: "silent: the clients are named by targetRefs, at the waypoint", parts: shop(policy("orders", "ALLOW", targeting("Service", "orders"), fromAccount("web")))},
		{name: "silent: a DENY is another finding", parts: shop(policy("orders", "DENY", forApp("orders"), fromAccount("waypoint")))},
		{name: "silent: a dry run", parts: shop(policy("orders", "ALLOW", forApp("orders"), fromAccount("web"), func(p *mesh.AuthorizationPolicy) {
			p.Annotations = map[string]string{mesh.AnnotationDryRun: "true"}
		}))},
		{name: "silent: no waypoint is bound", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "orders"), mt.Service("shop", "orders"), policy("orders", "ALLOW", fromAccount("web"))}},
		{name: "silent: the waypoint does not exist", parts: []mt.Part{mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("gone")), mt.Deployment("shop", "orders"), mt.Service("shop", "orders"), policy("orders", "ALLOW", fromAccount("web"))}},
		{name: "silent: headless, so that calls pass no service waypoint", parts: shop(mt.Deployment("shop", "db"), mt.Service("shop", "db", mt.Headless), policy("db", "ALLOW", forApp("db"), fromAccount("web")))},
		{name: "silent: pods are not captured", parts: shop(mt.Deployment("shop", "batch", mt.NotCaptured), mt.Service("shop", "batch"), policy("batch", "ALLOW", forApp("batch"), fromAccount("web")))},
		{name: "silent: istiod admits waypoints by itself", parts: shop(mt.Bare(), mt.Deployment(mt.SystemNamespace, "istiod", mt.Label("app", "istiod"), mt.OnController(mt.Label("app", "istiod")), containerEnv("PILOT_AUTO_ALLOW_WAYPOINT_POLICY", "true")), policy("all", "ALLOW", fromAccount("web")))},
		{
			name:  "silent: a ztunnel holds istiod's policy for the waypoint, where istiod's Deployment is not seen",
			parts: shop(policy("all", "ALLOW", fromAccount("web")), mt.ZtunnelSaid("node-a", mt.With(func(e *mesh.ZtunnelEvidence) { e.AdmitsWaypoints = true }))),
		},
		{name: "ztunnels hold no such policy", parts: shop(policy("all", "ALLOW", fromAccount("web")), mt.ZtunnelSaid("node-a")), want: both},
		{name: "silent: policies may not be read", parts: shop(policy("all", "ALLOW", fromAccount("web")), mt.Forbidden(mesh.ResourceAuthorizationPolicies))},
		{name: "silent: the root namespace is not watched", parts: shop(policy("all", "ALLOW", fromAccount("web")), mt.Scope("shop"))},
	})
}

func TestAuthzWaypointIdentityDeniedSaysWhoIsMissing(t *testing.T) {
	f := only(t, assess(shop(policy("orders", "ALLOW", forApp("orders"), fromAccount("web")))...), "AUTHZ_WAYPOINT_IDENTITY_DENIED")
	if text := evidenceText(f); !strings.Contains(text, "Gateway shop/waypoint") || !strings.Contains(text, "AuthorizationPolicy shop/orders spec.rules: allows sa/web") {
		t.Errorf("evidence:\n%s", text)
	}
	diffText(t, []string{
		"kubectl -n shop get authorizationpolicy/orders -o yaml",
		`kubectl -n shop patch authorizationpolicy/orders --type=json -p '[{"op":"add","path":"/spec/rules/-","value":{"from":[{"source":{"principals":["cluster.local/ns/shop/sa/waypoint"]}}]}}]'`,
	}, f.Fix.Commands)
}

func TestAuthzWaypointIdentityDeniedLeavesTheMeshsPolicyAlone(t *testing.T) {
	f := only(t, assess(
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint"), mt.Deployment("shop", "orders"), mt.Service("shop", "orders"),
		policy("nothing", "ALLOW", policyIn(mt.SystemNamespace))), "AUTHZ_WAYPOINT_IDENTITY_DENIED")
	if f.Fix.Mutates {
		t.Errorf("a policy that refuses everything for the mesh must not be changed for one Service: %q", f.Fix.Commands)
	}
}
