package kube_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
)

func TestVirtualService(t *testing.T) {
	for _, version := range []string{"v1", "v1beta1", "v1alpha3"} {
		got := decoded[*mesh.Route](t, object("networking.istio.io/"+version, "VirtualService",
			"spec: {hosts: [orders], gateways: [mesh, infra/edge], exportTo: [.], http: [{route: [{destination: {host: orders}}]}]}"))
		sameButMeta(t, got, &mesh.Route{
			Hosts: []string{"orders"}, Gateways: []string{"mesh", "infra/edge"}, ExportTo: []string{"."},
			Rules: []mesh.RouteRule{{Protocol: "http", Backends: []mesh.Backend{{Host: "orders"}}}},
		})
	}
}

func TestVirtualServiceHTTPRules(t *testing.T) {
	tests := []struct {
		name, rule string
		want       mesh.RouteRule
	}{
		{
			"a split", "{name: split, route: [{destination: {host: orders, subset: v1, port: {number: 80}}, weight: 90}, {destination: {host: orders, subset: v2}, weight: 10, headers: {request: {set: {a: b}}}}]}",
			mesh.RouteRule{Name: "split", Backends: []mesh.Backend{{Host: "orders", Subset: "v1", Port: 80, Weight: 90}, {Host: "orders", Subset: "v2", Weight: 10}}, Filters: []string{"headers of a destination"}},
		},
		{
			"a match with everything",
			`{match: [{name: m, uri: {prefix: /a}, scheme: {exact: https}, method: {regex: "GET|HEAD"}, authority: {exact: a.example}, ignoreUriCase: true, port: 80, sourceLabels: {app: web},
             sourceNamespace: edge, gateways: [mesh], headers: {x-b: {exact: "1"}, x-a: {}, x-c: null}, withoutHeaders: {x-d: {prefix: p}}, queryParams: {q: {exact: ""}}}]}`,
			mesh.RouteRule{Matches: []mesh.RouteMatch{{
				Name: "m", Path: match(mesh.MatchPrefix, "/a"), Scheme: match(mesh.MatchExact, "https"), Method: match(mesh.MatchRegex, "GET|HEAD"), Authority: match(mesh.MatchExact, "a.example"),
				IgnoreURICase: true, Port: 80, SourceLabels: map[string]string{"app": "web"}, SourceNamespace: "edge", Gateways: []string{"mesh"},
				Headers:        []mesh.NamedMatch{{Name: "x-a"}, {Name: "x-b", Match: match(mesh.MatchExact, "1")}, {Name: "x-c"}},
				WithoutHeaders: []mesh.NamedMatch{{Name: "x-d", Match: match(mesh.MatchPrefix, "p")}},
				QueryParams:    []mesh.NamedMatch{{Name: "q", Match: match(mesh.MatchExact, "")}},
			}}},
		},
		{
			"timeout and retries", "{timeout: 2s, retries: {attempts: 2, perTryTimeout: 500ms, retryOn: \"5xx,reset\", backoff: 25ms}}",
			mesh.RouteRule{Timeout: new(2 * time.Second), Retry: &mesh.Retry{Attempts: 2, PerTryTimeout: new(500 * time.Millisecond), On: "5xx,reset", Backoff: new(25 * time.Millisecond)}},
		},
		{"retries turned off", "{retries: {attempts: 0}}", mesh.RouteRule{Retry: &mesh.Retry{}}},
		{
			"a fault", "{fault: {delay: {fixedDelay: 5s, percentage: {value: 0.1}}, abort: {httpStatus: 503, percentage: {value: 50}}}}",
			mesh.RouteRule{Fault: &mesh.Fault{Delay: new(5 * time.Second), DelayPercent: 0.1, AbortStatus: 503, AbortPercent: 50}},
		},
		{
			"a fault without a share hits nothing, and the old way to write one", "{fault: {delay: {fixedDelay: 1s, percent: 20}, abort: {grpcStatus: UNAVAILABLE}}}",
			mesh.RouteRule{Fault: &mesh.Fault{Delay: new(time.Second), DelayPercent: 20, AbortGRPC: "UNAVAILABLE"}},
		},
		{"a mirror takes everything", "{mirror: {host: copy, subset: v2}}", mesh.RouteRule{Mirrors: []mesh.Backend{{Host: "copy", Subset: "v2", Percent: 100}}}},
		{"a mirror with the old share", "{mirror: {host: copy}, mirrorPercent: 5}", mesh.RouteRule{Mirrors: []mesh.Backend{{Host: "copy", Percent: 5}}}},
		{"a mirror of nothing", "{mirror: {host: copy}, mirrorPercentage: {value: 0}}", mesh.RouteRule{Mirrors: []mesh.Backend{{Host: "copy"}}}},
		{
			"several mirrors", "{mirrors: [{destination: {host: a}}, {destination: {host: b, port: {number: 81}}, percentage: {value: 1.5}}]}",
			mesh.RouteRule{Mirrors: []mesh.Backend{{Host: "a", Percent: 100}, {Host: "b", Port: 81, Percent: 1.5}}},
		},
		{"a redirect", "{redirect: {uri: /new, authority: new.example, scheme: https, port: 443}}", mesh.RouteRule{Redirect: &mesh.Redirect{Scheme: "https", Host: "new.example", Path: "/new", Port: 443, Status: 301}}},
		{"a redirect of a prefix", "{redirect: {prefixRewrite: /new, redirectCode: 308}}", mesh.RouteRule{Redirect: &mesh.Redirect{Path: "/new", PrefixPath: true, Status: 308}}},
		{"a rewrite", "{rewrite: {uri: /v2, authority: in.example}}", mesh.RouteRule{Rewrite: &mesh.Rewrite{Host: "in.example", Path: "/v2", PrefixPath: true}}},
		{"a rewrite by expression", "{rewrite: {uriRegexRewrite: {match: a, rewrite: b}}}", mesh.RouteRule{Rewrite: &mesh.Rewrite{}, Filters: []string{"uriRegexRewrite"}}},
		{"an answer of the proxy", "{directResponse: {status: 418, body: {string: teapot}}}", mesh.RouteRule{DirectResponse: 418}},
		{"a delegate here", "{delegate: {name: d}}", mesh.RouteRule{Delegate: ref("VirtualService", "d")}},
		{"a delegate elsewhere", "{delegate: {name: d, namespace: other}}", mesh.RouteRule{Delegate: mesh.Ref{Kind: "VirtualService", Namespace: "other", Name: "d"}}},
		{
			"headers change without their values", "{corsPolicy: {}, headers: {request: {set: {b: secret, a: secret}, remove: [c]}, response: {add: {d: secret}}}}",
			mesh.RouteRule{Filters: []string{"corsPolicy"}, HeaderChanges: []string{"set request header a", "set request header b", "remove request header c", "add response header d"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Protocol = "http"
			got := decoded[*mesh.Route](t, object("networking.istio.io/v1", "VirtualService", "spec: {http: ["+tt.rule+"]}"))
			sameButMeta(t, got, &mesh.Route{Rules: []mesh.RouteRule{tt.want}})
		})
	}
}

func TestVirtualServiceStreams(t *testing.T) {
	got := decoded[*mesh.Route](t, object("networking.istio.io/v1", "VirtualService", `
spec:
  tcp: [{match: [{port: 5432, destinationSubnets: [10.0.0.0/8], sourceLabels: {app: web}, gateways: [mesh], sourceNamespace: edge}], route: [{destination: {host: db}, weight: 100}]}]
  tls: [{match: [{sniHosts: ["*.example"], port: 443}], route: [{destination: {host: out, port: {number: 443}}}]}]
`))
	sameButMeta(t, got, &mesh.Route{Rules: []mesh.RouteRule{
		{Protocol: "tls", Matches: []mesh.RouteMatch{{SNIHosts: []string{"*.example"}, Port: 443}}, Backends: []mesh.Backend{{Host: "out", Port: 443}}},
		{
			Protocol: "tcp",
			Matches:  []mesh.RouteMatch{{Port: 5432, DestinationIPs: []string{"10.0.0.0/8"}, SourceLabels: map[string]string{"app": "web"}, Gateways: []string{"mesh"}, SourceNamespace: "edge"}},
			Backends: []mesh.Backend{{Host: "db", Weight: 100}},
		},
	}})
}
