package analysis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// virtualService is one for orders that was made so many hours before now.
func virtualService(name string, hours int, rules ...mesh.RouteRule) *mesh.Route {
	r := &mesh.Route{Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: name}, Hosts: []string{"orders"}, Rules: rules}
	r.Created = mt.Now.Add(-time.Duration(hours) * time.Hour)
	return r
}

func httpRoute(name string, hours int, rules ...mesh.RouteRule) *mesh.Route {
	r := virtualService(name, hours, rules...)
	r.Kind, r.Hosts, r.Parents = "HTTPRoute", nil, []mesh.RouteParent{{Ref: ref("Service", "shop", "orders")}}
	return r
}

// httpRule has one match for each path, and none matches everything.
func httpRule(paths ...mesh.StringMatch) mesh.RouteRule {
	r := mesh.RouteRule{Protocol: "http", Backends: []mesh.Backend{{Host: "orders"}}}
	for i := range paths {
		r.Matches = append(r.Matches, mesh.RouteMatch{Path: &paths[i]})
	}
	return r
}

func prefix(p string) mesh.StringMatch { return mesh.StringMatch{Kind: mesh.MatchPrefix, Value: p} }
func regex(p string) mesh.StringMatch  { return mesh.StringMatch{Kind: mesh.MatchRegex, Value: p} }

func routes(list ...*mesh.Route) mt.Part {
	objects := make([]mesh.Object, 0, len(list))
	for _, r := range list {
		objects = append(objects, r)
	}
	return mt.Objects(objects...)
}

func onPort(port uint16, r mesh.RouteRule) mesh.RouteRule {
	if len(r.Matches) == 0 {
		r.Matches = []mesh.RouteMatch{{}}
	}
	for i := range r.Matches {
		r.Matches[i].Port = port
	}
	return r
}

func TestRouteShadowed(t *testing.T) {
	older := virtualService("older", 2, httpRule(prefix("/api")), httpRule())
	wildcard := virtualService("wildcard", 1, httpRule())
	wildcard.Hosts = []string{"*.shop.svc.cluster.local"}
	tcp := mesh.RouteRule{Protocol: "tcp", Backends: []mesh.Backend{{Host: "orders"}}}
	exported := virtualService("exported", 1, httpRule())
	exported.ExportTo = []string{"shop"}
	elsewhere := virtualService("elsewhere", 1, httpRule())
	elsewhere.Gateways = []string{"ingress"}
	release := func(v string) mt.Part { return mt.Cluster(mesh.ClusterInfo{Name: "test", IstioVersion: v}) }
	twoPorts := []mt.Part{
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint"), mt.Deployment("shop", "orders"),
		mt.Service("shop", "orders", mt.TargetPort(80, "http", "8080"), mt.TargetPort(90, "http-admin", "9090")),
	}
	testCheck(t, "ROUTE_SHADOWED", []checkCase{
		{name: "a younger VirtualService behind a catch-all", parts: shop(routes(older, virtualService("younger", 1, httpRule()))), want: []string{"error VirtualService shop/younger"}},
		{name: "also with a match of its own", parts: shop(routes(older, virtualService("younger", 1, httpRule(prefix("/admin"))))), want: []string{"error VirtualService shop/younger"}},
		{name: "a wildcard host is in the same list", parts: shop(routes(older, wildcard)), want: []string{"error VirtualService shop/wildcard"}},
		{name: "an exported object comes first, whatever its age", parts: shop(routes(older, exported)), want: []string{"error VirtualService shop/older"}},
		{name: "Gateway API routes of the waypoint's namespace come before a public VirtualService", parts: shop(routes(older, httpRoute("route", 1, httpRule()))), want: []string{"error VirtualService shop/older"}},
		{name: "a rule behind a catch-all of its own object", parts: shop(routes(virtualService("one", 1, httpRule(), httpRule(prefix("/api"))))), want: []string{"error VirtualService shop/one"}},
		{name: "the same match twice in merged routes", parts: shop(routes(httpRoute("a", 2, httpRule(prefix("/api"))), httpRoute("b", 1, httpRule(prefix("/api"))))), want: []string{"error HTTPRoute shop/b"}},
		{name: "a regular expression beside / in merged routes", parts: shop(routes(httpRoute("a", 2, httpRule(prefix("/"))), httpRoute("b", 3, httpRule(regex("/v[0-9]+/.*"))))), want: []string{"error HTTPRoute shop/b"}},
		{name: "before 1.28.6 only the first object counts, also without a catch-all", parts: shop(release("1.28.5"), routes(virtualService("a", 2, httpRule(prefix("/api"))), virtualService("b", 1, httpRule(prefix("/admin"))))), want: []string{"error VirtualService shop/b"}},
		{name: "at a TCP port only the first object counts", parts: shop(mt.Deployment("shop", "db"), mt.Service("shop", "db", mt.TargetPort(5432, "tcp", "5432")), routes(dbRoute("a", 2, tcp), dbRoute("b", 1, tcp))), want: []string{"error VirtualService shop/b"}},
		{name: "silent: matches differ, and the catch-all comes last", parts: shop(routes(virtualService("a", 2, httpRule(prefix("/api"))), virtualService("b", 1, httpRule(prefix("/admin")), httpRule())))},
		{name: "silent: /admin beside / in two HTTPRoutes, which are sorted", parts: shop(routes(httpRoute("a", 2, httpRule(prefix("/"))), httpRoute("b", 1, httpRule(prefix("/admin")))))},
		{name: "silent: catch-alls for different ports", parts: append(twoPorts, routes(virtualService("a", 2, onPort(80, httpRule())), virtualService("b", 1, onPort(90, httpRule()))))},
		{name: "silent: another match of the same rule takes the request", parts: shop(routes(virtualService("a", 2, httpRule(prefix("/"), prefix("/api")))))},
		{name: "silent: since 1.28.6 the rules of all objects count", parts: shop(release("1.28.6"), routes(virtualService("a", 2, httpRule(prefix("/api"))), virtualService("b", 1, httpRule(prefix("/admin")))))},
		{name: "silent: the other object is for an ingress gateway", parts: shop(routes(older, elsewhere))},
		{name: "silent: no waypoint is bound", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Service("shop", "orders"), routes(older, virtualService("younger", 1, httpRule()))}},
		{name: "silent: routes may not be read", parts: shop(routes(older, virtualService("younger", 1, httpRule())), mt.Forbidden(mesh.ResourceVirtualServices))},
	})
}

func dbRoute(name string, hours int, rule mesh.RouteRule) *mesh.Route {
	r := virtualService(name, hours, rule)
	r.Hosts = []string{"db"}
	return r
}

func TestRouteShadowedNamesWinnerAndDeadRules(t *testing.T) {
	f := only(t, assess(shop(routes(virtualService("split", 2, httpRule()), virtualService("resilience", 1, httpRule(), httpRule(prefix("/slow")))))...), "ROUTE_SHADOWED")
	if !strings.Contains(f.Summary, "VirtualService shop/split takes them before it") {
		t.Errorf("summary %q", f.Summary)
	}
	for _, want := range []string{"rule 1: behind rule 1 of VirtualService shop/split on port 80", "rule 2: behind rule 1", "VirtualService shop/split metadata.creationTimestamp"} {
		if !strings.Contains(evidenceText(f), want) {
			t.Errorf("evidence lacks %q:\n%s", want, evidenceText(f))
		}
	}
}
