package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestNetpolBlocksHBONE(t *testing.T) {
	plain := func(parts ...mt.Part) []mt.Part {
		return append([]mt.Part{mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web"), mt.Deployment("shop", "orders"), mt.Service("shop", "orders")}, parts...)
	}
	waypointPods := func(rules ...mesh.NetworkRule) mt.Part {
		return mt.Objects(&mesh.NetworkPolicy{
			Meta: mesh.Meta{Kind: "NetworkPolicy", Namespace: "shop", Name: "waypoint-in"}, IsolatesIngress: true, Ingress: rules,
			PodSelector: mesh.LabelSelector{MatchLabels: map[string]string{mesh.LabelGatewayName: "waypoint"}},
		})
	}
	fenced := func(rules ...mesh.NetworkRule) mt.Part {
		return mt.Objects(&mesh.NetworkPolicy{
			Meta: mesh.Meta{Kind: "NetworkPolicy", Namespace: "shop", Name: "waypoint-out"}, IsolatesEgress: true, Egress: rules,
			PodSelector: mesh.LabelSelector{MatchLabels: map[string]string{mesh.LabelGatewayName: "waypoint"}},
		})
	}
	ranged := mesh.NetworkRule{Ports: []mesh.NetworkPort{{Protocol: "TCP", Port: 8000, EndPort: 16000}}}
	dns := mesh.NetworkRule{Ports: []mesh.NetworkPort{{Protocol: "UDP", Port: 53}, {Protocol: "TCP", Port: 53}}}
	named := mesh.NetworkRule{Ports: []mesh.NetworkPort{{Protocol: "TCP", Name: "http"}}}
	fires := []string{"critical Deployment shop/orders"}
	testCheck(t, "NETPOL_BLOCKS_HBONE", []checkCase{
		{name: "only the application's port", parts: plain(ingress("orders", peers(onTCP(8080), "app", "web"))), want: fires},
		{name: "from everywhere", parts: plain(ingress("orders", onTCP(8080))), want: fires},
		{name: "by name", parts: plain(ingress("orders", named)), want: fires},
		{name: "behind a waypoint it is the waypoint that must be admitted", parts: shop(ingress("orders", peers(onTCP(8080, 15008), "app", "web"))), want: fires},
		{name: "a waypoint that takes nothing from anybody", parts: shop(waypointPods(peers(onTCP(15008), "app", "gone"))), want: []string{"critical Deployment shop/waypoint"}},
		{name: "what may leave is the application's port alone", parts: plain(egress("web", peers(onTCP(8080), "app", "orders"))), want: []string{"critical Deployment shop/web"}},
		{name: "what may leave is for pods whose waypoint is forgotten", parts: shop(egress("web", peers(onTCP(8080, 15008), "app", "orders"))), want: []string{"critical Deployment shop/web"}},
		{name: "the same by every port", parts: shop(egress("web", peers(mesh.NetworkRule{}, "app", "orders"))), want: []string{"critical Deployment shop/web"}},
		{name: "a waypoint may call istiod and none of the pods behind it", parts: shop(fenced(peers(onTCP(15012), "app", "istiod"), dns)), want: []string{"critical Deployment shop/waypoint"}},
		{name: "silent: the waypoint may be called beside them", parts: shop(egress("web", peers(onTCP(8080, 15008), "app", "orders"), peers(onTCP(15008), mesh.LabelGatewayName, "waypoint")))},
		{name: "silent: the whole namespace may be called, the waypoint with it", parts: shop(egress("web", mesh.NetworkRule{Peers: []mesh.NetworkPeer{{PodSelector: &mesh.LabelSelector{}}}}))},
		{name: "silent: a waypoint may call the pods behind it by HBONE", parts: shop(fenced(onTCP(15008)))},
		{name: "silent: 15008 beside it", parts: plain(ingress("orders", peers(onTCP(8080, 15008), "app", "web")))},
		{name: "silent: another policy admits 15008", parts: plain(ingress("orders", peers(onTCP(8080), "app", "web"), peers(onTCP(15008), "app", "web")))},
		{name: "silent: a rule without ports", parts: plain(ingress("orders", peers(mesh.NetworkRule{}, "app", "web")))},
		{name: "silent: a range that holds it", parts: plain(ingress("orders", ranged))},
		{name: "silent: the waypoint is admitted", parts: shop(ingress("orders", peers(onTCP(15008), mesh.LabelGatewayName, "waypoint")))},
		{name: "silent: nothing is admitted, which is meant", parts: plain(ingress("orders"))},
		{name: "silent: the peer is not in the mesh", parts: plain(mt.Deployment("shop", "old", mt.OptedOut, mt.NotCaptured), ingress("orders", peers(onTCP(8080), "app", "old")))},
		{name: "silent: the pod is not captured", parts: []mt.Part{mt.Namespace("shop"), mt.Deployment("shop", "orders"), ingress("orders", onTCP(8080))}},
		{name: "silent: names may be asked for", parts: plain(egress("web", dns))},
		{name: "silent: no policy selects the pod", parts: plain(ingress("gone", onTCP(8080)))},
		{name: "silent: NetworkPolicies may not be read", parts: plain(ingress("orders", onTCP(8080)), mt.Forbidden(mesh.ResourceNetworkPolicies))},
	})
}
