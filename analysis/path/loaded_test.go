package path_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

const (
	ordersHost  = "orders.shop.svc.cluster.local"
	ordersChain = "inbound-vip|80|http|" + ordersHost
)

// loadedDump is a waypoint with one chain for HTTP and clusters a and b, whose
// routes are as given.
func loadedDump(routes ...mesh.EnvoyRoute) *mesh.EnvoyDump {
	d := &mesh.EnvoyDump{
		Listeners: []mesh.EnvoyListener{{Name: "main_internal", State: mesh.EnvoyActive, Chains: []mesh.EnvoyChain{
			{Name: ordersChain, EnvoyName: mesh.ParseEnvoyName(ordersChain), HTTP: true, NormalizePath: true, EscapedSlashes: "KEEP_UNCHANGED", RouteConfig: ordersChain},
		}}},
		Clusters:  []mesh.EnvoyCluster{loadedCluster("a"), loadedCluster("b")},
		Endpoints: []mesh.EnvoyEndpoint{{Cluster: "a", Address: "10.0.0.1:8080", Health: "HEALTHY"}, {Cluster: "b", Address: "10.0.0.2:8080", Health: "HEALTHY"}},
	}
	for _, r := range routes {
		r.Listener, r.Chain, r.Config = "main_internal", ordersChain, ordersChain
		if r.VirtualHost == "" {
			r.VirtualHost, r.Domains = "inbound|http|80", []string{"*"}
		}
		d.Routes = append(d.Routes, r)
	}
	return d
}

func loadedCluster(name string) mesh.EnvoyCluster {
	return mesh.EnvoyCluster{Name: name, Type: "EDS", State: mesh.EnvoyActive}
}

var anyPath = mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathPrefix, Path: "/"}

// toCluster is a route for what a match takes.
func toCluster(name string, m mesh.EnvoyRouteMatch) mesh.EnvoyRoute {
	return mesh.EnvoyRoute{Conditions: m, Clusters: []mesh.EnvoyWeightedCluster{{Name: name}}, NoClusterStatus: 503}
}

func atPath(kind mesh.EnvoyPathKind, p string) mesh.EnvoyRouteMatch {
	return mesh.EnvoyRouteMatch{PathKind: kind, Path: p}
}

// getItems is GET /api/items to orders.
func getItems(change ...func(*authz.Request)) authz.Call {
	r := authz.Request{Host: "orders", Method: "GET", Path: "/api/items", Headers: map[string]string{"x-team": "blue"}, Token: authz.Token{State: authz.TokenNone}}
	for _, f := range change {
		f(&r)
	}
	return authz.Call{From: authz.Known("cluster.local/ns/shop/sa/web"), Port: 80, Request: &r}
}

// inWords are the ways of a call: "90% a, 10% 503 NO_HEALTHY_ENDPOINT".
func inWords(ways []path.LoadedWay) string {
	var out []string
	for _, w := range ways {
		what := w.Cluster
		switch {
		case w.Unknown != "":
			what = "unknown: " + w.Unknown
		case w.Status > 0 || w.Code != "":
			what = strings.TrimSpace(fmt.Sprintf("%d %s", w.Status, w.Code))
		}
		if w.Delay > 0 {
			what += " after " + w.Delay.String()
		}
		out = append(out, fmt.Sprintf("%g%% %s", w.Share, what))
	}
	return strings.Join(out, ", ")
}

func TestTheFirstLoadedRouteThatMatchesTakesACall(t *testing.T) {
	quarter := 25.0
	header := func(h mesh.EnvoyHeaderMatch) mesh.EnvoyRouteMatch {
		return mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathPrefix, Path: "/", Headers: []mesh.EnvoyHeaderMatch{h}}
	}
	query := func(q mesh.EnvoyQueryMatch) mesh.EnvoyRouteMatch {
		return mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathPrefix, Path: "/", Query: []mesh.EnvoyQueryMatch{q}}
	}
	exactly := func(s string) mesh.EnvoyTextMatch { return mesh.EnvoyTextMatch{Kind: mesh.EnvoyExact, Text: s} }
	anyText := mesh.EnvoyTextMatch{Kind: mesh.EnvoyAny}
	at := func(p string) func(*authz.Request) { return func(r *authz.Request) { r.Path = p } }
	for _, test := range []struct {
		name  string
		match mesh.EnvoyRouteMatch
		call  authz.Call
		want  string // a is the route's cluster, b of the one behind it
	}{
		{"any path", anyPath, getItems(), "100% a"},
		{"a prefix", atPath(mesh.EnvoyPathPrefix, "/api"), getItems(), "100% a"},
		{"another prefix", atPath(mesh.EnvoyPathPrefix, "/apis"), getItems(), "100% b"},
		{"a prefix of characters, not of segments", atPath(mesh.EnvoyPathPrefix, "/api/it"), getItems(), "100% a"},
		{"an exact path", atPath(mesh.EnvoyPathExact, "/api/items"), getItems(at("/api/items?x=1")), "100% a"},
		{"an exact path with a slash too many", atPath(mesh.EnvoyPathExact, "/api/items"), getItems(at("/api/items/")), "100% b"},
		{"a path and below: itself", atPath(mesh.EnvoyPathBelow, "/api/items"), getItems(), "100% a"},
		{"a path and below: below", atPath(mesh.EnvoyPathBelow, "/api"), getItems(), "100% a"},
		{"a path and below: not beside", atPath(mesh.EnvoyPathBelow, "/api/item"), getItems(), "100% b"},
		{"a regex of the whole path", atPath(mesh.EnvoyPathRegex, "/api/[a-z]+"), getItems(), "100% a"},
		{"a regex of a part of the path", atPath(mesh.EnvoyPathRegex, "/api"), getItems(), "100% b"},
		{"a regex nobody can read", atPath(mesh.EnvoyPathRegex, "("), getItems(), "100% unknown: the regular expression (, which cannot be read"},
		{"a template", atPath(mesh.EnvoyPathTemplate, "/*/items"), getItems(), "100% a"},
		{"in any case", mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathPrefix, Path: "/API", IgnoreCase: true}, getItems(), "100% a"},
		{"CONNECT", atPath(mesh.EnvoyPathConnect, ""), getItems(), "100% b"},
		{"a kind of a later release", atPath(mesh.EnvoyPathUnknown, ""), getItems(), "100% unknown: a path match of the waypoint's route that Waylight does not know"},
		{"a path with dots is tidied first", atPath(mesh.EnvoyPathPrefix, "/admin"), getItems(at("/api/../admin")), "100% a"},
		{"a path nobody said", anyPath, getItems(at("")), "100% unknown: the path"},
		{"a method", header(mesh.EnvoyHeaderMatch{Name: ":method", Text: exactly("GET")}), getItems(), "100% a"},
		{"a host", header(mesh.EnvoyHeaderMatch{Name: ":authority", Text: exactly("other")}), getItems(), "100% b"},
		{"a header", header(mesh.EnvoyHeaderMatch{Name: "x-team", Text: exactly("blue")}), getItems(), "100% a"},
		{"a header that is not there", header(mesh.EnvoyHeaderMatch{Name: "x-other", Text: anyText}), getItems(), "100% b"},
		{"a header that must not be there", header(mesh.EnvoyHeaderMatch{Name: "x-other", Text: anyText, Absent: true}), getItems(), "100% a"},
		{"a header that clients add by themselves", header(mesh.EnvoyHeaderMatch{Name: "user-agent", Text: exactly("x")}), getItems(), "100% unknown: header user-agent"},
		{"gRPC", mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathPrefix, Path: "/", GRPC: true}, getItems(func(r *authz.Request) { r.Headers = map[string]string{"content-type": "application/grpc"} }), "100% a"},
		{"a parameter", query(mesh.EnvoyQueryMatch{Name: "q", Text: exactly("a b")}), getItems(at("/?p=1&q=a%20b&q=c")), "100% a"},
		{"a parameter that is not there", query(mesh.EnvoyQueryMatch{Name: "q", Text: anyText}), getItems(), "100% b"},
		{"a parameter that must not be there", query(mesh.EnvoyQueryMatch{Name: "q", Absent: true, Text: anyText}), getItems(), "100% a"},
		{"a part of the requests", mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathPrefix, Path: "/", Share: &quarter}, getItems(), "25% a, 75% b"},
		{"what nobody can evaluate", mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathPrefix, Path: "/", Unknown: []string{"dynamic_metadata"}}, getItems(), "100% unknown: dynamic_metadata of the waypoint's route"},
		{"what nobody can evaluate where the path fails anyway", mesh.EnvoyRouteMatch{PathKind: mesh.EnvoyPathPrefix, Path: "/no", Unknown: []string{"dynamic_metadata"}}, getItems(), "100% b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := path.AtLoadedWaypoint(loadedDump(toCluster("a", test.match), toCluster("b", anyPath)), ordersHost, 80, test.call)
			if words := inWords(got.Ways); words != test.want {
				t.Errorf("%s, want %s", words, test.want)
			}
		})
	}
}

func TestWhatALoadedRouteDoes(t *testing.T) {
	with := func(change func(*mesh.EnvoyRoute)) *mesh.EnvoyDump {
		r := toCluster("a", anyPath)
		change(&r)
		return loadedDump(r)
	}
	weights := func(w ...mesh.EnvoyWeightedCluster) *mesh.EnvoyDump {
		return with(func(r *mesh.EnvoyRoute) { r.Clusters = w })
	}
	cluster := func(change func(*mesh.EnvoyDump)) *mesh.EnvoyDump {
		d := with(func(*mesh.EnvoyRoute) {})
		change(d)
		return d
	}
	fault := func(f mesh.EnvoyFault) *mesh.EnvoyDump { return with(func(r *mesh.EnvoyRoute) { r.Faults = &f }) }
	for _, test := range []struct {
		name string
		dump *mesh.EnvoyDump
		want string
	}{
		{"no route at all", loadedDump(), "100% 404 ROUTE_NOT_FOUND"},
		{"no route for it", loadedDump(toCluster("a", atPath(mesh.EnvoyPathExact, "/no"))), "100% 404 ROUTE_NOT_FOUND"},
		{"one cluster", loadedDump(toCluster("a", anyPath)), "100% a"},
		{"clusters by weight", weights(mesh.EnvoyWeightedCluster{Name: "a", Weight: 90}, mesh.EnvoyWeightedCluster{Name: "b", Weight: 10}), "90% a, 10% b"},
		{"weights that are no hundred", weights(mesh.EnvoyWeightedCluster{Name: "a", Weight: 1}, mesh.EnvoyWeightedCluster{Name: "b", Weight: 3}), "25% a, 75% b"},
		{"a cluster without weight gets nothing", weights(mesh.EnvoyWeightedCluster{Name: "a", Weight: 1}, mesh.EnvoyWeightedCluster{Name: "b"}), "100% a"},
		{"a cluster that is missing", weights(mesh.EnvoyWeightedCluster{Name: "none"}), "100% 503 CLUSTER_NOT_FOUND"},
		{"a cluster that is missing for an HTTPRoute", with(func(r *mesh.EnvoyRoute) { r.NoClusterStatus, r.Clusters[0].Name = 500, "UnknownService" }), "100% 500 CLUSTER_NOT_FOUND"},
		{"a cluster that only warms", cluster(func(d *mesh.EnvoyDump) { d.Clusters[0].State = mesh.EnvoyWarming }), "100% 503 CLUSTER_NOT_FOUND"},
		{"a cluster without endpoints", cluster(func(d *mesh.EnvoyDump) { d.Endpoints = d.Endpoints[1:] }), "100% 503 NO_HEALTHY_ENDPOINT"},
		{"a part of the clusters without endpoints", func() *mesh.EnvoyDump {
			d := weights(mesh.EnvoyWeightedCluster{Name: "a", Weight: 90}, mesh.EnvoyWeightedCluster{Name: "b", Weight: 10})
			d.Endpoints = d.Endpoints[:1]
			return d
		}(), "90% a, 10% 503 NO_HEALTHY_ENDPOINT"},
		{"an endpoint istiod calls unhealthy", cluster(func(d *mesh.EnvoyDump) { d.Endpoints[0].Health = "UNHEALTHY" }), "100% 503 NO_HEALTHY_ENDPOINT"},
		{"an endpoint that outlier detection took out", cluster(func(d *mesh.EnvoyDump) { d.Endpoints[0].Flags = []string{mesh.EnvoyOutlierFlag} }), "100% 503 NO_HEALTHY_ENDPOINT"},
		{"too few that are healthy to be believed", cluster(func(d *mesh.EnvoyDump) {
			d.Endpoints[0].Health, d.Clusters[0].Panic = "UNHEALTHY", 50
		}), "100% a"},
		{"a cluster that finds the address itself", cluster(func(d *mesh.EnvoyDump) { d.Clusters[0].Type, d.Endpoints = "ORIGINAL_DST", nil }), "100% a"},
		{"a cluster of names that DNS has not answered", cluster(func(d *mesh.EnvoyDump) { d.Clusters[0].Type, d.Endpoints = "STRICT_DNS", nil }), "100% unknown: what DNS answered"},
		{"a cluster that a header names", with(func(r *mesh.EnvoyRoute) { r.ClusterHeader = "x-to" }), "100% unknown: where header x-to sends it"},
		{"a redirect", with(func(r *mesh.EnvoyRoute) { r.Redirect, r.RedirectStatus = "302 to host h", 302 }), "100% 302"},
		{"an answer of its own", with(func(r *mesh.EnvoyRoute) { r.DirectResponse = 418 }), "100% 418"},
		{"a fault for some", fault(mesh.EnvoyFault{AbortPercent: 10, AbortStatus: 503}), "10% 503 FAULT_INJECTED, 90% a"},
		{"a fault for all", fault(mesh.EnvoyFault{AbortPercent: 100, AbortStatus: 500}), "100% 500 FAULT_INJECTED"},
		{"a fault of gRPC", fault(mesh.EnvoyFault{AbortPercent: 100, AbortGRPC: 14}), "100% 200 FAULT_INJECTED"},
		{"a delay for some", fault(mesh.EnvoyFault{DelayPercent: 20, Delay: 3 * time.Second}), "20% a after 3s, 80% a"},
		{"delays and faults of some", fault(mesh.EnvoyFault{DelayPercent: 20, Delay: 3 * time.Second, AbortPercent: 50, AbortStatus: 503}), "10% 503 FAULT_INJECTED after 3s, 40% 503 FAULT_INJECTED, 10% a after 3s, 40% a"},
		{"a fault for other requests", fault(mesh.EnvoyFault{AbortPercent: 100, AbortStatus: 500, Headers: []mesh.EnvoyHeaderMatch{{Name: "x-no", Text: mesh.EnvoyTextMatch{Kind: mesh.EnvoyAny}}}}), "100% a"},
		{"a fault the request asks for", fault(mesh.EnvoyFault{Asked: true, AbortPercent: 100}), "100% unknown: what the request asks for by a header"},
		{"a draining route is none", with(func(r *mesh.EnvoyRoute) { r.Draining = true }), "100% 404 ROUTE_NOT_FOUND"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if words := inWords(path.AtLoadedWaypoint(test.dump, ordersHost, 80, getItems()).Ways); words != test.want {
				t.Errorf("%s, want %s", words, test.want)
			}
		})
	}
}

func TestTheChainThatTakesACall(t *testing.T) {
	d := loadedDump(toCluster("a", anyPath))
	if got := path.AtLoadedWaypoint(d, ordersHost, 81, getItems()); got.Chain != nil || len(got.Ways) > 0 {
		t.Errorf("port 81 is not loaded: %+v", got)
	}
	tcp := mesh.EnvoyChain{Name: "inbound-vip|80|tcp|" + ordersHost, EnvoyName: mesh.ParseEnvoyName("inbound-vip|80|tcp|" + ordersHost), Cluster: "b"}
	d.Listeners[0].Chains = append([]mesh.EnvoyChain{tcp}, d.Listeners[0].Chains...)
	if got := path.AtLoadedWaypoint(d, ordersHost, 80, getItems()); inWords(got.Ways) != "100% a" {
		t.Errorf("HTTP: %s", inWords(got.Ways))
	}
	plain := getItems()
	plain.Request = nil
	if got := path.AtLoadedWaypoint(d, ordersHost, 80, plain); inWords(got.Ways) != "100% b" {
		t.Errorf("no HTTP: %s", inWords(got.Ways))
	}
	d.Endpoints = d.Endpoints[:1]
	if got := path.AtLoadedWaypoint(d, ordersHost, 80, plain); inWords(got.Ways) != "100% 0 NO_HEALTHY_ENDPOINT" {
		t.Errorf("no HTTP and no endpoint: %s", inWords(got.Ways))
	}
	d.Listeners[0].State = mesh.EnvoyWarming
	if got := path.AtLoadedWaypoint(d, ordersHost, 80, getItems()); got.Chain != nil {
		t.Errorf("a listener that only warms: %+v", got)
	}
}

func TestTheVirtualHostClosestToTheHost(t *testing.T) {
	host := func(name, cluster string, domains ...string) mesh.EnvoyRoute {
		r := toCluster(cluster, anyPath)
		r.VirtualHost, r.Domains = name, domains
		return r
	}
	d := loadedDump(host("any", "b", "*"), host("shop", "a", "*.shop", "web"))
	for name, want := range map[string]string{"orders.shop": "100% a", "WEB": "100% a", "orders": "100% b", ".shop": "100% b"} {
		got := path.AtLoadedWaypoint(d, ordersHost, 80, getItems(func(r *authz.Request) { r.Host = name }))
		if inWords(got.Ways) != want {
			t.Errorf("%s: %s, want %s", name, inWords(got.Ways), want)
		}
	}
}

func TestACallThatIsRefusedHasNoWays(t *testing.T) {
	d := loadedDump(toCluster("a", anyPath))
	d.Listeners[0].Chains[0].RBAC = []mesh.EnvoyRBAC{{Action: "ALLOW"}}
	got := path.AtLoadedWaypoint(d, ordersHost, 80, getItems())
	if got.Decision.Verdict != authz.Deny || got.Decision.Status != 403 || len(got.Ways) > 0 {
		t.Errorf("%+v", got)
	}
}
