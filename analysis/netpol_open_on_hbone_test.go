package analysis_test

import (
	"testing"

	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestNetpolOpenOnHBONE(t *testing.T) {
	with := func(policy mt.Part) []mt.Part {
		return []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "orders"), policy}
	}
	fromWeb := peers(onTCP(8080), "app", "web")
	testCheck(t, "NETPOL_OPEN_ON_HBONE", []checkCase{
		{name: "the port for some, 15008 for all", parts: with(ingress("orders", fromWeb, onTCP(15008))), want: []string{"info Deployment shop/orders"}},
		{name: "silent: both for some", parts: with(ingress("orders", fromWeb, peers(onTCP(15008), "app", "web")))},
		{name: "silent: both for all", parts: with(ingress("orders", onTCP(8080), onTCP(15008)))},
		{name: "silent: 15008 alone is limited by Istio on purpose", parts: with(ingress("orders", onTCP(15008)))},
		{name: "silent: no policy selects the pod", parts: with(ingress("gone", fromWeb, onTCP(15008)))},
	})
}
