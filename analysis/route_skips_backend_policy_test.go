package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestRouteSkipsBackendPolicy(t *testing.T) {
	ledger := mt.Service("shop", "ledger")
	away := routes(virtualService("orders", 1, to(host("orders"), host("ledger"))))
	token := mt.Objects(&mesh.RequestAuthentication{
		Meta:       mesh.Meta{Kind: "RequestAuthentication", Namespace: "shop", Name: "jwt"},
		TargetRefs: []mesh.TargetRef{{Kind: "Service", Namespace: "shop", Name: "ledger"}},
	})
	other := mt.Parts(mt.Waypoint("shop", "vault"), mt.Service("shop", "ledger", mt.UseWaypoint("vault")))
	idle := mesh.Backend{Host: "ledger", Weight: 0}
	testCheck(t, "ROUTE_SKIPS_BACKEND_POLICY", []checkCase{
		{name: "the backend has an ALLOW of its own", parts: []mt.Part{routed, orders, ledger, away, mt.Objects(allowAt("Service", "shop", "ledger"))}, want: []string{"critical VirtualService shop/orders"}},
		{name: "it has a token rule: an error", parts: []mt.Part{routed, orders, ledger, away, token}, want: []string{"error VirtualService shop/orders"}},
		{name: "it has another waypoint: an error", parts: []mt.Part{routed, orders, other, away}, want: []string{"error VirtualService shop/orders"}},
		{name: "silent: the same waypoint and no policy", parts: []mt.Part{routed, orders, ledger, away}},
		{name: "silent: the backend is the Service itself", parts: []mt.Part{routed, orders, routes(virtualService("orders", 1, to(host("orders")))), mt.Objects(allowAt("Service", "shop", "orders"))}},
		{name: "silent: it gets no share", parts: []mt.Part{routed, orders, ledger, routes(virtualService("orders", 1, to(host("orders"), idle))), mt.Objects(allowAt("Service", "shop", "ledger"))}},
		{name: "silent: the route acts nowhere", parts: []mt.Part{unrouted, orders, ledger, away, mt.Objects(allowAt("Service", "shop", "ledger"))}},
	})
}
