package envoy

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

func decode(t *testing.T, sections string) *mesh.EnvoyDump {
	t.Helper()
	d, err := Decode(strings.NewReader(`{"configs":[`+sections+`]}`), mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "waypoint-x"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// listener wraps filter chains into main_internal.
func listener(chains string) string {
	return `{"@type":"type.googleapis.com/envoy.admin.v3.ListenersConfigDump","dynamic_listeners":[{"name":"main_internal","active_state":{"listener":{"name":"main_internal","internal_listener":{},` + chains + `}}}]}`
}

// manager is a chain's HTTP connection manager.
func manager(content string) string {
	return `{"name":"hcm","typed_config":{"@type":"type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",` + content + `}}`
}

func typed(name, content string) string {
	return fmt.Sprintf(`{"name":%q,"typed_config":{"@type":"type.googleapis.com/%s",%s}}`, name, name, content)
}

// route decodes one route in force.
func route(t *testing.T, content string) mesh.EnvoyRoute {
	t.Helper()
	d := decode(t, listener(`"filter_chains":[{"name":"c","filters":[`+manager(`"route_config":{"name":"r","virtual_hosts":[{"name":"v","domains":["*"],"routes":[`+content+`]}]}`)+`]}]`))
	if len(d.Routes) != 1 || len(d.Skipped) > 0 {
		t.Fatalf("routes %+v, skipped %v", d.Routes, d.Skipped)
	}
	return d.Routes[0]
}

func TestVersionsOfTheBootstrap(t *testing.T) {
	tests := []struct{ words, node, version, envoy string }{
		{"a release", `{"metadata":{"ISTIO_VERSION":"1.31.0"},"user_agent_build_version":{"version":{"major_number":1,"minor_number":37,"patch":2}}}`, "1.31.0", "1.37.2"},
		{"a build without a version", `{"metadata":{"ISTIO_VERSION":"unknown"}}`, "", ""},
		{"no node", `{}`, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			d := decode(t, `{"@type":"type.googleapis.com/envoy.admin.v3.BootstrapConfigDump","bootstrap":{"node":`+tt.node+`}}`)
			if d.Version != tt.version || d.EnvoyVersion != tt.envoy {
				t.Errorf("%q on Envoy %q", d.Version, d.EnvoyVersion)
			}
		})
	}
}

func TestEveryVersionOfAListenerIsKept(t *testing.T) {
	d := decode(t, `{"static_listeners":[{"listener":{"address":{"socket_address":{"address":"0.0.0.0","port_value":15021}}}}],"dynamic_listeners":[
		{"name":"a","active_state":{"listener":{"name":"a"}},"draining_state":{"listener":{"name":"a"}},"error_state":{"details":"duplicate address","failed_configuration":{"name":"a"}}},
		{"name":"b","warming_state":{"listener":{"name":"b"}}},
		{"name":"c","error_state":{"details":"bad regex"}}]}`)
	want := []mesh.EnvoyListener{
		{Name: "0.0.0.0:15021", Address: "0.0.0.0:15021", State: mesh.EnvoyStatic},
		{Name: "a", Address: "internal", State: mesh.EnvoyActive, Rejected: "duplicate address"},
		{Name: "a", Address: "internal", State: mesh.EnvoyDraining},
		{Name: "b", Address: "internal", State: mesh.EnvoyWarming},
		{Name: "c", Rejected: "bad regex"},
	}
	if diff := cmp.Diff(want, d.Listeners); diff != "" {
		t.Error(diff)
	}
}

func TestWhatLeadsToAChain(t *testing.T) {
	action := func(chain string) string {
		return `{"action":{"name":"x","typed_config":{"value":"` + chain + `"}}}`
	}
	input := func(kind string) string {
		return `"input":{"name":"n","typed_config":{"@type":"type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.` + kind + `"}}`
	}
	protocols := `{"matcher":{"matcher_tree":{` + input("ApplicationProtocolInput") + `,"exact_match_map":{"map":{"'h2c'":` + action("http") + `}}},"on_no_match":` + action("tcp") + `}}`
	ports := `{"matcher":{"matcher_tree":{` + input("DestinationPortInput") + `,"exact_match_map":{"map":{"80":` + protocols + `}}}}}`
	ip := `{"matcher_tree":{` + input("DestinationIPInput") + `,"custom_match":{"typed_config":{"range_matchers":[
		{"ranges":[{"address_prefix":"10.96.0.1","prefix_len":32},{"address_prefix":"fd00::1","prefix_len":128}],"on_match":` + ports + `},
		{"ranges":[{"address_prefix":"10.0.0.0","prefix_len":8}],"on_match":` + action("tcp") + `}]}}}}`
	d := decode(t, listener(`"filter_chains":[{"name":"http"},{"name":"tcp"},{"name":"none"}],"filter_chain_matcher":`+ip))
	want := map[string]string{
		"http": "to 10.96.0.1, fd00::1, port 80, protocol 'h2c'",
		"tcp":  "to 10.96.0.1, fd00::1, port 80, otherwise; to 10.0.0.0/8",
		"none": "nothing leads here",
	}
	for _, c := range d.Listeners[0].Chains {
		if c.Match != want[c.Name] {
			t.Errorf("%s: %q, want %q", c.Name, c.Match, want[c.Name])
		}
	}
}

func TestChainMatchesOfListenersWithoutATree(t *testing.T) {
	for _, tt := range []struct{ match, want string }{
		{`{}`, "everything"},
		{`{"destination_port":8080,"prefix_ranges":[{"address_prefix":"10.96.0.1","prefix_len":32}],"application_protocols":["h2","http/1.1"],"transport_protocol":"tls"}`, "to 10.96.0.1, port 8080, transport tls, protocol h2, http/1.1"},
	} {
		d := decode(t, listener(`"filter_chains":[{"name":"c","filter_chain_match":`+tt.match+`}]`))
		if got := d.Listeners[0].Chains[0].Match; got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestChainsOfTCPAndTheirRules(t *testing.T) {
	d := decode(t, listener(`"filter_chains":[{"name":"inbound-vip|5432|tcp|db.shop.svc.cluster.local","filters":[`+
		typed("envoy.extensions.filters.network.rbac.v3.RBAC", `"rules":{"action":"DENY","policies":{"ns[shop]-policy[no-batch]-rule[1]":{},"ns[shop]-policy[no-batch]-rule[0]":{}}},"shadow_rules":{"policies":{}},"shadow_rules_stat_prefix":"istio_dry_run_allow_"`)+`,`+
		typed("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy", `"weighted_clusters":{"clusters":[{"name":"a","weight":90},{"name":"b","weight":10}]}`)+`]}]`))
	policy := mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "no-batch"}
	want := mesh.EnvoyChain{
		Name:      "inbound-vip|5432|tcp|db.shop.svc.cluster.local",
		EnvoyName: mesh.EnvoyName{Direction: "inbound-vip", Port: 5432, Protocol: "tcp", Host: "db.shop.svc.cluster.local"},
		Match:     "everything",
		Filters:   []string{"envoy.extensions.filters.network.rbac.v3.RBAC", "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"},
		RBAC: []mesh.EnvoyRBAC{
			{Action: "DENY", Network: true, Policies: []mesh.EnvoyPolicyRule{
				{Policy: policy, Rule: 0, Name: "ns[shop]-policy[no-batch]-rule[0]"},
				{Policy: policy, Rule: 1, Name: "ns[shop]-policy[no-batch]-rule[1]"},
			}},
			{Action: "ALLOW", Network: true, Shadow: true},
		},
		Weighted: []mesh.EnvoyWeightedCluster{{Name: "a", Weight: 90}, {Name: "b", Weight: 10}},
	}
	if diff := cmp.Diff([]mesh.EnvoyChain{want}, d.Listeners[0].Chains); diff != "" {
		t.Error(diff)
	}
}

func TestExternalAuthorizersAreCustomAndNotShadow(t *testing.T) {
	d := decode(t, listener(`"filter_chains":[{"name":"c","filters":[`+manager(`"http_filters":[`+
		typed("envoy.extensions.filters.http.rbac.v3.RBAC", `"shadow_rules":{"action":"DENY","policies":{"istio-ext-authz-my-oidc-ns[shop]-policy[login]-rule[0]":{}}},"shadow_rules_stat_prefix":"istio_ext_authz_"`)+`]`)+`]}]`))
	want := []mesh.EnvoyRBAC{{Action: "CUSTOM", Policies: []mesh.EnvoyPolicyRule{{
		Policy: mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "login"}, Provider: "my-oidc", Name: "istio-ext-authz-my-oidc-ns[shop]-policy[login]-rule[0]",
	}}}}
	if diff := cmp.Diff(want, d.Listeners[0].Chains[0].RBAC); diff != "" {
		t.Error(diff)
	}
}

func TestAllowWithoutRulesIsKeptAndAFilterWithoutRulesIsNot(t *testing.T) {
	d := decode(t, listener(`"filter_chains":[{"name":"c","filters":[`+manager(`"http_filters":[`+
		typed("envoy.extensions.filters.http.rbac.v3.RBAC", `"rules":{}`)+`,`+typed("envoy.extensions.filters.http.rbac.v3.RBAC", `"stat_prefix":"x"`)+`]`)+`]}]`))
	if diff := cmp.Diff([]mesh.EnvoyRBAC{{Action: "ALLOW"}}, d.Listeners[0].Chains[0].RBAC); diff != "" {
		t.Error(diff)
	}
}

func TestNamesOfRules(t *testing.T) {
	policy := func(namespace, name string) mesh.Ref {
		return mesh.Ref{Kind: "AuthorizationPolicy", Namespace: namespace, Name: name}
	}
	for name, want := range map[string]mesh.EnvoyPolicyRule{
		"ns[shop]-policy[a.b]-rule[12]":                            {Policy: policy("shop", "a.b"), Rule: 12},
		"ns[shop]-policy[a]-rule[0]-deny-due-to-bad-CUSTOM-action": {Policy: policy("shop", "a")},
		"istio-ext-authz-p-ns[shop]-policy[a]-rule[1]":             {Policy: policy("shop", "a"), Rule: 1, Provider: "p"},
		"istio-ext-authz-ns[shop]-policy[a]-rule[1]":               {Policy: policy("shop", "a"), Rule: 1},
		"default-deny-all-due-to-bad-CUSTOM-action":                {},
		"ns[shop]-policy[a]-rule[x]":                               {},
		"ns[shop]-policy[a]":                                       {},
		"istio-ext-authz-p":                                        {},
		"":                                                         {},
	} {
		want.Name = name
		if diff := cmp.Diff(want, parseRule(name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestTokensMustComeOrMayStayAway(t *testing.T) {
	for _, tt := range []struct {
		words, requires string
		optional        bool
	}{
		{"one issuer or none", `{"requires_any":{"requirements":[{"provider_name":"origins-0"},{"allow_missing":{}}]}}`, true},
		{"all of several, each or none", `{"requires_all":{"requirements":[{"requires_any":{"requirements":[{"provider_name":"origins-0"},{"allow_missing":{}}]}}]}}`, true},
		{"one issuer", `{"provider_name":"origins-0"}`, false},
	} {
		t.Run(tt.words, func(t *testing.T) {
			d := decode(t, listener(`"filter_chains":[{"name":"c","filters":[`+manager(`"http_filters":[`+
				typed("envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication", `"providers":{"origins-0":{"issuer":"i","audiences":["a"],"local_jwks":{"inline_string":"k"}}},"rules":[{"match":{},"requires":`+tt.requires+`}]`)+`]`)+`]}]`))
			want := []mesh.EnvoyJWTProvider{{Name: "origins-0", Issuer: "i", Audiences: []string{"a"}, Optional: tt.optional}}
			if diff := cmp.Diff(want, d.Listeners[0].Chains[0].JWT); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFiltersNobodyKnowsCostNothingElse(t *testing.T) {
	d := decode(t, listener(`"filter_chains":[{"name":"c","filters":[`+typed("com.example.network.Peer", `"x":1`)+`,`+manager(`"route_config":{"name":"r"},"http_filters":[`+
		typed("com.example.Limiter", `"y":{}`)+`,`+typed("stats.PluginConfig", `"z":{}`)+`,{"name":"bare"},{"name":"later","disabled":true},`+
		`{"name":"rbac","typed_config":{"@type":"type.googleapis.com/xds.type.v3.TypedStruct","type_url":"type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC","value":{"rules":{"action":"DENY"}}}}]`)+`]}]`))
	c := d.Listeners[0].Chains[0]
	if diff := cmp.Diff([]string{"com.example.Limiter", "stats.PluginConfig", "bare", "later (off)", "rbac"}, c.HTTPFilters); diff != "" {
		t.Error(diff)
	}
	if len(c.RBAC) != 1 || c.RBAC[0].Action != "DENY" || c.RouteConfig != "r" {
		t.Errorf("%+v", c)
	}
	want := map[string]int{"filter of type com.example.network.Peer is unknown": 1, "filter of type com.example.Limiter is unknown": 1}
	if diff := cmp.Diff(want, d.Skipped); diff != "" {
		t.Error(diff)
	}
}

func TestOneWrongPartCostsThatPartAndIsCounted(t *testing.T) {
	d := decode(t, `{"@type":"type.googleapis.com/envoy.admin.v9.NewConfigDump","things":[1]},7,`+
		listener(`"filter_chains":[{"name":5},{"name":"c","filters":["text",`+manager(`"route_config":{"name":"r","virtual_hosts":[{"name":"v","domains":[1,"d"],"routes":[{"match":"text"},{"name":"kept"}]}]}`)+`]}]`)+
		`,{"dynamic_active_clusters":[{"cluster":{"name":[]}},{"cluster":{"name":"kept"}}],"static_clusters":{}}`)
	if len(d.Clusters) != 1 || len(d.Routes) != 1 || d.Routes[0].Name != "kept" || d.Routes[0].Domains[0] != "d" {
		t.Errorf("%+v", d)
	}
	want := map[string]int{
		"section envoy.admin.v9.NewConfigDump is unknown": 1, "section is not an object": 1, "filter chain of an unknown shape": 1, "filter of an unknown shape": 1,
		"domain of an unknown shape": 1, "route of an unknown shape": 1, "cluster of an unknown shape": 1, "cluster is not a list": 1,
	}
	if diff := cmp.Diff(want, d.Skipped); diff != "" {
		t.Error(diff)
	}
}

func TestBrokenAnswersAreErrors(t *testing.T) {
	for words, answer := range map[string]string{
		"nothing":              ``,
		"a list":               `[1]`,
		"text":                 `upstream connect error`,
		"cut off in an entry":  `{"configs":[{"static_clusters":[{"cluster":{"name":"a"`,
		"cut off in a list":    `{"configs":[{"static_clusters":[{"cluster":{"name":"a"}}`,
		"cut off at the end":   `{"configs":[{"static_clusters":[]}]`,
		"nested beyond reason": `{"configs":[{"static_clusters":[` + strings.Repeat("[", 100000),
	} {
		if _, err := Decode(strings.NewReader(answer), mesh.Ref{}, time.Time{}); err == nil {
			t.Errorf("%s is decoded", words)
		}
		d := &mesh.EnvoyDump{}
		if err := AddStatus(d, strings.NewReader(strings.NewReplacer("configs", "cluster_statuses").Replace(answer))); err == nil || len(d.Endpoints) > 0 {
			t.Errorf("%s is decoded as status: %v, %+v", words, err, d)
		}
	}
}

// endless repeats a text after a beginning.
type endless struct{ next, repeat string }

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.next)
	if e.next = e.next[n:]; e.next == "" {
		e.next = e.repeat
	}
	return n, nil
}

func TestAnswersWithoutEndAreRefused(t *testing.T) {
	spaces := strings.Repeat(" ", 1<<16)
	for words, source := range map[string]endless{
		"empty entries":                 {`{"configs":[{"static_clusters":[`, strings.Repeat(`{},`, 1<<12)},
		"empty entries within an entry": {`{"configs":[{"static_endpoint_configs":[{"endpoint_config":{"endpoints":[` + strings.Repeat(`{},`, 1<<12) + `{}]}}`, spaces},
		"sections":                      {`{"configs":[`, strings.Repeat(`{"x":1},`, 1<<12)},
		"spaces":                        {`{"configs":[`, spaces},
		"one long text":                 {`{"configs":[{"static_clusters":[{"cluster":{"name":"`, strings.Repeat("a", 1<<16)},
	} {
		w := &walker{size: 1 << 22, left: 1 << 10, skipped: make(map[string]int)}
		if _, err := decodeWithin(w, &source, mesh.Ref{}, time.Time{}); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: got %v", words, err)
		}
	}
}
