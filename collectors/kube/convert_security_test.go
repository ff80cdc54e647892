package kube_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
)

func TestAuthorizationPolicy(t *testing.T) {
	service := mesh.TargetRef{Kind: "Service", Namespace: "shop", Name: "orders"}
	tests := []struct {
		name, spec string
		want       mesh.AuthorizationPolicy
	}{
		{"nothing at all allows nothing", "{}", mesh.AuthorizationPolicy{Action: "ALLOW"}},
		{"one empty rule matches everything", "{rules: [{}]}", mesh.AuthorizationPolicy{Action: "ALLOW", Rules: []mesh.AuthorizationRule{{}}}},
		{"a null is no rule", "{rules: [null]}", mesh.AuthorizationPolicy{Action: "ALLOW"}},
		{"an empty selector is not an absent one", "{selector: {}}", mesh.AuthorizationPolicy{Action: "ALLOW", Selector: &mesh.LabelSelector{}}},
		{"a selector", "{selector: {matchLabels: {app: web}}, action: DENY}", mesh.AuthorizationPolicy{Action: "DENY", Selector: &mesh.LabelSelector{MatchLabels: map[string]string{"app": "web"}}}},
		{"an unknown action stays as it is written", "{action: PONDER}", mesh.AuthorizationPolicy{Action: "PONDER"}},
		{"a provider", "{action: CUSTOM, provider: {name: opa}}", mesh.AuthorizationPolicy{Action: "CUSTOM", Provider: "opa"}},
		{
			"targets", "{targetRefs: [{kind: Service, name: orders}, {kind: Service, group: core, name: orders}, {group: networking.istio.io, kind: ServiceEntry, name: ext}]}",
			mesh.AuthorizationPolicy{Action: "ALLOW", TargetRefs: []mesh.TargetRef{service, service, {Group: "networking.istio.io", Kind: "ServiceEntry", Namespace: "shop", Name: "ext"}}},
		},
		{"the older single target", "{targetRef: {kind: Service, name: orders}}", mesh.AuthorizationPolicy{Action: "ALLOW", TargetRefs: []mesh.TargetRef{service}}},
		{
			"a rule with everything",
			`{rules: [{
              from: [{source: {principals: [a], notPrincipals: [b], requestPrincipals: [c], notRequestPrincipals: [d], namespaces: [e], notNamespaces: [f], serviceAccounts: [g], notServiceAccounts: [h],
                               ipBlocks: [i], notIpBlocks: [j], remoteIpBlocks: [k], notRemoteIpBlocks: [l], trustDomains: [m], notTrustDomains: [o]}}, {}],
              to: [{operation: {hosts: [a], notHosts: [b], ports: ["80"], notPorts: ["81"], methods: [GET], notMethods: [PUT], paths: [/a], notPaths: [/b]}}],
              when: [{key: source.ip, values: [1.2.3.4]}, {key: "request.headers[x]", notValues: [z]}]}]}`,
			mesh.AuthorizationPolicy{Action: "ALLOW", Rules: []mesh.AuthorizationRule{{
				From: []mesh.AuthorizationSource{{
					Principals: []string{"a"}, NotPrincipals: []string{"b"}, RequestPrincipals: []string{"c"}, NotRequestPrincipals: []string{"d"}, Namespaces: []string{"e"}, NotNamespaces: []string{"f"},
					ServiceAccounts: []string{"g"}, NotServiceAccounts: []string{"h"}, IPBlocks: []string{"i"}, NotIPBlocks: []string{"j"}, RemoteIPBlocks: []string{"k"}, NotRemoteIPBlocks: []string{"l"},
					TrustDomains: []string{"m"}, NotTrustDomains: []string{"o"},
				}, {}},
				To: []mesh.AuthorizationOperation{{
					Hosts: []string{"a"}, NotHosts: []string{"b"}, Ports: []string{"80"}, NotPorts: []string{"81"},
					Methods: []string{"GET"}, NotMethods: []string{"PUT"}, Paths: []string{"/a"}, NotPaths: []string{"/b"},
				}},
				When: []mesh.AuthorizationCondition{{Key: "source.ip", Values: []string{"1.2.3.4"}}, {Key: "request.headers[x]", NotValues: []string{"z"}}},
			}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, version := range []string{"v1", "v1beta1"} {
				got := decoded[*mesh.AuthorizationPolicy](t, object("security.istio.io/"+version, "AuthorizationPolicy", "spec: "+tt.spec))
				sameButMeta(t, got, &tt.want)
				if (got.Selector == nil) != (tt.want.Selector == nil) {
					t.Errorf("selector %v, want %v", got.Selector, tt.want.Selector)
				}
			}
		})
	}
}

func TestGenerationAsNumberOrString(t *testing.T) {
	for text, want := range map[string]int64{`"7"`: 7, `7`: 7, `""`: 0, `null`: 0} {
		got := decoded[*mesh.AuthorizationPolicy](t, object("security.istio.io/v1", "AuthorizationPolicy", "status: {conditions: [{type: ZtunnelAccepted, observedGeneration: "+text+"}]}"))
		if n := got.Conditions[0].ObservedGeneration; n != want {
			t.Errorf("observedGeneration %s is %d, want %d", text, n, want)
		}
	}
}

func TestPeerAuthentication(t *testing.T) {
	tests := []struct {
		name, spec string
		want       mesh.PeerAuthentication
	}{
		{"nothing is unset", "{}", mesh.PeerAuthentication{Mode: "UNSET"}},
		{"strict", "{mtls: {mode: STRICT}}", mesh.PeerAuthentication{Mode: "STRICT"}},
		{
			"by port", "{selector: {matchLabels: {app: web}}, portLevelMtls: {\"8080\": {mode: DISABLE}, \"8081\": {}}}",
			mesh.PeerAuthentication{Mode: "UNSET", Selector: &mesh.LabelSelector{MatchLabels: map[string]string{"app": "web"}}, PortModes: map[uint16]string{8080: "DISABLE", 8081: "UNSET"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sameButMeta(t, decoded[*mesh.PeerAuthentication](t, object("security.istio.io/v1", "PeerAuthentication", "spec: "+tt.spec)), &tt.want)
		})
	}
}

func TestRequestAuthenticationKeepsNoKeys(t *testing.T) {
	got := decoded[*mesh.RequestAuthentication](t, object("security.istio.io/v1", "RequestAuthentication", `
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: waypoint}]
  jwtRules:
  - {issuer: https://id.example, audiences: [shop], jwksUri: "https://id.example/keys", fromHeaders: [{name: x-token, prefix: "Bearer "}], fromParams: [token], fromCookies: [session]}
  - {issuer: local, jwks: '{"keys":[]}'}
`))
	sameButMeta(t, got, &mesh.RequestAuthentication{
		TargetRefs: []mesh.TargetRef{{Group: "gateway.networking.k8s.io", Kind: "Gateway", Namespace: "shop", Name: "waypoint"}},
		Rules: []mesh.JWTRule{
			{Issuer: "https://id.example", Audiences: []string{"shop"}, JWKSURI: "https://id.example/keys", FromHeaders: []string{"x-token"}, FromParams: []string{"token"}, FromCookies: []string{"session"}},
			{Issuer: "local", InlineJWKS: true},
		},
	})
}

func TestTelemetry(t *testing.T) {
	tests := []struct {
		name, spec string
		want       mesh.Telemetry
	}{
		{"says nothing", "{}", mesh.Telemetry{}},
		{
			"access logging", "{accessLogging: [{providers: [{name: envoy}, {name: otel}], match: {mode: SERVER}, filter: {expression: response.code >= 400}}, {disabled: true}]}",
			mesh.Telemetry{AccessLogging: []mesh.AccessLogging{{Providers: []string{"envoy", "otel"}, Mode: "SERVER", Filter: "response.code >= 400"}, {Disabled: true}}},
		},
		{"all metrics off", "{metrics: [{overrides: [{match: {metric: ALL_METRICS}, disabled: true}]}]}", mesh.Telemetry{MetricsDisabled: true}},
		{"all metrics off, without a match", "{metrics: [{overrides: [{disabled: true}]}]}", mesh.Telemetry{MetricsDisabled: true}},
		{"one metric off", "{metrics: [{overrides: [{match: {metric: REQUEST_COUNT}, disabled: true}, {match: {customMetric: mine}, disabled: true}]}]}", mesh.Telemetry{}},
		{"a metric changed", "{metrics: [{overrides: [{match: {metric: ALL_METRICS}, tagOverrides: {a: {operation: REMOVE}}}]}]}", mesh.Telemetry{}},
		{"aimed", "{selector: {matchLabels: {app: web}}, targetRef: {kind: Service, name: web}}", mesh.Telemetry{Selector: &mesh.LabelSelector{MatchLabels: map[string]string{"app": "web"}}, TargetRefs: []mesh.TargetRef{{Kind: "Service", Namespace: "shop", Name: "web"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sameButMeta(t, decoded[*mesh.Telemetry](t, object("telemetry.istio.io/v1alpha1", "Telemetry", "spec: "+tt.spec)), &tt.want)
		})
	}
}

func TestExtensions(t *testing.T) {
	filter := decoded[*mesh.EnvoyFilter](t, object("networking.istio.io/v1alpha3", "EnvoyFilter", `
spec:
  workloadSelector: {labels: {app: web}}
  priority: -10
  configPatches: [{applyTo: HTTP_FILTER, match: {context: SIDECAR_INBOUND}, patch: {operation: MERGE, value: {a: b}}}, {}, {match: {context: YET_TO_COME}}]
`))
	sameButMeta(t, filter, &mesh.EnvoyFilter{
		Selector: &mesh.LabelSelector{MatchLabels: map[string]string{"app": "web"}}, Priority: -10, Contexts: []string{"SIDECAR_INBOUND", "ANY", "YET_TO_COME"},
	})
	plugin := decoded[*mesh.WasmPlugin](t, object("extensions.istio.io/v1alpha1", "WasmPlugin", "spec: {url: oci://registry.example/p, targetRefs: [{kind: Service, name: web}]}"))
	sameButMeta(t, plugin, &mesh.WasmPlugin{URL: "oci://registry.example/p", TargetRefs: []mesh.TargetRef{{Kind: "Service", Namespace: "shop", Name: "web"}}})
	extension := decoded[*mesh.TrafficExtension](t, object("extensions.istio.io/v1alpha1", "TrafficExtension", "spec: {lua: {inlineCode: x}, phase: AUTHN, selector: {matchLabels: {app: web}}}"))
	sameButMeta(t, extension, &mesh.TrafficExtension{Selector: &mesh.LabelSelector{MatchLabels: map[string]string{"app": "web"}}})
}
