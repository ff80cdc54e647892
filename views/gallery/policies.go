package gallery

import (
	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

func policies() []Entry {
	list := func(name, parameters string, snap func() *mesh.Snapshot) Entry {
		return state("policies/"+name, views.PagePolicies, "Policies", parameters, snap, func(r *analysis.Report, q views.Query) templ.Component {
			return views.PoliciesContent(views.NewPolicies(r, q))
		})
	}
	one := func(name, kind, policy string) Entry {
		return state("policy/"+name, views.PagePolicies, "shop/"+policy, "", everyPolicy, func(r *analysis.Report, q views.Query) templ.Component {
			m, _ := views.NewPolicy(r, kind, "shop", policy, q)
			return views.PolicyContent(m)
		})
	}
	return []Entry{
		list("all", "", everyPolicy),
		list("enforced nowhere", "q=enforced:nowhere", everyPolicy),
		list("no match", "q=nothing-like-it", everyPolicy),
		list("none", "", quiet),
		list("starting", "", startingMesh),
		list("policies forbidden", "", forbidden),
		list("pods forbidden", "", without(mesh.ResourcePods)),
		one("at a waypoint", "authorizationpolicy", "get-only"),
		one("at ztunnel", "authorizationpolicy", "only-web"),
		one("HTTP fields at ztunnel", "authorizationpolicy", "no-delete"),
		one("target without waypoint", "authorizationpolicy", "lost"),
		one("allow nothing", "authorizationpolicy", "allow-nothing"),
		one("mTLS", "peerauthentication", "strict"),
		one("tokens", "requestauthentication", "jwt"),
		one("hostile names", "authorizationpolicy", markup),
	}
}

// everyPolicy has a policy for every place it can be enforced at, and for none.
func everyPolicy() *mesh.Snapshot {
	meta := func(kind, name string) mesh.Meta { return mesh.Meta{Kind: kind, Namespace: "shop", Name: name} }
	service := func(name string) []mesh.TargetRef {
		return []mesh.TargetRef{{Kind: "Service", Name: name, Namespace: "shop"}}
	}
	app := func(name string) *mesh.LabelSelector {
		return &mesh.LabelSelector{MatchLabels: map[string]string{"app": name}}
	}
	accepted := mesh.Conditions{{Type: mesh.ConditionZtunnelAccepted, Status: mesh.ConditionTrue, Reason: "Accepted", Message: "attached to ztunnel", Since: mt.Now}}
	return mt.Mesh(
		shop(), mt.Service("shop", "direct", mt.UseWaypoint(mesh.WaypointNone)),
		mt.Objects(
			&mesh.AuthorizationPolicy{
				Meta: meta("AuthorizationPolicy", "get-only"), Action: "ALLOW", TargetRefs: service("orders"),
				Rules: []mesh.AuthorizationRule{{
					From: []mesh.AuthorizationSource{{Principals: []string{"cluster.local/ns/shop/sa/web"}}, {Namespaces: []string{"billing"}, NotIPBlocks: []string{"192.0.2.0/24"}}},
					To:   []mesh.AuthorizationOperation{{Methods: []string{"GET"}, Paths: []string{"/api/*"}}},
					When: []mesh.AuthorizationCondition{{Key: "request.auth.claims[group]", Values: []string{"staff"}}},
				}},
			},
			&mesh.AuthorizationPolicy{Meta: meta("AuthorizationPolicy", "only-web"), Action: "ALLOW", Selector: app("orders"), Rules: []mesh.AuthorizationRule{{From: []mesh.AuthorizationSource{{Principals: []string{"cluster.local/ns/shop/sa/web"}}}}}, Conditions: accepted},
			&mesh.AuthorizationPolicy{Meta: meta("AuthorizationPolicy", "no-delete"), Action: "DENY", Rules: []mesh.AuthorizationRule{{To: []mesh.AuthorizationOperation{{Methods: []string{"DELETE"}}}}}, Conditions: accepted},
			&mesh.AuthorizationPolicy{Meta: meta("AuthorizationPolicy", "lost"), Action: "ALLOW", TargetRefs: service("direct"), Rules: []mesh.AuthorizationRule{{}}},
			&mesh.AuthorizationPolicy{Meta: meta("AuthorizationPolicy", "dangling"), Action: "ALLOW", TargetRefs: service("gone"), Rules: []mesh.AuthorizationRule{{}}},
			&mesh.AuthorizationPolicy{Meta: meta("AuthorizationPolicy", "nobody"), Action: "ALLOW", Selector: app("nobody"), Rules: []mesh.AuthorizationRule{{}}},
			&mesh.AuthorizationPolicy{Meta: meta("AuthorizationPolicy", "allow-nothing"), Action: "ALLOW"},
			&mesh.AuthorizationPolicy{Meta: meta("AuthorizationPolicy", markup), Action: "ALLOW", Selector: app(quoted), Rules: []mesh.AuthorizationRule{{From: []mesh.AuthorizationSource{{Namespaces: []string{markup}}}}}},
			&mesh.PeerAuthentication{Meta: meta("PeerAuthentication", "strict"), Mode: "STRICT", Selector: app("web"), PortModes: map[uint16]string{9090: "PERMISSIVE"}},
			&mesh.RequestAuthentication{Meta: meta("RequestAuthentication", "jwt"), TargetRefs: service("orders"), Rules: []mesh.JWTRule{{Issuer: "https://issuer.example", Audiences: []string{"shop"}, JWKSURI: "https://issuer.example/keys", FromHeaders: []string{"x-token"}}}},
			&mesh.RequestAuthentication{Meta: meta("RequestAuthentication", "jwt-by-label"), Selector: app("orders"), Rules: []mesh.JWTRule{{Issuer: "https://issuer.example"}}},
		),
	)
}
