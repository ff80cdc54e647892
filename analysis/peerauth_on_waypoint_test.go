package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// peerAuth is a PeerAuthentication of shop.
func peerAuth(name, mode string, change ...func(*mesh.PeerAuthentication)) mt.Part {
	p := &mesh.PeerAuthentication{Meta: mesh.Meta{Kind: "PeerAuthentication", Namespace: "shop", Name: name}, Mode: mode}
	for _, c := range change {
		c(p)
	}
	return mt.Objects(p)
}

func selecting(key, value string) func(*mesh.PeerAuthentication) {
	return func(p *mesh.PeerAuthentication) {
		p.Selector = &mesh.LabelSelector{MatchLabels: map[string]string{key: value}}
	}
}

func onPorts(modes map[uint16]string) func(*mesh.PeerAuthentication) {
	return func(p *mesh.PeerAuthentication) { p.PortModes = modes }
}

func inRoot(p *mesh.PeerAuthentication) { p.Namespace = mt.SystemNamespace }

func TestPeerAuthOnWaypoint(t *testing.T) {
	testCheck(t, "PEERAUTH_ON_WAYPOINT", []checkCase{
		{name: "it selects the waypoint's pods", parts: shop(peerAuth("wp", "STRICT", selecting(mesh.LabelGatewayName, "waypoint"))), want: []string{"info PeerAuthentication shop/wp"}},
		{name: "silent: it selects an application", parts: shop(peerAuth("orders", "STRICT", selecting("app", "orders")))},
		{name: "silent: it selects nothing", parts: shop(peerAuth("gone", "STRICT", selecting("app", "gone")))},
		{name: "silent: no selector", parts: shop(peerAuth("all", "STRICT"))},
	})
}
