package envoy

import (
	"bytes"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/waylight/waylight/mesh"
)

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"configs":[` + listener(`"filter_chains":[{"name":"inbound-vip|80|http/v1|h","filter_chain_match":{"destination_port":80},"filters":[`+
		manager(`"route_config":{"name":"r","virtual_hosts":[{"domains":["*"],"routes":[{"match":{"prefix":"/","headers":[{"name":"x","range_match":{"start":"1"}}]},"route":{"weighted_clusters":{"clusters":[{"name":"a","weight":1}]},"timeout":"0.5s"},"typed_per_filter_config":{"f":{"@type":"x/envoy.extensions.filters.http.fault.v3.HTTPFault","delay":{"fixed_delay":"1s"}}}}]}]},"http_filters":[`+
			typed("envoy.extensions.filters.http.rbac.v3.RBAC", `"rules":{"policies":{"ns[a]-policy[b]-rule[0]":{}}}`)+`,`+
			typed("envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication", `"providers":{"o":{"issuer":"i"}},"rules":[{"requires":{"requires_any":{"requirements":[{"allow_missing":{}}]}}}]`)+`]`)+
		`]}],"filter_chain_matcher":{"matcher_tree":{"input":{"name":"ip"},"custom_match":{"typed_config":{"range_matchers":[{"ranges":[{"address_prefix":"10.0.0.1","prefix_len":32}],"on_match":{"matcher":{"on_no_match":{"action":{"name":"c"}}}}}]}}}}`) +
		`,{"dynamic_active_clusters":[{"cluster":{"name":"c","outlier_detection":{},"circuit_breakers":{"thresholds":[{"max_requests":1}]}}}]},` + endpoints +
		`,{"dynamic_active_secrets":[{"secret":{"tls_certificate":{"certificate_chain":{"inline_bytes":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"}}}}]}]}`))
	f.Add([]byte(`{"configs":[` + listener(`"filter_chains":[{"name":"c","filters":[`+manager(`"normalize_path":true,"http_filters":[`+
		typed("envoy.extensions.filters.http.rbac.v3.RBAC", `"rules":{"policies":{"p":{"permissions":[{"and_rules":{"rules":[{"not_rule":{"header":{"name":":method","present_match":true}}},{"url_path":{"path":{"prefix":"/"}}},{"uri_template":{"typed_config":{"path_template":"/*"}}},{"destination_port_range":{"start":1,"end":2}},{"destination_ip":{"address_prefix":"::","prefix_len":1}},{"tomorrow":1}]}}],`+
			`"principals":[{"or_ids":{"ids":[{"filter_state":{"key":"io.istio.peer_principal","string_match":{"safe_regex":{"regex":"."}}}},{"authenticated":{}},{"direct_remote_ip":{"address_prefix":"10.0.0.0","prefix_len":8}},{"metadata":{"filter":"envoy.filters.http.jwt_authn","path":[{"key":"payload"},{"key":"a"}],"value":{"or_match":{"value_matchers":[{"list_match":{"one_of":{"string_match":{"exact":"x"}}}}]}},"invert":true}}]}}],"condition":{}}}}`)+`]`)+`]}]`) + `]}`))
	f.Add([]byte(`{"configs":[{"static_route_configs":[{"route_config":{"virtual_hosts":[{"routes":[{}]}]}}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := Decode(bytes.NewReader(raw), mesh.Ref{}, time.Time{})
		if (d == nil) == (err == nil) {
			t.Fatalf("dump %v with error %v", d, err)
		}
		writable(t, d)
	})
}

func FuzzAddStatus(f *testing.F) {
	f.Add([]byte(`{"cluster_statuses":[{"name":"c","host_statuses":[{"address":{"socket_address":{"address":"10.0.0.1","port_value":1}},"stats":[{"name":"rq_total","value":"1"}],"health_status":{"eds_health_status":"HEALTHY","failed_outlier_check":true}}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d := &mesh.EnvoyDump{}
		if err := AddStatus(d, bytes.NewReader(raw)); err != nil && len(d.Endpoints) > 0 {
			t.Errorf("%d endpoints with error %v", len(d.Endpoints), err)
		}
		writable(t, d)
	})
}

// writable holds that what is no text in an answer, and no time, does not reach
// whoever writes what was decoded.
func writable(t *testing.T, d *mesh.EnvoyDump) {
	t.Helper()
	if _, err := json.Marshal(d, jsonv1.FormatDurationAsNano(true)); err != nil {
		t.Error(err)
	}
}
