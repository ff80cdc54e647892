package path_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// Shapes of routing objects for the tables; each is called after what it adds.

func to(r *mesh.Route, hosts ...string) *mesh.Route { r.Hosts = hosts; return r }

func inNamespace(ns string, r *mesh.Route) *mesh.Route { r.Namespace = ns; return r }

func exportTo(r *mesh.Route, namespaces ...string) *mesh.Route { r.ExportTo = namespaces; return r }

func gateways(r *mesh.Route, names ...string) *mesh.Route { r.Gateways = names; return r }

// httpRoute is a Gateway API route for orders.
func httpRoute(name string, age time.Duration, rules ...mesh.RouteRule) *mesh.Route {
	r := virtualService(name, age, rules...)
	r.Kind, r.Hosts = "HTTPRoute", nil
	r.Parents = []mesh.RouteParent{{Ref: ordersRef}}
	return r
}

func onParentPort(r *mesh.Route, port uint16) *mesh.Route { r.Parents[0].Port = port; return r }

func notAccepted(r *mesh.Route) *mesh.Route {
	r.Parents[0].Status = []mesh.ParentStatus{{Controller: "istio.io/gateway-controller", Conditions: mesh.Conditions{{Type: "Accepted", Status: "False"}}}}
	return r
}

// all is a catch-all rule, under a prefix one with a match.
func all() mesh.RouteRule { return httpRule(subset("v1", 0)) }

func under(prefix string) mesh.RouteRule { return matching(pathPrefix(prefix), all()) }

func tcpRule() mesh.RouteRule { r := all(); r.Protocol = "tcp"; return r }

func where(change func(*mesh.RouteMatch), r mesh.RouteRule) mesh.RouteRule {
	r.Matches = slices.Clone(r.Matches)
	if len(r.Matches) == 0 {
		r.Matches = []mesh.RouteMatch{{}}
	}
	change(&r.Matches[0])
	return r
}

// rulesOf names the rules in order: "object.number", dead ones in brackets.
func rulesOf(r path.Routing) []string {
	var out []string
	for _, rule := range r.Rules {
		text := fmt.Sprintf("%s.%d", rule.Route.Name, rule.Number)
		if rule.Dead {
			text = "(" + text + ")"
		}
		out = append(out, text)
	}
	return out
}

func TestRoutesInTheOrderAWaypointTriesThem(t *testing.T) {
	const old, young = 2 * time.Hour, time.Hour
	for _, test := range []struct {
		name   string
		routes []mesh.Object
		want   []string
	}{
		{"the older object first", []mesh.Object{virtualService("b", young, under("/b")), virtualService("a", old, under("/a"))}, []string{"a.1", "b.1"}},
		{"a catch-all kills what comes behind it", []mesh.Object{virtualService("b", young, under("/b"), all()), virtualService("a", old, under("/a"), all())}, []string{"a.1", "a.2", "(b.1)", "(b.2)"}},
		{"a prefix of / is a catch-all", []mesh.Object{virtualService("a", old, under("/")), virtualService("b", young, under("/b"))}, []string{"a.1", "(b.1)"}},
		{"of one age the name decides", []mesh.Object{virtualService("b", old, under("/b")), virtualService("a", old, under("/a"))}, []string{"a.1", "b.1"}},
		{"each match is a rule of its own", []mesh.Object{virtualService("a", old, mesh.RouteRule{Protocol: "http", Matches: []mesh.RouteMatch{pathPrefix("/x"), pathPrefix("/y")}})}, []string{"a.1", "a.1"}},
		{"a wildcard host counts", []mesh.Object{to(virtualService("a", old, all()), "*.shop.svc.cluster.local")}, []string{"a.1"}},
		{"a short name is of the object's namespace", []mesh.Object{to(virtualService("a", old, all()), "orders")}, []string{"a.1"}},
		{"a short name of another namespace is another host", []mesh.Object{inNamespace("legacy", to(virtualService("a", old, all()), "orders"))}, nil},
		{"a name with one dot is not completed", []mesh.Object{to(virtualService("a", old, all()), "orders.shop")}, nil},
		{"another host does not count", []mesh.Object{to(virtualService("a", old, all()), "web.shop.svc.cluster.local")}, nil},
		{"a third namespace does not count", []mesh.Object{inNamespace("legacy", virtualService("a", old, all()))}, nil},
		{"gateways without mesh do not count", []mesh.Object{gateways(virtualService("a", old, all()), "istio-system/ingress")}, nil},
		{"gateways with mesh do", []mesh.Object{gateways(virtualService("a", old, all()), "istio-system/ingress", "mesh")}, []string{"a.1"}},
		{"private objects come first", []mesh.Object{virtualService("a", old, under("/a")), exportTo(virtualService("b", young, under("/b")), ".")}, []string{"b.1", "a.1"}},
		{"then exported ones, then public ones", []mesh.Object{virtualService("a", old, under("/a")), exportTo(virtualService("b", young, under("/b")), "shop"), exportTo(virtualService("c", young, under("/c")), ".")}, []string{"c.1", "b.1", "a.1"}},
		{"exported elsewhere is hidden", []mesh.Object{exportTo(virtualService("a", old, all()), "payments")}, nil},
		{"Gateway API routes beside the waypoint come before public VirtualServices", []mesh.Object{virtualService("a", old, under("/a")), httpRoute("b", young, under("/b"))}, []string{"b.1", "a.1"}},
		{"a Gateway API catch-all kills the VirtualService", []mesh.Object{virtualService("a", old, under("/a")), httpRoute("b", young, all())}, []string{"b.1", "(a.1)"}},
		{"HTTPRoutes are merged by specificity, not by age", []mesh.Object{httpRoute("a", old, under("/")), httpRoute("b", young, under("/admin"))}, []string{"b.1", "a.1"}},
		{"exact before prefix, prefix before expression, a rule without match last", []mesh.Object{httpRoute("a", old,
			all(), where(regex("/.*"), all()), under("/long/prefix"), where(exact("/x"), all()))}, []string{"a.4", "a.3", "a.2", "a.1"}},
		{"method, then headers, then query decide between equal paths", []mesh.Object{httpRoute("a", old,
			under("/x"), where(query, under("/x")), where(header, under("/x")), where(method, under("/x")))}, []string{"a.4", "a.3", "a.2", "a.1"}},
		{"a parent's other port does not count", []mesh.Object{onParentPort(httpRoute("a", old, all()), 443)}, nil},
		{"a parent's own port does", []mesh.Object{onParentPort(httpRoute("a", old, all()), 80)}, []string{"a.1"}},
		{"a route that is not accepted is left out", []mesh.Object{notAccepted(httpRoute("a", old, all()))}, nil},
		{"sourceLabels drop the match", []mesh.Object{virtualService("a", old, where(sourceLabels, under("/a")), under("/b"))}, []string{"a.2"}},
		{"sourceNamespace is the waypoint's own", []mesh.Object{virtualService("a", old, where(sourceNamespace("shop"), under("/a")), where(sourceNamespace("web"), under("/b")))}, []string{"a.1"}},
		{"sourceNamespace alone is a catch-all where it holds", []mesh.Object{virtualService("a", old, where(sourceNamespace("shop"), all()), all())}, []string{"a.1", "(a.2)"}},
		{"a match on another port never holds", []mesh.Object{virtualService("a", old, where(port(443), under("/a")))}, nil},
		{"a match on this port does", []mesh.Object{virtualService("a", old, where(port(80), under("/a")))}, []string{"a.1"}},
		{"a match on another gateway never holds", []mesh.Object{virtualService("a", old, where(gateway("ingress"), under("/a")))}, nil},
		{"TCP rules do not apply to an HTTP port", []mesh.Object{virtualService("a", old, tcpRule())}, nil},
		{"a delegate stands in the place of its rule", []mesh.Object{virtualService("a", old, delegating("d"), all()), to(virtualService("d", old, under("/d")))}, []string{"d.1", "a.2"}},
		{"a delegate takes the match of its rule", []mesh.Object{virtualService("a", old, where(header, delegating("d")), all()), to(virtualService("d", old, all()))}, []string{"d.1", "a.2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := meshtest.Mesh(append(bareShop(), meshtest.Objects(test.routes...))...)
			got := path.RoutesAt(s, "shop", ordersRef, 80)
			if diff := cmp.Diff(test.want, rulesOf(got)); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
		})
	}
}

func exact(p string) func(*mesh.RouteMatch) {
	return func(m *mesh.RouteMatch) { m.Path = &mesh.StringMatch{Kind: mesh.MatchExact, Value: p} }
}

func regex(p string) func(*mesh.RouteMatch) {
	return func(m *mesh.RouteMatch) { m.Path = &mesh.StringMatch{Kind: mesh.MatchRegex, Value: p} }
}

func header(m *mesh.RouteMatch) { m.Headers = []mesh.NamedMatch{{Name: "x"}} }

func query(m *mesh.RouteMatch) { m.QueryParams = []mesh.NamedMatch{{Name: "x"}} }

func method(m *mesh.RouteMatch) { m.Method = &mesh.StringMatch{Kind: mesh.MatchExact, Value: "GET"} }

func sourceLabels(m *mesh.RouteMatch) { m.SourceLabels = map[string]string{"app": "web"} }

func sourceNamespace(ns string) func(*mesh.RouteMatch) {
	return func(m *mesh.RouteMatch) { m.SourceNamespace = ns }
}

func port(n uint16) func(*mesh.RouteMatch) { return func(m *mesh.RouteMatch) { m.Port = n } }

func gateway(name string) func(*mesh.RouteMatch) {
	return func(m *mesh.RouteMatch) { m.Gateways = []string{name} }
}

func delegating(name string) mesh.RouteRule {
	return mesh.RouteRule{Protocol: "http", Delegate: mesh.Ref{Name: name}}
}

func TestReleasesThatTakeTheFirstObjectOnly(t *testing.T) {
	routes := meshtest.Objects(virtualService("a", 2*time.Hour, under("/a")), virtualService("b", time.Hour, all()))
	for version, want := range map[string]int{
		"1.27.9": 1, "1.28.5": 1, "1.28.6": 2, "1.29.1": 1, "1.29.2": 2, "1.30.0": 2, "1.32-dev": 2, "": 2, "v1.26.0-alpha.1": 1, "2.0": 2, "odd": 2,
	} {
		s := meshtest.Mesh(append(bareShop(), routes, meshtest.Cluster(mesh.ClusterInfo{IstioVersion: version}))...)
		got := path.RoutesAt(s, "shop", ordersRef, 80)
		if len(got.Rules) != want {
			t.Errorf("%q: rules %v, want %d", version, rulesOf(got), want)
		}
		if want == 1 && (len(got.Ignored) != 1 || got.Ignored[0].Route.Name != "b") {
			t.Errorf("%q: ignored %+v, want b", version, got.Ignored)
		}
	}
}

func TestDestinationRuleLookup(t *testing.T) {
	rule := func(ns, name, host string, subsets ...string) *mesh.DestinationRule {
		d := versions(subsets...)
		d.Namespace, d.Name, d.Host = ns, name, host
		return d
	}
	private := func(d *mesh.DestinationRule, to ...string) *mesh.DestinationRule { d.ExportTo = to; return d }
	const host = "orders.shop.svc.cluster.local"
	for _, test := range []struct {
		name  string
		rules []mesh.Object
		found bool // the subset v1
	}{
		{"none", nil, false},
		{"beside the service", []mesh.Object{rule("shop", "a", host, "v1")}, true},
		{"by short name", []mesh.Object{rule("shop", "a", "orders", "v1")}, true},
		{"by wildcard", []mesh.Object{rule("shop", "a", "*.shop.svc.cluster.local", "v1")}, true},
		{"for another host", []mesh.Object{rule("shop", "a", "web", "v1")}, false},
		{"in the root namespace", []mesh.Object{rule("istio-system", "a", host, "v1")}, true},
		{"in a third namespace", []mesh.Object{rule("legacy", "a", host, "v1")}, false},
		{"beside the waypoint", []mesh.Object{rule("infra", "a", host, "v1")}, true},
		{"beside the waypoint hides the one beside the service", []mesh.Object{rule("infra", "a", "*.local", "other"), rule("shop", "b", host, "v1")}, false},
		{"beside the service hides the root's", []mesh.Object{rule("shop", "a", host, "other"), rule("istio-system", "b", host, "v1")}, false},
		{"the exact host beats the wildcard", []mesh.Object{rule("shop", "a", "*.local", "v1"), rule("shop", "b", host, "other")}, false},
		{"the longer wildcard beats the shorter", []mesh.Object{rule("shop", "a", "*.local", "other"), rule("shop", "b", "*.svc.cluster.local", "v1")}, true},
		{"two of one host are merged", []mesh.Object{rule("shop", "a", host, "other"), rule("shop", "b", host, "v1")}, true},
		{"not exported to the waypoint", []mesh.Object{private(rule("shop", "a", host, "v1"), ".")}, false},
		{"exported to the waypoint", []mesh.Object{private(rule("shop", "a", host, "v1"), "infra")}, true},
		{"private beside the waypoint", []mesh.Object{private(rule("infra", "a", host, "v1"), ".")}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			parts := append(without(without(bareShop(), 2), 0),
				meshtest.Namespace("shop", meshtest.Ambient, meshtest.UseWaypointIn("infra", "waypoint")),
				meshtest.Namespace("infra"), meshtest.Waypoint("infra", "waypoint", meshtest.From("All")),
				meshtest.Objects(virtualService("r", time.Hour, all())), meshtest.Objects(test.rules...))
			g := draw(meshtest.Mesh(parts...))
			if (g.Code != "SUBSET_UNDEFINED") != test.found {
				t.Errorf("%s %s %s, want the subset found: %v", g.Verdict, g.Code, g.Summary, test.found)
			}
		})
	}
}

func TestVersionsOfRoutes(t *testing.T) {
	const old = 9e12
	backend := func(name string, weight int32) mesh.Backend {
		return mesh.Backend{Ref: mesh.Ref{Kind: "Service", Namespace: "shop", Name: name}, Port: 80, Weight: weight}
	}
	shares := func(g path.Graph) map[string]float64 {
		out := make(map[string]float64)
		for _, n := range g.Nodes {
			if n.Stage == path.StageVersion {
				out[n.Title] = leg(t, g, "waypoint/shop/waypoint", n.ID).Share
			}
		}
		return out
	}
	other := meshtest.Parts(meshtest.Deployment("shop", "orders-next"), meshtest.Service("shop", "orders-next"))
	for _, test := range []struct {
		name  string
		route *mesh.Route
		want  map[string]float64
		says  string
	}{
		{"no weights share evenly", virtualService("a", old, httpRule(subset("v1", 0), subset("v2", 0))), map[string]float64{"v1": 50, "v2": 50}, ""},
		{"weights need not add up to 100", virtualService("a", old, httpRule(subset("v1", 3), subset("v2", 1))), map[string]float64{"v1": 75, "v2": 25}, ""},
		{"weight 0 gets nothing", virtualService("a", old, httpRule(subset("v1", 100), subset("v2", 0))), map[string]float64{"v1": 100, "v2": 0}, ""},
		{"no subset is all pods", virtualService("a", old, httpRule(mesh.Backend{Host: "orders"})), map[string]float64{"all pods": 100}, ""},
		{"a Gateway API split over services", httpRoute("a", old, httpRule(backend("orders", 90), backend("orders-next", 10))), map[string]float64{"all pods": 90, "orders-next": 10}, ""},
		{"only matches lead there", virtualService("a", old, matching(pathPrefix("/b"), httpRule(subset("v2", 0)))), map[string]float64{"v2": -1}, "ROUTE_NO_DEFAULT"},
		{"a redirect is the waypoint's own answer", virtualService("a", old, redirect("/old"), httpRule(subset("v1", 0))), map[string]float64{"redirect": -1, "v1": 100}, "go to an answer of the waypoint's own"},
		{"a delay is said", virtualService("a", old, delayed()), map[string]float64{"v1": 100}, "FAULT_ACTIVE"},
		{"a mirror is said", virtualService("a", old, mirrored()), map[string]float64{"v1": 100}, "copies 50 % of its requests to orders-next"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := draw(meshtest.Mesh(append(bareShop(), other, meshtest.Objects(test.route, versions()))...))
			if diff := cmp.Diff(test.want, shares(g)); diff != "" {
				t.Errorf("shares (-want +got):\n%s", diff)
			}
			if test.says != "" && !remarked(g, test.says) {
				t.Errorf("remarks = %+v, want %q", g.Remarks, test.says)
			}
			if g.Verdict != path.Reachable {
				t.Errorf("verdict = %s %s %s", g.Verdict, g.Code, g.Summary)
			}
		})
	}
}

func redirect(prefix string) mesh.RouteRule {
	return matching(pathPrefix(prefix), mesh.RouteRule{Protocol: "http", Redirect: &mesh.Redirect{Path: "/new"}})
}

func delayed() mesh.RouteRule {
	r, d := all(), 3*time.Second
	r.Fault = &mesh.Fault{Delay: &d, DelayPercent: 25}
	return r
}

func mirrored() mesh.RouteRule {
	r := all()
	r.Mirrors = []mesh.Backend{{Host: "orders-next", Percent: 50}}
	return r
}

func TestEveryCallAnsweredByTheWaypointIsUnreachable(t *testing.T) {
	direct := mesh.RouteRule{Protocol: "http", DirectResponse: 503}
	g := draw(meshtest.Mesh(append(bareShop(), meshtest.Objects(virtualService("a", 0, direct)))...))
	if g.Verdict != path.Unreachable || !strings.Contains(g.Outcome, "HTTP 503 from the waypoint") {
		t.Errorf("verdict = %s %q", g.Verdict, g.Outcome)
	}
}

func TestARoutesBackendsAreNotJudgedByTheirOwnWaypoint(t *testing.T) {
	next := meshtest.Parts(meshtest.Deployment("shop", "orders-next"), meshtest.Service("shop", "orders-next"))
	g := draw(meshtest.Mesh(append(bareShop(), next, meshtest.Objects(virtualService("a", 0, httpRule(mesh.Backend{Host: "orders-next"}))))...))
	if v := titled(g, path.StageVersion, "orders-next"); len(v) != 1 || !slices.Contains(v[0].Lines, "another service: its own policies and routes are not applied") {
		t.Errorf("versions = %+v", v)
	}
}
