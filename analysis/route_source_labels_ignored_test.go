package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestRouteSourceLabelsIgnored(t *testing.T) {
	match := func(m mesh.RouteMatch) mt.Part {
		rule := to(host("orders"))
		rule.Matches = []mesh.RouteMatch{m}
		return routes(virtualService("orders", 1, rule, to(host("orders"))))
	}
	bySource := mesh.RouteMatch{SourceLabels: map[string]string{"app": "web"}}
	fires := []string{"warning VirtualService shop/orders"}
	testCheck(t, "ROUTE_SOURCE_LABELS_IGNORED", []checkCase{
		{name: "sourceLabels", parts: []mt.Part{routed, orders, match(bySource)}, want: fires},
		{name: "sourceNamespace", parts: []mt.Part{routed, orders, match(mesh.RouteMatch{SourceNamespace: "payments"})}, want: fires},
		{name: "silent: a header", parts: []mt.Part{routed, orders, match(mesh.RouteMatch{Headers: []mesh.NamedMatch{{Name: "x-app"}}})}},
		{name: "silent: no waypoint", parts: []mt.Part{unrouted, orders, match(bySource)}},
	})
}
