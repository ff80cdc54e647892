package path_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

var ordersRef = mesh.Ref{Kind: "Service", Namespace: "shop", Name: "orders"}

// shop is a small mesh in good order: STRICT, only the waypoint may reach the
// pods of shop, web may GET and POST to orders under /api, orders is split
// 90/10 over two versions, and legacy is not in the mesh.
func shop(more ...meshtest.Part) *mesh.Snapshot {
	return meshtest.Mesh(append(shopParts(), more...)...)
}

func shopParts() []meshtest.Part {
	return append(bareShop(), meshtest.Objects(strict(), onlyWaypoint(), ordersL7(), split(), versions()))
}

// bareShop is the shop without its policies and routes.
func bareShop() []meshtest.Part {
	version := func(v, node string) meshtest.Part {
		return meshtest.Deployment("shop", "orders-"+v, meshtest.Label("app", "orders"), meshtest.Label("version", v),
			meshtest.ServiceAccount("orders"), meshtest.OnNode(node))
	}
	return []meshtest.Part{
		meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypoint("waypoint")),
		meshtest.Namespace("legacy"),
		meshtest.Waypoint("shop", "waypoint", meshtest.Replicas(2)),
		meshtest.Deployment("shop", "web", meshtest.OnNode("node-a")),
		version("v1", "node-b"), version("v2", "node-a"),
		meshtest.Service("shop", "orders"),
		meshtest.Deployment("legacy", "batch", meshtest.OnNode("node-a")),
	}
}

func strict() *mesh.PeerAuthentication {
	p := &mesh.PeerAuthentication{Mode: "STRICT"}
	p.Kind, p.Namespace, p.Name = "PeerAuthentication", "istio-system", "default"
	return p
}

func policy(name, action string, rules ...mesh.AuthorizationRule) *mesh.AuthorizationPolicy {
	p := &mesh.AuthorizationPolicy{Action: action, Rules: rules}
	p.Kind, p.Namespace, p.Name = "AuthorizationPolicy", "shop", name
	return p
}

func fromPrincipals(principals ...string) mesh.AuthorizationRule {
	return mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{Principals: principals}}}
}

func onlyWaypoint() *mesh.AuthorizationPolicy {
	return policy("only-via-waypoint", "ALLOW", fromPrincipals("cluster.local/ns/shop/sa/waypoint"))
}

func ordersL7() *mesh.AuthorizationPolicy {
	r := fromPrincipals("cluster.local/ns/shop/sa/web")
	r.To = []mesh.AuthorizationOperation{{Methods: []string{"GET", "POST"}, Paths: []string{"/api/*"}}}
	return atWaypoint(policy("orders-l7", "ALLOW", r))
}

func atWaypoint(p *mesh.AuthorizationPolicy) *mesh.AuthorizationPolicy {
	p.TargetRefs = []mesh.TargetRef{{Kind: "Service", Name: "orders"}}
	return p
}

// virtualService routes orders; age orders it among others.
func virtualService(name string, age time.Duration, rules ...mesh.RouteRule) *mesh.Route {
	r := &mesh.Route{Hosts: []string{"orders.shop.svc.cluster.local"}, Rules: rules}
	r.Kind, r.Namespace, r.Name = "VirtualService", "shop", name
	r.Created = meshtest.Now.Add(-age)
	return r
}

func httpRule(backends ...mesh.Backend) mesh.RouteRule {
	return mesh.RouteRule{Protocol: "http", Backends: backends}
}

func matching(m mesh.RouteMatch, r mesh.RouteRule) mesh.RouteRule {
	r.Matches = []mesh.RouteMatch{m}
	return r
}

func subset(name string, weight int32) mesh.Backend {
	return mesh.Backend{Host: "orders.shop.svc.cluster.local", Subset: name, Weight: weight}
}

func pathPrefix(p string) mesh.RouteMatch {
	return mesh.RouteMatch{Path: &mesh.StringMatch{Kind: mesh.MatchPrefix, Value: p}}
}

func canaryHeader() mesh.RouteMatch {
	return mesh.RouteMatch{Headers: []mesh.NamedMatch{{Name: "x-canary", Match: &mesh.StringMatch{Kind: mesh.MatchExact, Value: "always"}}}}
}

func split() *mesh.Route {
	return virtualService("orders", 2*time.Hour, matching(canaryHeader(), httpRule(subset("v2", 0))), httpRule(subset("v1", 90), subset("v2", 10)))
}

func versions(names ...string) *mesh.DestinationRule {
	d := &mesh.DestinationRule{Host: "orders.shop.svc.cluster.local"}
	d.Kind, d.Namespace, d.Name = "DestinationRule", "shop", "orders"
	if len(names) == 0 {
		names = []string{"v1", "v2"}
	}
	for _, n := range names {
		d.Subsets = append(d.Subsets, mesh.Subset{Name: n, Labels: map[string]string{"version": n}})
	}
	return d
}

func draw(s *mesh.Snapshot) path.Graph { return path.ForService(s, ordersRef, 80, path.Options{}) }

// node finds a node by its ID.
func node(t *testing.T, g path.Graph, id string) path.Node {
	t.Helper()
	for _, n := range g.Nodes {
		if n.ID == id {
			return n
		}
	}
	t.Fatalf("no node %s in %v", id, ids(g))
	return path.Node{}
}

func ids(g path.Graph) []string {
	var out []string
	for _, n := range g.Nodes {
		out = append(out, n.ID)
	}
	return out
}

// titled finds the nodes of a stage by title.
func titled(g path.Graph, stage path.Stage, title string) []path.Node {
	var out []path.Node
	for _, n := range g.Nodes {
		if n.Stage == stage && n.Title == title {
			out = append(out, n)
		}
	}
	return out
}

// leg finds the leg between two nodes whose IDs end so.
func leg(t *testing.T, g path.Graph, from, to string) path.Leg {
	t.Helper()
	i := slices.IndexFunc(g.Legs, func(l path.Leg) bool { return strings.HasSuffix(l.From, from) && strings.HasSuffix(l.To, to) })
	if i < 0 {
		t.Fatalf("no leg %s -> %s in %+v", from, to, g.Legs)
	}
	return g.Legs[i]
}

// remarked tells whether a remark holds all the words.
func remarked(g path.Graph, words ...string) bool {
	return slices.ContainsFunc(g.Remarks, func(r path.Remark) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(r.Code+" "+r.Text, w) })
	})
}
