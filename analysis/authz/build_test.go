package authz_test

import (
	"net/netip"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// Short names for the objects tables are made of.
type (
	rule = mesh.AuthorizationRule
	from = mesh.AuthorizationSource
	to   = mesh.AuthorizationOperation
	when = mesh.AuthorizationCondition
)

const (
	web     = "cluster.local/ns/shop/sa/web"
	orders  = "cluster.local/ns/shop/sa/orders"
	ledger  = "cluster.local/ns/payments/sa/ledger"
	foreign = "other.example/ns/shop/sa/web"
)

// authPolicy is a policy of namespace shop for the pods app=orders.
func authPolicy(name, action string, rules ...rule) *mesh.AuthorizationPolicy {
	p := &mesh.AuthorizationPolicy{Action: action, Rules: rules}
	p.Kind, p.Namespace, p.Name = "AuthorizationPolicy", "shop", name
	p.Selector = &mesh.LabelSelector{MatchLabels: map[string]string{"app": "orders"}}
	p.Labels, p.Annotations = map[string]string{}, map[string]string{}
	return p
}

// in moves a policy to a namespace, without a selector.
func in(namespace string, p *mesh.AuthorizationPolicy) *mesh.AuthorizationPolicy {
	p.Namespace, p.Selector = namespace, nil
	return p
}

// targeting turns a policy into one for a waypoint.
func targeting(p *mesh.AuthorizationPolicy, refs ...mesh.TargetRef) *mesh.AuthorizationPolicy {
	p.Selector, p.TargetRefs = nil, refs
	return p
}

func annotated(p *mesh.AuthorizationPolicy, key, value string) *mesh.AuthorizationPolicy {
	p.Annotations[key] = value
	return p
}

var onOrders = mesh.TargetRef{Kind: "Service", Name: "orders"}

// peerAuth is a PeerAuthentication of a namespace; a selector is for app=orders.
func peerAuth(namespace, name, mode string, selector bool, ports map[uint16]string) *mesh.PeerAuthentication {
	p := &mesh.PeerAuthentication{Mode: mode, PortModes: ports}
	p.Kind, p.Namespace, p.Name = "PeerAuthentication", namespace, name
	if selector {
		p.Selector = &mesh.LabelSelector{MatchLabels: map[string]string{"app": "orders"}}
	}
	return p
}

// shop is a mesh with one service behind a waypoint, and whatever else.
func shop(objects ...mesh.Object) *mesh.Snapshot {
	return meshtest.Mesh(shopParts(objects...)...)
}

func shopParts(objects ...mesh.Object) []meshtest.Part {
	return []meshtest.Part{
		meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypoint("waypoint")),
		meshtest.Waypoint("shop", "waypoint"),
		meshtest.Deployment("shop", "orders"),
		meshtest.Service("shop", "orders"),
		meshtest.Objects(objects...),
	}
}

// ztunnel is the hop before the orders pod.
func ztunnel(objects ...mesh.Object) *authz.Hop {
	s := shop(objects...)
	return authz.AtZtunnel(s, s.Workload("shop", "orders-1"))
}

// waypoint is the hop of the shop's waypoint for orders on its HTTP port.
func waypoint(objects ...mesh.Object) *authz.Hop { return waypointAt("http", objects...) }

func waypointAt(portName string, objects ...mesh.Object) *authz.Hop {
	s := shop(objects...)
	return authz.AtWaypoint(s, s.Gateway("shop", "waypoint"), authz.Target{
		Service: mesh.Ref{Kind: "Service", Namespace: "shop", Name: "orders"},
		Port:    mesh.ServicePort{Name: portName, Port: 80, Protocol: "TCP"},
	})
}

// call is one by web from 10.1.1.1 to the pod 10.2.2.2 on 8080.
func call(change ...func(*authz.Call)) authz.Call {
	c := authz.Call{From: authz.Known(web), Port: 8080, Source: netip.MustParseAddr("10.1.1.1"), Destination: netip.MustParseAddr("10.2.2.2")}
	for _, f := range change {
		f(&c)
	}
	return c
}

func as(principal string) func(*authz.Call) {
	return func(c *authz.Call) { c.From = authz.Known(principal) }
}

func plaintext(c *authz.Call) { c.From = authz.NoIdentity }

func stranger(c *authz.Call) { c.From = authz.UnknownIdentity }

func onPort(n uint16) func(*authz.Call) { return func(c *authz.Call) { c.Port = n } }

func source(ip string) func(*authz.Call) {
	return func(c *authz.Call) { c.Source = netip.MustParseAddr(ip) }
}

func unknownSource(c *authz.Call) { c.Source = netip.Addr{} }

func request(r authz.Request) func(*authz.Call) { return func(c *authz.Call) { c.Request = &r } }

func list(s ...string) []string { return s }
