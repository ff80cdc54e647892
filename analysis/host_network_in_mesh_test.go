package analysis_test

import (
	"testing"

	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestHostNetworkInMesh(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient)
	testCheck(t, "HOST_NETWORK_IN_MESH", []checkCase{
		{name: "an agent in the node's network", parts: []mt.Part{ns, mt.DaemonSet("shop", "agent", mt.HostNetwork)}, want: []string{"info DaemonSet shop/agent"}},
		{name: "silent: an ordinary pod", parts: []mt.Part{ns, mt.Deployment("shop", "web")}},
		{name: "silent: it opts out", parts: []mt.Part{ns, mt.DaemonSet("shop", "agent", mt.HostNetwork, mt.OptedOut)}},
		{name: "silent: the namespace is not in the mesh", parts: []mt.Part{mt.Namespace("legacy"), mt.DaemonSet("legacy", "agent", mt.HostNetwork)}},
		{name: "silent: kube-system", parts: []mt.Part{mt.Namespace("kube-system", mt.Ambient), mt.DaemonSet("kube-system", "proxy", mt.HostNetwork)}},
		{name: "silent: the namespace of Istio", parts: []mt.Part{mt.Namespace(mt.SystemNamespace, mt.Ambient), mt.DaemonSet(mt.SystemNamespace, "agent", mt.HostNetwork)}},
	})
}
