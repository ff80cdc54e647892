package path_test

import (
	"testing"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// wall isolates the pods of an app for what enters them, but for some rules.
func wall(app string, rules ...mesh.NetworkRule) *mesh.NetworkPolicy {
	p := &mesh.NetworkPolicy{PodSelector: mesh.LabelSelector{MatchLabels: map[string]string{"app": app}}, IsolatesIngress: true, Ingress: rules}
	p.Kind, p.Namespace, p.Name = "NetworkPolicy", "shop", "wall-"+app
	return p
}

// fence isolates them for what leaves.
func fence(app string, rules ...mesh.NetworkRule) *mesh.NetworkPolicy {
	p := wall(app)
	p.Name, p.IsolatesIngress, p.IsolatesEgress, p.Ingress, p.Egress = "fence-"+app, false, true, nil, rules
	return p
}

func open(peers []mesh.NetworkPeer, ports ...uint16) mesh.NetworkRule {
	r := mesh.NetworkRule{Peers: peers}
	for _, p := range ports {
		r.Ports = append(r.Ports, mesh.NetworkPort{Protocol: "TCP", Port: p})
	}
	return r
}

func podsWith(key, value string) []mesh.NetworkPeer {
	return []mesh.NetworkPeer{{PodSelector: &mesh.LabelSelector{MatchLabels: map[string]string{key: value}}}}
}

func TestNetworkPolicies(t *testing.T) {
	waypointPods := podsWith(mesh.LabelGatewayName, "waypoint")
	for _, tt := range []said{
		{name: "the pods admit their port and not HBONE", with: parts(objects(wall("orders", open(nil, 8080)))), want: "Unreachable http 503 NETPOL_BLOCKS_HBONE", hop: path.HopDestinationZtunnel},
		{name: "the pods admit HBONE", with: parts(objects(wall("orders", open(nil, 15008)))), want: "Reachable ok"},
		{name: "the pods admit everything", with: parts(objects(wall("orders", open(nil)))), want: "Reachable ok"},
		{name: "the pods admit a range with HBONE in it", with: parts(objects(wall("orders", mesh.NetworkRule{Ports: []mesh.NetworkPort{{Port: 15000, EndPort: 15010}}}))), want: "Reachable ok"},
		{name: "the pods admit HBONE from web, and it is the waypoint that comes", with: parts(objects(wall("orders", open(podsWith("app", "web"), 15008)))), want: "Unreachable http 503 NETPOL_BLOCKS_HBONE", hop: path.HopDestinationZtunnel},
		{name: "the pods admit HBONE from the waypoint", with: parts(objects(wall("orders", open(waypointPods, 15008)))), want: "Reachable ok"},
		{name: "the pods behind a waypoint admit nothing, and so not the waypoint", with: parts(objects(wall("orders"))), want: "Unreachable http 503 NETPOL_BLOCKS_HBONE", hop: path.HopDestinationZtunnel},
		{name: "two policies of which one admits it", with: parts(objects(wall("orders"), func() *mesh.NetworkPolicy { p := wall("orders", open(nil, 15008)); p.Name = "more"; return p }())), want: "Reachable ok"},
		{name: "a policy for other pods", with: parts(objects(wall("else"))), want: "Reachable ok"},
		{name: "the waypoint does not admit its clients", with: parts(objects(func() *mesh.NetworkPolicy {
			p := wall("x", open(nil, 15021))
			p.PodSelector = mesh.LabelSelector{MatchLabels: map[string]string{mesh.LabelGatewayName: "waypoint"}}
			return p
		}())), want: "Unreachable timeout HBONE_BLOCKED", hop: path.HopWaypoint},
		{name: "the client may send to its port and not by HBONE", with: parts(objects(fence("web", open(nil, 8080)))), want: "Unreachable timeout HBONE_BLOCKED", hop: path.HopWaypoint},
		{name: "to a pod directly, by its port and not by HBONE", with: parts(objects(fence("web", open(nil, 8080)))), to: "shop/orders-v1-1:8080", want: "Unreachable timeout NETPOL_BLOCKS_HBONE", hop: path.HopDestinationZtunnel},
		{name: "a caller outside the mesh does not need HBONE", with: parts(objects(wall("orders", open(nil, 8080)))), from: "legacy/batch-1", want: "Reachable ok"},
		{name: "and is stopped where its port is not admitted", with: parts(objects(wall("orders", open(nil, 15008)))), from: "legacy/batch-1", want: "Unreachable timeout NETWORK_POLICY"},
		{name: "peers are by default those of the policy's namespace", with: parts(objects(wall("orders", open(podsWith("app", "batch"))))), from: "legacy/batch-1", want: "Unreachable timeout NETWORK_POLICY"},
		{name: "or of namespaces by label", with: parts(objects(wall("orders", mesh.NetworkRule{Peers: []mesh.NetworkPeer{{NamespaceSelector: &mesh.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": "legacy"}}}}}))), from: "legacy/batch-1", want: "Reachable ok"},
		{name: "a block of addresses", with: parts(objects(wall("orders", mesh.NetworkRule{Peers: []mesh.NetworkPeer{{CIDR: "10.0.0.0/8"}}}))), from: "legacy/batch-1", want: "Reachable ok"},
		{name: "a block with an exception", with: parts(objects(wall("orders", mesh.NetworkRule{Peers: []mesh.NetworkPeer{{CIDR: "0.0.0.0/0", Except: []string{"10.0.0.0/8"}}}}))), from: "legacy/batch-1", want: "Unreachable timeout NETWORK_POLICY"},
		{name: "egress to an address outside", with: parts(objects(fence("web", open(nil, 8080)))), to: "192.0.2.7:443", want: "Unreachable timeout NETWORK_POLICY"},
		{name: "NetworkPolicies that are not readable leave the answer open", with: parts(meshtest.Forbidden(mesh.ResourceNetworkPolicies)), want: "Undetermined unknown"},
		{name: "but not where something else ends the call", with: parts(meshtest.Forbidden(mesh.ResourceNetworkPolicies), objects(policyIn("shop", "nobody"))), want: "Unreachable http 503 AUTHZ_WAYPOINT_IDENTITY_DENIED"},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.check(t, bare(tt.with...)) })
	}
}
