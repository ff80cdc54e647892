package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestAuthzHTTPOnTCPPort(t *testing.T) {
	ported := func(ports ...mt.Option) []mt.Part {
		return []mt.Part{routed, mt.Waypoint("shop", "waypoint"), mt.Deployment("shop", "orders"), mt.Service("shop", "orders", ports...)}
	}
	http, tls, unknown := mt.Port(80, "http"), mt.Port(443, "tls"), mt.Port(9000, "main")
	with := func(parts []mt.Part, p mt.Part) []mt.Part { return append(parts, p) }
	api := policy("api", "ALLOW", targeting("Service", "orders"), policyRule(byPath))
	limited := mesh.AuthorizationRule{To: []mesh.AuthorizationOperation{{Paths: []string{"/api"}, Ports: []string{"80"}}}}
	onTLS := mesh.AuthorizationRule{To: []mesh.AuthorizationOperation{{Ports: []string{"443"}}}}
	critical := []string{"critical AuthorizationPolicy shop/api"}
	testCheck(t, "AUTHZ_HTTP_ON_TCP_PORT", []checkCase{
		{name: "a path on a Service that has a TLS port too", parts: with(ported(http, tls), api), want: critical},
		{name: "a DENY", parts: with(ported(http, tls), policy("api", "DENY", targeting("Service", "orders"), policyRule(byPath))), want: critical},
		{name: "for the whole waypoint", parts: with(ported(http, tls), policy("api", "ALLOW", targeting("Gateway", "waypoint"), policyRule(byPath))), want: critical},
		{name: "undeclared: a warning", parts: with(ported(unknown), api), want: []string{"warning AuthorizationPolicy shop/api"}},
		{name: "silent: all ports are HTTP", parts: with(ported(http), api)},
		{name: "silent: limited to the HTTP port", parts: with(ported(http, tls), policy("api", "ALLOW", targeting("Service", "orders"), policyRule(limited)))},
		{name: "silent: another rule admits the TLS port", parts: with(ported(http, tls), policy("api", "ALLOW", targeting("Service", "orders"), policyRule(byPath), policyRule(onTLS)))},
		{name: "silent: no HTTP fields", parts: with(ported(tls), policy("api", "ALLOW", targeting("Service", "orders"), policyRule(byAccount)))},
		{name: "silent: no waypoint is bound, which is another finding", parts: []mt.Part{unrouted, mt.Waypoint("shop", "waypoint"), mt.Service("shop", "orders", tls), api}},
	})
}
