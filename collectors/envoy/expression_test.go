package envoy

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

// permission decodes one permission or principal of a rule, with what was
// passed over.
func permission(t *testing.T, content string) (mesh.EnvoyExpression, map[string]int) {
	t.Helper()
	d := decode(t, listener(`"filter_chains":[{"name":"c","filters":[`+manager(`"http_filters":[`+typed("envoy.extensions.filters.http.rbac.v3.RBAC", `"rules":{"policies":{"p":{"permissions":[`+content+`]}}}`)+`]`)+`]}]`))
	return d.Listeners[0].Chains[0].RBAC[0].Policies[0].Permissions[0], d.Skipped
}

func TestExpressionsOfAuthorizationFilters(t *testing.T) {
	type (
		e    = mesh.EnvoyExpression
		text = mesh.EnvoyTextMatch
	)
	exact := func(s string) text { return text{Kind: mesh.EnvoyExact, Text: s} }
	for _, tt := range []struct {
		words, json string
		want        e
	}{
		{"anything", `{"any":true}`, e{Kind: mesh.EnvoyTrue}},
		{"all of permissions", `{"and_rules":{"rules":[{"any":true},{"destination_port":80}]}}`, e{Kind: mesh.EnvoyAnd, Of: []e{{Kind: mesh.EnvoyTrue}, {Kind: mesh.EnvoyPort, Port: 80, EndPort: 81}}}},
		{"one of permissions", `{"or_rules":{"rules":[{"any":true}]}}`, e{Kind: mesh.EnvoyOr, Of: []e{{Kind: mesh.EnvoyTrue}}}},
		{"all of principals", `{"and_ids":{"ids":[{"any":true}]}}`, e{Kind: mesh.EnvoyAnd, Of: []e{{Kind: mesh.EnvoyTrue}}}},
		{"one of principals", `{"or_ids":{"ids":[{"any":true}]}}`, e{Kind: mesh.EnvoyOr, Of: []e{{Kind: mesh.EnvoyTrue}}}},
		{"none of a permission", `{"not_rule":{"any":true}}`, e{Kind: mesh.EnvoyNot, Of: []e{{Kind: mesh.EnvoyTrue}}}},
		{"none of a principal", `{"not_id":{"any":true}}`, e{Kind: mesh.EnvoyNot, Of: []e{{Kind: mesh.EnvoyTrue}}}},
		{"a range of ports", `{"destination_port_range":{"start":80,"end":90}}`, e{Kind: mesh.EnvoyPort, Port: 80, EndPort: 90}},
		{"a method", `{"header":{"name":":method","string_match":{"exact":"GET"}}}`, e{Kind: mesh.EnvoyHeader, Header: &mesh.EnvoyHeaderMatch{Name: ":method", Text: exact("GET")}}},
		{"a header by its old name", `{"header":{"name":"Host","string_match":{"suffix":".a","ignore_case":true}}}`, e{Kind: mesh.EnvoyHeader, Header: &mesh.EnvoyHeaderMatch{Name: ":authority", Text: text{Kind: mesh.EnvoySuffix, Text: ".a", IgnoreCase: true}}}},
		{"a path", `{"url_path":{"path":{"prefix":"/a"}}}`, e{Kind: mesh.EnvoyURLPath, Text: text{Kind: mesh.EnvoyPrefix, Text: "/a"}}},
		{"a template", `{"uri_template":{"name":"uri-template","typed_config":{"path_template":"/a/{*}"}}}`, e{Kind: mesh.EnvoyURLTemplate, Name: "/a/{*}"}},
		{"a server name", `{"requested_server_name":{"exact":"a"}}`, e{Kind: mesh.EnvoyServerName, Text: exact("a")}},
		{"where it goes", `{"destination_ip":{"address_prefix":"10.0.0.9","prefix_len":8}}`, e{Kind: mesh.EnvoyDestination, Block: netip.MustParsePrefix("10.0.0.0/8")}},
		{"where it is from", `{"direct_remote_ip":{"address_prefix":"10.0.0.1","prefix_len":32}}`, e{Kind: mesh.EnvoySource, Block: netip.MustParsePrefix("10.0.0.1/32")}},
		{"where it was from first", `{"remote_ip":{"address_prefix":"fd00::","prefix_len":8}}`, e{Kind: mesh.EnvoyRemote, Block: netip.MustParsePrefix("fd00::/8")}},
		{"everywhere", `{"remote_ip":{"address_prefix":"0.0.0.0"}}`, e{Kind: mesh.EnvoyRemote, Block: netip.MustParsePrefix("0.0.0.0/0")}},
		{"an identity of HBONE", `{"filter_state":{"key":"io.istio.peer_principal","string_match":{"safe_regex":{"regex":".+"}}}}`, e{Kind: mesh.EnvoyPrincipal, Text: text{Kind: mesh.EnvoyRegex, Text: ".+"}}},
		{"an identity of TLS", `{"authenticated":{"principal_name":{"exact":"spiffe://a"}}}`, e{Kind: mesh.EnvoyPrincipal, Text: exact("spiffe://a")}},
		{"any identity of TLS", `{"authenticated":{}}`, e{Kind: mesh.EnvoyPrincipal, Text: text{Kind: mesh.EnvoyAny}}},
		{
			"an issuer", `{"metadata":{"filter":"envoy.filters.http.jwt_authn","path":[{"key":"payload"},{"key":"iss"}],"value":{"string_match":{"exact":"i"}}}}`,
			e{Kind: mesh.EnvoyClaim, Name: "iss", Text: exact("i")},
		},
		{
			"a claim that can be a list", `{"metadata":{"filter":"envoy.filters.http.jwt_authn","path":[{"key":"payload"},{"key":"a"},{"key":"b"}],"value":{"or_match":{"value_matchers":[{"list_match":{"one_of":{"or_match":{"value_matchers":[{"string_match":{"exact":"x"}},{"string_match":{"exact":"y"}}]}}}},{"string_match":{"exact":"x"}}]}},"invert":true}}`,
			e{Kind: mesh.EnvoyNot, Of: []e{{Kind: mesh.EnvoyOr, Of: []e{
				{Kind: mesh.EnvoyOr, Of: []e{{Kind: mesh.EnvoyClaim, Name: "a.b", List: true, Text: exact("x")}, {Kind: mesh.EnvoyClaim, Name: "a.b", List: true, Text: exact("y")}}},
				{Kind: mesh.EnvoyClaim, Name: "a.b", Text: exact("x")},
			}}}},
		},
		{"a claim that is there", `{"metadata":{"filter":"envoy.filters.http.jwt_authn","path":[{"key":"payload"},{"key":"a"}],"value":{"present_match":true}}}`, e{Kind: mesh.EnvoyClaim, Name: "a", Text: text{Kind: mesh.EnvoyAny}}},
		{"a claim compared in a later way", `{"metadata":{"filter":"envoy.filters.http.jwt_authn","path":[{"key":"payload"},{"key":"a"}],"value":{"double_match":{}}}}`, e{Kind: mesh.EnvoyOther, Name: "claim a"}},
		{"what another filter left", `{"metadata":{"filter":"envoy.filters.http.lua","path":[{"key":"a"}],"value":{"present_match":true}}}`, e{Kind: mesh.EnvoyOther, Name: "metadata of envoy.filters.http.lua"}},
		{"a block that is none", `{"direct_remote_ip":{"address_prefix":"10.0.0.1","prefix_len":64}}`, e{Kind: mesh.EnvoyOther, Name: "an address block"}},
	} {
		t.Run(tt.words, func(t *testing.T) {
			got, skipped := permission(t, tt.json)
			if diff := cmp.Diff(tt.want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" || len(skipped) > 0 {
				t.Errorf("%s, skipped %v", diff, skipped)
			}
		})
	}
}

func TestWhatIsUnknownOfARuleIsCountedAndStaysInIt(t *testing.T) {
	for _, tt := range []struct{ words, json, name string }{
		{"a kind of later", `{"weather":{}}`, "weather"},
		{"another filter state", `{"filter_state":{"key":"x","string_match":{"exact":"y"}}}`, "filter_state"},
		{"no kind at all", `{}`, "nothing"},
		{"a kind with a long name", `{"` + strings.Repeat("x", 1000) + `":{}}`, strings.Repeat("x", 60) + "…"},
		{"a text", `"any"`, "an expression of an unknown shape"},
		{"a port that is none", `{"destination_port":"http"}`, "an expression of an unknown shape"},
	} {
		t.Run(tt.words, func(t *testing.T) {
			all, skipped := permission(t, `{"or_rules":{"rules":[{"any":true},`+tt.json+`]}}`)
			if len(all.Of) != 2 || all.Of[1].Kind != mesh.EnvoyOther || all.Of[1].Name != tt.name || len(skipped) != 1 {
				t.Errorf("%+v, skipped %v", all, skipped)
			}
		})
	}
	deep := strings.Repeat(`{"not_rule":`, 20) + `{"any":true}` + strings.Repeat("}", 20)
	e, skipped := permission(t, deep)
	for e.Kind == mesh.EnvoyNot {
		e = e.Of[0]
	}
	if e.Kind != mesh.EnvoyOther || skipped["RBAC expression is nested too deep"] != 1 {
		t.Errorf("%+v, skipped %v", e, skipped)
	}
}

func TestRulesThatCannotBeReadAreNotTakenForNone(t *testing.T) {
	rbac := func(content string) []mesh.EnvoyRBAC {
		return decode(t, listener(`"filter_chains":[{"name":"c","filters":[`+manager(`"http_filters":[`+typed("envoy.extensions.filters.http.rbac.v3.RBAC", content)+`]`)+`]}]`)).Listeners[0].Chains[0].RBAC
	}
	for words, content := range map[string]string{"a matcher": `"matcher":{"matcher_list":{}}`, "rules of another shape": `"rules":["a"]`} {
		if got := rbac(content); len(got) != 1 || got[0].Action != mesh.EnvoyRBACUnread {
			t.Errorf("%s: %+v", words, got)
		}
	}
	got := rbac(`"rules":{"policies":{"a":7,"b":{"permissions":[{"any":true}],"principals":[{"any":true}],"condition":{"call_expr":{}}}}}`)
	a, b := got[0].Policies[0], got[0].Policies[1]
	if a.Permissions[0].Kind != mesh.EnvoyOther || !b.Conditional || b.Principals[0].Kind != mesh.EnvoyTrue {
		t.Errorf("%+v and %+v", a, b)
	}
}

func TestConditionsOfRoutes(t *testing.T) {
	share := 12.5
	for _, tt := range []struct {
		words, json string
		want        mesh.EnvoyRouteMatch
	}{
		{"a path", `"path":"/a","case_sensitive":false`, mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathExact, Path: "/a", IgnoreCase: true}},
		{"a path and below", `"path_separated_prefix":"/a"`, mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathBelow, Path: "/a"}},
		{"a regex", `"safe_regex":{"regex":"/a.*"}`, mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathRegex, Path: "/a.*"}},
		{"a template", `"path_match_policy":{"typed_config":{"path_template":"/{*}"}}`, mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathTemplate, Path: "/{*}"}},
		{"CONNECT", `"connect_matcher":{}`, mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathConnect}},
		{"a kind of later", `"path_moon_phase":{}`, mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathUnknown}},
		{"gRPC", `"prefix":"/","grpc":{}`, mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathPrefix, Path: "/", GRPC: true}},
		{"a share", `"prefix":"/","runtime_fraction":{"default_value":{"numerator":125000,"denominator":"MILLION"}}`, mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathPrefix, Path: "/", Share: &share}},
		{"what nobody can evaluate", `"prefix":"/","dynamic_metadata":[{}],"tls_context":{}`, mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathPrefix, Path: "/", Unknown: []string{"tls_context", "dynamic_metadata"}}},
		{
			"headers", `"prefix":"/","headers":[{"name":"X-A","exact_match":"1"},{"name":"b","invert_match":true},{"name":"c","present_match":false},{"name":"d","range_match":{"start":"1","end":"5"}},{"name":"e","string_match":{"contains":"x"},"invert_match":true,"treat_missing_header_as_empty":true},{"name":"f","range_match":{"end":"99999999999999999999"}}]`,
			mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathPrefix, Path: "/", Headers: []mesh.EnvoyHeaderMatch{
				{Name: "x-a", Text: mesh.EnvoyTextMatch{Kind: mesh.EnvoyExact, Text: "1"}},
				{Name: "b", Absent: true, Text: mesh.EnvoyTextMatch{Kind: mesh.EnvoyAny}},
				{Name: "c", Absent: true, Text: mesh.EnvoyTextMatch{Kind: mesh.EnvoyAny}},
				{Name: "d", Range: &mesh.EnvoyRange{From: 1, To: 5}, Text: mesh.EnvoyTextMatch{Kind: mesh.EnvoyAny}},
				{Name: "e", Invert: true, MissingIsEmpty: true, Text: mesh.EnvoyTextMatch{Kind: mesh.EnvoyContains, Text: "x"}},
				{Name: "f", Text: mesh.EnvoyTextMatch{Kind: mesh.EnvoyUnknown}},
			}},
		},
		{
			"parameters", `"prefix":"/","query_parameters":[{"name":"q","string_match":{"exact":"1"}},{"name":"p","present_match":false},{"name":"o"}]`,
			mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathPrefix, Path: "/", Query: []mesh.EnvoyQueryMatch{
				{Name: "q", Text: mesh.EnvoyTextMatch{Kind: mesh.EnvoyExact, Text: "1"}},
				{Name: "p", Absent: true, Text: mesh.EnvoyTextMatch{Kind: mesh.EnvoyAny}},
				{Name: "o", Text: mesh.EnvoyTextMatch{Kind: mesh.EnvoyAny}},
			}},
		},
	} {
		t.Run(tt.words, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, route(t, `{"match":{`+tt.json+`}}`).Conditions); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatPassesBesidesAValidToken(t *testing.T) {
	for _, tt := range []struct {
		words, requires   string
		optional, lenient bool
	}{
		{"nothing", `{"provider_name":"o"}`, false, false},
		{"no token", `{"requires_any":{"requirements":[{"provider_name":"o"},{"allow_missing":{}}]}}`, true, false},
		{"no token of several issuers", `{"requires_all":{"requirements":[{"requires_any":{"requirements":[{"provider_name":"o"},{"allow_missing":{}}]}}]}}`, true, false},
		{"any token", `{"requires_any":{"requirements":[{"provider_name":"o"},{"allow_missing_or_failed":{}}]}}`, true, true},
	} {
		t.Run(tt.words, func(t *testing.T) {
			d := decode(t, listener(`"filter_chains":[{"name":"c","filters":[`+manager(`"http_filters":[`+typed("envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication", `"providers":{"o":{"issuer":"i"}},"rules":[{"requires":`+tt.requires+`}]`)+`]`)+`]}]`))
			if p := d.Listeners[0].Chains[0].JWT[0]; p.Optional != tt.optional || p.Lenient != tt.lenient {
				t.Errorf("%+v", p)
			}
		})
	}
}
