package kube_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
)

func ref(kind, name string) mesh.Ref { return mesh.Ref{Kind: kind, Namespace: "shop", Name: name} }

func match(kind mesh.MatchKind, value string) *mesh.StringMatch {
	return &mesh.StringMatch{Kind: kind, Value: value}
}

func TestParentsAndTheirStatus(t *testing.T) {
	got := decoded[*mesh.Route](t, object(gatewayAPI, "HTTPRoute", `
spec:
  hostnames: [shop.example]
  parentRefs:
  - {group: "", kind: Service, name: orders}
  - {name: edge, namespace: infra, sectionName: http, port: 80}
status:
  parents:
  - {parentRef: {group: "", kind: Service, name: orders, namespace: shop}, controllerName: istio.io/gateway-controller, conditions: [{type: ResolvedWaypoints, status: "True", message: label missing}]}
  - {parentRef: {group: "", kind: Service, name: orders}, controllerName: other.example/controller}
  - {parentRef: {name: edge, namespace: infra}, controllerName: says-nothing-about-this-section}
`))
	sameButMeta(t, got, &mesh.Route{
		Hosts: []string{"shop.example"},
		Parents: []mesh.RouteParent{
			{Ref: ref("Service", "orders"), Status: []mesh.ParentStatus{
				{Controller: "istio.io/gateway-controller", Conditions: mesh.Conditions{{Type: "ResolvedWaypoints", Status: "True", Message: "label missing"}}},
				{Controller: "other.example/controller"},
			}},
			{Ref: mesh.Ref{Kind: "Gateway", Namespace: "infra", Name: "edge"}, SectionName: "http", Port: 80},
		},
	})
}

func TestHTTPRouteRules(t *testing.T) {
	root := match(mesh.MatchPrefix, "/")
	tests := []struct {
		name, rule string
		want       mesh.RouteRule
	}{
		{"an empty rule", "{}", mesh.RouteRule{}},
		{"an empty match takes every path", "{name: all, matches: [{}]}", mesh.RouteRule{Name: "all", Matches: []mesh.RouteMatch{{Path: root}}}},
		{
			"matches of each kind",
			"{matches: [{path: {value: /a}}, {path: {type: Exact, value: /b}, method: GET}, {path: {type: RegularExpression, value: /c.*}}, {path: {type: Glob, value: /d*}}]}",
			mesh.RouteRule{Matches: []mesh.RouteMatch{
				{Path: match(mesh.MatchPrefix, "/a")},
				{Path: match(mesh.MatchExact, "/b"), Method: match(mesh.MatchExact, "GET")},
				{Path: match(mesh.MatchRegex, "/c.*")},
				{Path: match("Glob", "/d*")},
			}},
		},
		{
			"headers and parameters",
			"{matches: [{headers: [{name: x-env, value: test}, {type: RegularExpression, name: x-user, value: a.*}], queryParams: [{name: debug, value: \"1\"}]}]}",
			mesh.RouteRule{Matches: []mesh.RouteMatch{{
				Path:        root,
				Headers:     []mesh.NamedMatch{{Name: "x-env", Match: match(mesh.MatchExact, "test")}, {Name: "x-user", Match: match(mesh.MatchRegex, "a.*")}},
				QueryParams: []mesh.NamedMatch{{Name: "debug", Match: match(mesh.MatchExact, "1")}},
			}}},
		},
		{
			"backends", "{backendRefs: [{name: v1, port: 80, weight: 90}, {name: v2, namespace: other, port: 81, weight: 0}, {name: v3, port: 82}, {group: networking.istio.io, kind: ServiceEntry, name: ext}, {group: networking.istio.io, kind: Hostname, name: db.example, port: 5432}]}",
			mesh.RouteRule{Backends: []mesh.Backend{
				{Ref: ref("Service", "v1"), Port: 80, Weight: 90},
				{Ref: mesh.Ref{Kind: "Service", Namespace: "other", Name: "v2"}, Port: 81},
				{Ref: ref("Service", "v3"), Port: 82, Weight: 1},
				{Ref: ref("ServiceEntry", "ext"), Weight: 1},
				{Host: "db.example", Port: 5432, Weight: 1},
			}},
		},
		{
			"a rule without any share is answered 500", "{backendRefs: [{name: v1, port: 80, weight: 0}, {name: v2, port: 80, weight: 0}]}",
			mesh.RouteRule{DirectResponse: 500, Backends: []mesh.Backend{{Ref: ref("Service", "v1"), Port: 80}, {Ref: ref("Service", "v2"), Port: 80}}},
		},
		{
			"timeouts and retries", "{timeouts: {request: 2s, backendRequest: 500ms}, retry: {attempts: 3, codes: [500, 503], backoff: 10ms}}",
			mesh.RouteRule{Timeout: new(2 * time.Second), BackendTimeout: new(500 * time.Millisecond), Retry: &mesh.Retry{Attempts: 3, On: "500,503", Backoff: new(10 * time.Millisecond)}},
		},
		{"no timeout at all is a timeout of zero", "{timeouts: {request: 0s}}", mesh.RouteRule{Timeout: new(time.Duration(0))}},
		{
			"headers change without their values", "{filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: authorization, value: Bearer x}], add: [{name: x-a, value: b}], remove: [x-c]}}, {type: ResponseHeaderModifier, responseHeaderModifier: {remove: [server]}}]}",
			mesh.RouteRule{HeaderChanges: []string{"set request header authorization", "add request header x-a", "remove request header x-c", "remove response header server"}},
		},
		{
			"mirrors", "{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: copy, port: 80}}}, {type: RequestMirror, requestMirror: {backendRef: {name: copy}, percent: 5}}, {type: RequestMirror, requestMirror: {backendRef: {name: copy}, fraction: {numerator: 1, denominator: 1000}}}]}",
			mesh.RouteRule{Mirrors: []mesh.Backend{{Ref: ref("Service", "copy"), Port: 80, Percent: 100}, {Ref: ref("Service", "copy"), Percent: 5}, {Ref: ref("Service", "copy"), Percent: 0.1}}},
		},
		{
			"a redirect", "{filters: [{type: RequestRedirect, requestRedirect: {scheme: https, hostname: new.example, port: 443, path: {type: ReplaceFullPath, replaceFullPath: /x}}}]}",
			mesh.RouteRule{Redirect: &mesh.Redirect{Scheme: "https", Host: "new.example", Port: 443, Path: "/x", Status: 302}},
		},
		{
			"a rewrite", "{filters: [{type: URLRewrite, urlRewrite: {hostname: in.example, path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}]}",
			mesh.RouteRule{Rewrite: &mesh.Rewrite{Host: "in.example", Path: "/", PrefixPath: true}},
		},
		{
			"other filters are named", "{filters: [{type: ExtensionRef, extensionRef: {group: g, kind: K, name: ext}}, {type: CORS, cors: {}}], backendRefs: [{name: v1, filters: [{type: RequestHeaderModifier}]}]}",
			mesh.RouteRule{Filters: []string{"RequestHeaderModifier of a backend", "ExtensionRef", "CORS"}, Backends: []mesh.Backend{{Ref: ref("Service", "v1"), Weight: 1}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Protocol = "http"
			if len(tt.want.Backends) == 0 && tt.want.Redirect == nil {
				tt.want.DirectResponse = 500 // a rule that sends nowhere
			}
			got := decoded[*mesh.Route](t, object(gatewayAPI, "HTTPRoute", "spec: {rules: ["+tt.rule+"]}"))
			sameButMeta(t, got, &mesh.Route{Rules: []mesh.RouteRule{tt.want}})
		})
	}
}

func TestGRPCRoute(t *testing.T) {
	got := decoded[*mesh.Route](t, object("gateway.networking.k8s.io/v1alpha2", "GRPCRoute", `
spec:
  rules:
  - name: pay
    matches: [{method: {service: pay.v1.Pay, method: Charge}, headers: [{name: x, value: z}]}, {method: {type: RegularExpression, service: "pay.*"}}, {}]
    filters: [{type: RequestMirror, requestMirror: {backendRef: {name: copy}}}, {type: ExtensionRef}]
    backendRefs: [{name: pay, port: 50051, filters: [{type: RequestHeaderModifier}]}]
`))
	sameButMeta(t, got, &mesh.Route{Rules: []mesh.RouteRule{{
		Name: "pay", Protocol: "http",
		Matches: []mesh.RouteMatch{
			{GRPCService: match(mesh.MatchExact, "pay.v1.Pay"), GRPCMethod: match(mesh.MatchExact, "Charge"), Headers: []mesh.NamedMatch{{Name: "x", Match: match(mesh.MatchExact, "z")}}},
			{GRPCService: match(mesh.MatchRegex, "pay.*")},
			{},
		},
		Mirrors:  []mesh.Backend{{Ref: ref("Service", "copy"), Percent: 100}},
		Backends: []mesh.Backend{{Ref: ref("Service", "pay"), Port: 50051, Weight: 1}},
		Filters:  []string{"RequestHeaderModifier of a backend", "ExtensionRef"},
	}}})
	if got.Kind != "GRPCRoute" {
		t.Errorf("its kind is %s", got.Kind)
	}
}

func TestStreamRoutesOfEveryVersion(t *testing.T) {
	const spec = "spec: {hostnames: [db.example], parentRefs: [{group: \"\", kind: Service, name: db}], rules: [{name: r, backendRefs: [{name: db-1, port: 5432, weight: 3}]}]}"
	rule := mesh.RouteRule{Name: "r", Backends: []mesh.Backend{{Ref: ref("Service", "db-1"), Port: 5432, Weight: 3}}}
	parents := []mesh.RouteParent{{Ref: ref("Service", "db")}}
	for _, version := range []string{"v1", "v1alpha2"} {
		rule.Protocol = "tcp"
		got := decoded[*mesh.Route](t, object("gateway.networking.k8s.io/"+version, "TCPRoute", spec))
		sameButMeta(t, got, &mesh.Route{Parents: parents, Rules: []mesh.RouteRule{rule}})
	}
	for _, version := range []string{"v1", "v1alpha3", "v1alpha2"} {
		rule.Protocol = "tls"
		got := decoded[*mesh.Route](t, object("gateway.networking.k8s.io/"+version, "TLSRoute", spec))
		sameButMeta(t, got, &mesh.Route{Hosts: []string{"db.example"}, Parents: parents, Rules: []mesh.RouteRule{rule}})
	}
}
