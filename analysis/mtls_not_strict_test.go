package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestMTLSNotStrict(t *testing.T) {
	want := []string{"warning Mesh"}
	everywhere := peerAuth("mesh", "STRICT", inRoot)
	testCheck(t, "MTLS_NOT_STRICT", []checkCase{
		{name: "nothing says STRICT", parts: shop(), want: want},
		{name: "the namespace says PERMISSIVE", parts: shop(everywhere, peerAuth("all", "PERMISSIVE")), want: want},
		{name: "one workload says PERMISSIVE", parts: shop(everywhere, peerAuth("orders", "PERMISSIVE", selecting("app", "orders"))), want: want},
		{name: "one workload says PERMISSIVE for the port it is called on", parts: shop(everywhere, peerAuth("orders", "STRICT", selecting("app", "orders"), onPorts(map[uint16]string{8080: "PERMISSIVE"}))), want: want},
		{name: "silent: PERMISSIVE for a port nobody calls", parts: shop(everywhere, peerAuth("orders", "STRICT", selecting("app", "orders"), onPorts(map[uint16]string{9999: "PERMISSIVE"})))},
		{name: "silent: the mesh is STRICT", parts: shop(everywhere)},
		{name: "silent: nothing is captured", parts: []mt.Part{mt.Namespace("legacy"), mt.Deployment("legacy", "batch")}},
		{name: "silent: PeerAuthentications may not be read", parts: shop(mt.Forbidden(mesh.ResourcePeerAuthentications))},
	})
}

func TestMTLSNotStrictNamesTheNamespaces(t *testing.T) {
	f := only(t, assess(shop(peerAuth("all", "STRICT"), mt.Namespace("payments", mt.Ambient), mt.Deployment("payments", "ledger"))...), "MTLS_NOT_STRICT")
	if len(f.Affects) != 1 || f.Affects[0] != ref("Namespace", "", "payments") {
		t.Errorf("affects %v", f.Affects)
	}
}
