package envoy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

func TestExternalAuthorizers(t *testing.T) {
	enabled := func(prefix string) string {
		return `"filter_enabled_metadata":{"filter":"envoy.filters.http.rbac","path":[{"key":"x"}],"value":{"string_match":{"prefix":"` + prefix + `"}}}`
	}
	for _, tt := range []struct {
		words, config string
		want          mesh.EnvoyAuthorizer
	}{
		{"by gRPC", `"grpc_service":{"envoy_grpc":{"cluster_name":"outbound|9000||opa.x"}},` + enabled("istio-ext-authz-opa"), mesh.EnvoyAuthorizer{Provider: "opa", Cluster: "outbound|9000||opa.x", ErrorStatus: 403}},
		{"by HTTP, open when it fails", `"http_service":{"server_uri":{"uri":"http://a","cluster":"c","timeout":"600s"}},"failure_mode_allow":true,` + enabled("istio-ext-authz-a-b"), mesh.EnvoyAuthorizer{Provider: "a-b", Cluster: "c", FailOpen: true, ErrorStatus: 403}},
		{"for every CUSTOM rule", `"grpc_service":{"envoy_grpc":{"cluster_name":"c"}},"status_on_error":{"code":"ServiceUnavailable"},` + enabled("istio-ext-authz"), mesh.EnvoyAuthorizer{Cluster: "c", ErrorStatus: 503}},
		{"with an answer of a later Envoy", `"grpc_service":{"envoy_grpc":{"cluster_name":"c"}},"status_on_error":{"code":"Tired"}`, mesh.EnvoyAuthorizer{Cluster: "c"}},
	} {
		t.Run(tt.words, func(t *testing.T) {
			d := decode(t, listener(`"filter_chains":[{"name":"c","filters":[`+manager(`"http_filters":[`+typed("envoy.extensions.filters.http.ext_authz.v3.ExtAuthz", tt.config)+`]`)+`]}]`))
			if diff := cmp.Diff([]mesh.EnvoyAuthorizer{tt.want}, d.Listeners[0].Chains[0].Authorizers); diff != "" || len(d.Skipped) > 0 {
				t.Errorf("%s, skipped %v", diff, d.Skipped)
			}
		})
	}
}
