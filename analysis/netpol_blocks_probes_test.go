package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestNetpolBlocksProbes(t *testing.T) {
	probe := func(kind, port string) mt.Option {
		return mt.With(func(w *mesh.Workload) { w.Containers[0].Probes = []mesh.Probe{{Kind: kind, Port: port}} })
	}
	with := func(policy mt.Part, opts ...mt.Option) []mt.Part {
		return []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "orders", append(opts, mt.OnNode("node-a"))...), policy}
	}
	other := mt.Node("node-a", mt.CNI(mt.With(func(w *mesh.Workload) { w.Containers[0].Env = map[string]string{"HOST_PROBE_SNAT_IP": "192.0.2.9"} })))
	fromMesh := peers(onTCP(8080, 15008), "app", "web")
	fires := []string{"warning Deployment shop/orders"}
	testCheck(t, "NETPOL_BLOCKS_PROBES", []checkCase{
		{name: "only pods of the mesh are admitted", parts: with(ingress("orders", fromMesh), probe("httpGet", "8080")), want: fires},
		{name: "a probe of a named port", parts: with(ingress("orders", fromMesh), probe("httpGet", "health"), mt.ContainerPort(8081, "health")), want: fires},
		{name: "the address is admitted on another port", parts: with(ingress("orders", block(onTCP(9090), "169.254.7.127/32")), probe("tcpSocket", "8080")), want: fires},
		{name: "istio-cni uses another address than the one that is admitted", parts: append(with(ingress("orders", block(onTCP(8080), "169.254.7.127/32")), probe("httpGet", "8080")), other), want: fires},
		{name: "silent: the address is admitted", parts: with(ingress("orders", fromMesh, block(onTCP(8080), "169.254.7.127/32")), probe("httpGet", "8080"))},
		{name: "silent: everybody is", parts: with(ingress("orders", onTCP(8080)), probe("httpGet", "8080"))},
		{name: "silent: exec", parts: with(ingress("orders", fromMesh), probe("exec", ""))},
		{name: "silent: no probe", parts: with(ingress("orders", fromMesh))},
		{name: "silent: no policy selects the pod", parts: with(ingress("gone", fromMesh), probe("httpGet", "8080"))},
	})
}
