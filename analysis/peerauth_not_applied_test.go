package analysis_test

import "testing"

func TestPeerAuthNotApplied(t *testing.T) {
	strict := func(port uint16) map[uint16]string { return map[uint16]string{port: "STRICT"} }
	testCheck(t, "PEERAUTH_NOT_APPLIED", []checkCase{
		{name: "ports without a selector", parts: shop(peerAuth("ports", "PERMISSIVE", onPorts(strict(8080)))), want: []string{"warning PeerAuthentication shop/ports"}},
		{name: "the Service's port instead of the pod's", parts: shop(peerAuth("ports", "PERMISSIVE", selecting("app", "orders"), onPorts(strict(80)))), want: []string{"error PeerAuthentication shop/ports"}},
		{name: "a selector in the root namespace", parts: shop(peerAuth("orders", "STRICT", inRoot, selecting("app", "orders"))), want: []string{"error PeerAuthentication istio-system/orders"}},
		{name: "silent: the pod's port", parts: shop(peerAuth("ports", "PERMISSIVE", selecting("app", "orders"), onPorts(strict(8080))))},
		{name: "silent: a port that nobody declares may be there", parts: shop(peerAuth("ports", "PERMISSIVE", selecting("app", "orders"), onPorts(strict(9999))))},
		{name: "silent: without ports", parts: shop(peerAuth("all", "STRICT"))},
		{name: "silent: sidecars heed it", parts: withSidecars(peerAuth("ports", "PERMISSIVE", onPorts(strict(8080))))},
	})
}
