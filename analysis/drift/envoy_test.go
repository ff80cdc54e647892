package drift_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/drift"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestListenersOfAWaypoint(t *testing.T) {
	foreign := "inbound-vip|80|http|batch.legacy.svc.cluster.local"
	has := func(name string) func(*mesh.EnvoyDump) {
		return func(d *mesh.EnvoyDump) {
			d.Listeners[0].Chains = append(d.Listeners[0].Chains, mesh.EnvoyChain{Name: name, EnvoyName: mesh.ParseEnvoyName(name)})
		}
	}
	noWeb := lacksChain(webHTTP)
	unknownWeb := []string{"unknown: listener Service shop/web, port 80: HTTP | "}
	testEnvoy(t, []envoyCase{
		{name: "it has what it was sent"},
		{name: "a port that is bound is not served", broken: noWeb, want: []string{"differs: listener Service shop/web, port 80: HTTP | "}},
		{name: "a port is served that is not bound", broken: has(foreign), want: []string{"differs: listener Service legacy/batch, port 80:  | HTTP"}},
		{name: "a port is served that nobody has", broken: has("inbound-vip|81|tcp|ghost.shop.svc.cluster.local"), want: []string{"differs: listener Service shop/ghost, port 81:  | TCP"}},
		{name: "a port is taken for TCP that is declared HTTP", broken: func(d *mesh.EnvoyDump) {
			c := chain(d, webHTTP)
			c.Name, c.EnvoyName = "inbound-vip|80|tcp|web.shop.svc.cluster.local", mesh.ParseEnvoyName("inbound-vip|80|tcp|web.shop.svc.cluster.local")
		}, want: []string{"differs: listener Service shop/web, port 80: HTTP | TCP"}},
		{name: "it refuses the newest listener", broken: func(d *mesh.EnvoyDump) { d.Listeners[0].Rejected = "no such filter" }, want: []string{
			"differs: listener Gateway shop/waypoint, main_internal: the newest version | an older one, since it refuses the newest: no such filter",
		}},
		{name: "settling: a Service that came 30 s ago is not served", parts: []mt.Part{mt.Service("shop", "new", mt.Age(30*time.Second))}, want: []string{"settling: listener Service shop/new, port 80: HTTP | "}},
		{name: "settling: a Service that lost its label 30 s ago is served", parts: []mt.Part{mt.Service("legacy", "old", mt.ChangedBy("kubectl", 30*time.Second))}, broken: has("inbound-vip|80|http|old.legacy.svc.cluster.local"), want: []string{
			"settling: listener Service legacy/old, port 80:  | HTTP",
		}},
		{name: "silent: a headless Service has no address to be served at", parts: []mt.Part{mt.Service("shop", "db", mt.Headless)}},
		{name: "silent: UDP goes by no waypoint", parts: []mt.Part{mt.Service("shop", "dns", mt.With(func(s *mesh.Service) {
			s.Ports = []mesh.ServicePort{{Name: "dns", Port: 53, Protocol: "UDP"}}
		}))}},
		{name: "silent: a namespace that istiod leaves out", parts: []mt.Part{discovery("legacy")}, broken: noWeb},
		{name: "silent: a namespace that is not watched", parts: []mt.Part{mt.Scope("legacy", "istio-system")}, broken: noWeb},
		{name: "unknown: parts of the dump could not be read", broken: func(d *mesh.EnvoyDump) { noWeb(d); d.Skipped = map[string]int{"filter chain of an unknown shape": 1} }, want: unknownWeb},
		{name: "a filter of Istio's own and counters make nothing unknown", broken: func(d *mesh.EnvoyDump) {
			noWeb(d)
			d.Skipped = map[string]int{mesh.EnvoySkippedFilter + "stats.PluginConfig is unknown": 9, mesh.EnvoySkippedCounters + "refused": 1}
		}, want: []string{"differs: listener Service shop/web, port 80: HTTP | "}},
		{name: "unknown: the listener has another name", broken: func(d *mesh.EnvoyDump) { noWeb(d); d.Listeners[0].Name = "inner" }, want: append([]string{
			"unknown: listener Service shop/orders, port 80: HTTP | ",
		}, unknownWeb...)},
		{name: "unknown: istiod itself says that it is not bound", parts: []mt.Part{
			mt.Service("shop", "api", mt.Condition(mesh.ConditionWaypointBound, mesh.ConditionFalse, "WaypointIsNotReady", "not ready")),
		}, want: []string{"unknown: listener Service shop/api, port 80: HTTP | "}},
		{name: "unknown: Services may not be read", parts: []mt.Part{mt.Forbidden(mesh.ResourceServices)}, broken: has(foreign), want: []string{
			"unknown: listener Service legacy/batch, port 80:  | HTTP",
		}},
		{name: "unknown: an EnvoyFilter is attached", parts: []mt.Part{envoyFilter("waypoint")}, broken: has(foreign), want: []string{
			"unknown: listener Service legacy/batch, port 80:  | HTTP",
		}},
		{name: "an EnvoyFilter is attached to another Gateway", parts: []mt.Part{envoyFilter("other")}, broken: has(foreign), want: []string{
			"differs: listener Service legacy/batch, port 80:  | HTTP",
		}},
	})
}

func envoyFilter(gateway string) mt.Part {
	return mt.Objects(&mesh.EnvoyFilter{Meta: ordersMeta("EnvoyFilter"), TargetRefs: []mesh.TargetRef{{Kind: "Gateway", Name: gateway}}})
}

func TestRoutesOfAWaypoint(t *testing.T) {
	const split = "route VirtualService shop/orders, rule 2 for shop/orders port 80: any path → 90% to " + ordersHost + " subset v1, 10% to " + ordersHost + " subset v2 · timeout 2s | "
	set := func(match string, change func(*mesh.EnvoyRoute)) func(*mesh.EnvoyDump) {
		return func(d *mesh.EnvoyDump) { change(routeTo(d, match)) }
	}
	const always = "any path and header x-canary is always"
	reweighed := set("any path", func(r *mesh.EnvoyRoute) { r.Clusters[0].Weight, r.Clusters[1].Weight = 50, 50 })
	const half = "any path → 50% to " + ordersHost + " subset v1, 50% to " + ordersHost + " subset v2 · timeout 2s"
	added := func(owner mesh.Ref) func(*mesh.EnvoyDump) {
		return func(d *mesh.EnvoyDump) {
			d.Routes = append([]mesh.EnvoyRoute{{Listener: "main_internal", Chain: ordersHTTP, Match: "path is /x", Owner: owner, Clusters: leading(ordersV1, 0)}}, d.Routes...)
		}
	}
	gone := mesh.Ref{Kind: "VirtualService", Namespace: "shop", Name: "gone"}
	testEnvoy(t, []envoyCase{
		{name: "other weights", broken: reweighed, want: []string{"differs: " + split + half}},
		{name: "the same shares in other numbers", broken: set("any path", func(r *mesh.EnvoyRoute) { r.Clusters[0].Weight, r.Clusters[1].Weight = 9, 1 })},
		{name: "another match", broken: set(always, func(r *mesh.EnvoyRoute) { r.Match = "any path and header x-canary is never" }), want: []string{
			"differs: route VirtualService shop/orders, rule 1 for shop/orders port 80: " + always + " → " + ordersHost + " subset v2 | any path and header x-canary is never → " + ordersHost + " subset v2",
		}},
		{name: "another timeout", broken: set("any path", func(r *mesh.EnvoyRoute) { long := 9 * time.Second; r.Timeout = &long }), want: []string{
			"differs: " + split + "any path → 90% to " + ordersHost + " subset v1, 10% to " + ordersHost + " subset v2 · timeout 9s",
		}},
		{name: "a fault that nobody declares any more", broken: set(always, func(r *mesh.EnvoyRoute) { r.Fault = "25% aborted with 503" }), want: []string{
			"differs: route VirtualService shop/orders, rule 1 for shop/orders port 80: " + always + " → " + ordersHost + " subset v2 | " + always + " → " + ordersHost + " subset v2 · 25% aborted with 503",
		}},
		{name: "a rule is missing", broken: func(d *mesh.EnvoyDump) { without(&d.Routes, func(r mesh.EnvoyRoute) bool { return r.Match == always }) }, want: []string{
			"differs: route VirtualService shop/orders, rule 1 for shop/orders port 80: " + always + " → " + ordersHost + " subset v2 | ",
		}},
		{name: "a rule of a route that is gone", broken: added(gone), want: []string{"differs: route VirtualService shop/gone, for shop/orders port 80:  | path is /x → " + ordersHost + " subset v1"}},
		{name: "silent: what stands behind a rule for everything decides nothing", broken: func(d *mesh.EnvoyDump) {
			d.Routes = append(d.Routes, mesh.EnvoyRoute{Listener: "main_internal", Chain: ordersHTTP, Match: "any path", Owner: gone})
		}},
		{name: "silent: an old route drains", broken: func(d *mesh.EnvoyDump) {
			d.Routes = append([]mesh.EnvoyRoute{{Chain: "", Config: ordersHTTP, Draining: true, Match: "any path", Owner: gone}}, d.Routes...)
		}},
		{name: "unknown: a route without an owner", broken: added(mesh.Ref{}), want: []string{"unknown: route Service shop/orders, for shop/orders port 80:  | path is /x → " + ordersHost + " subset v1"}},
		{name: "unknown: VirtualServices may not be read", parts: []mt.Part{mt.Forbidden(mesh.ResourceVirtualServices)}, broken: reweighed, want: []string{
			"unknown: route Service shop/orders, port 80: 2 rules | 2 rules", "unknown: route Service shop/web, port 80: 0 rules | 1 rule",
		}},
		{name: "settling: the VirtualService changed 30 s ago", parts: []mt.Part{mt.Objects(&mesh.Route{Meta: mesh.Meta{
			Kind: "VirtualService", Namespace: "shop", Name: "new", Created: mt.Now.Add(-30 * time.Second),
		}, Hosts: []string{"web"}, Rules: []mesh.RouteRule{{Protocol: "http", Backends: []mesh.Backend{{Host: "web"}}}}})}, want: []string{
			"settling: route VirtualService shop/new, rule 1 for shop/web port 80: any path → web.shop.svc.cluster.local | ",
		}},
		{name: "a VirtualService is not there, and the default route is", parts: []mt.Part{mt.Objects(&mesh.Route{Meta: mesh.Meta{
			Kind: "VirtualService", Namespace: "shop", Name: "web", Created: mt.Now.Add(-time.Hour),
		}, Hosts: []string{"web"}, Rules: []mesh.RouteRule{{Protocol: "http", Backends: []mesh.Backend{{Host: "web"}}}}})}, want: []string{
			"differs: route VirtualService shop/web, rule 1 for shop/web port 80: any path → web.shop.svc.cluster.local | ",
		}},
	})
}

func TestClustersOfAWaypoint(t *testing.T) {
	const v2 = "cluster DestinationRule shop/orders, subset v2, shop/orders port 80: a cluster | "
	old := func(d *mesh.EnvoyDump) {
		name := "inbound-vip|80|http/v0|" + ordersHost
		d.Clusters = append(d.Clusters, mesh.EnvoyCluster{Name: name, EnvoyName: mesh.ParseEnvoyName(name), State: mesh.EnvoyActive})
	}
	testEnvoy(t, []envoyCase{
		{name: "a subset has no cluster", broken: lacksCluster(ordersV2), want: []string{"differs: " + v2}},
		{name: "a subset that nobody declares any more has one", broken: old, want: []string{"differs: cluster Service shop/orders, subset v0, shop/orders port 80:  | a cluster"}},
		{name: "the cluster is made without the DestinationRule", broken: func(d *mesh.EnvoyDump) {
			for i := range d.Clusters {
				if d.Clusters[i].Name == ordersHTTP {
					d.Clusters[i].Rule = mesh.Ref{}
				}
			}
		}, want: []string{"differs: cluster Service shop/orders, port 80: all pods, with DestinationRule shop/orders | all pods"}},
		{name: "settling: a subset that came 30 s ago", parts: []mt.Part{mt.Objects(&mesh.DestinationRule{
			Meta: mesh.Meta{Kind: "DestinationRule", Namespace: "shop", Name: "new", Created: mt.Now.Add(-30 * time.Second)}, Host: "web", Subsets: []mesh.Subset{{Name: "v9"}},
		})}, want: []string{
			"settling: cluster DestinationRule shop/new, subset v9, shop/web port 80: a cluster | ",
			"settling: cluster Service shop/web, port 80: all pods, with DestinationRule shop/new | all pods",
		}},
		{name: "unknown: a cluster that waits for its endpoints", broken: func(d *mesh.EnvoyDump) {
			for i := range d.Clusters {
				if d.Clusters[i].Name == ordersV2 {
					d.Clusters[i].State = mesh.EnvoyWarming
				}
			}
		}, want: []string{"unknown: " + v2 + "a cluster"}},
		{name: "unknown: DestinationRules may not be read", parts: []mt.Part{mt.Forbidden(mesh.ResourceDestinationRules)}, broken: lacksCluster(ordersV2), want: []string{
			"unknown: cluster Service shop/orders, port 80:  | ", "unknown: cluster Service shop/web, port 80:  | ",
		}},
	})
}

func TestEndpointsOfAWaypoint(t *testing.T) {
	s := mt.Mesh(twoServices()...)
	web := s.Workload("shop", "web-1").IPs[0] + ":8080"
	const at = " of shop/web port 80: "
	set := func(change func(*mesh.EnvoyEndpoint)) func(*mesh.EnvoyDump) {
		return func(d *mesh.EnvoyDump) {
			for i := range d.Endpoints {
				if d.Endpoints[i].Cluster == webHTTP {
					change(&d.Endpoints[i])
				}
			}
		}
	}
	none := func(d *mesh.EnvoyDump) {
		without(&d.Endpoints, func(e mesh.EnvoyEndpoint) bool { return e.Cluster == webHTTP })
	}
	extra := func(cluster string) func(*mesh.EnvoyDump) {
		return func(d *mesh.EnvoyDump) {
			e := endpointAt(webHTTP, "10.9.9.9", "old")
			e.ClusterID = cluster
			d.Endpoints = append(d.Endpoints, e)
		}
	}
	slice := func(ago time.Duration) mt.Part {
		return mt.Objects(&mesh.EndpointSlice{
			Meta: mesh.Meta{Kind: "EndpointSlice", Namespace: "shop", Name: "web-1", SpecChange: mesh.Change{Time: mt.Now.Add(-ago)}}, Service: "web",
			Ports: []mesh.EndpointPort{{Name: "http", Port: 8080, Protocol: "TCP"}}, Endpoints: []mesh.Endpoint{{Addresses: []string{"10.8.8.8"}}},
		})
	}
	testEnvoy(t, []envoyCase{
		{name: "a ready pod is missing", broken: none, want: []string{"differs: endpoint Pod shop/web-1, " + web + at + "ready, over HBONE | "}},
		{name: "a ready pod is called unhealthy", broken: set(func(e *mesh.EnvoyEndpoint) { e.Health = "UNHEALTHY" }), want: []string{"differs: endpoint Pod shop/web-1, " + web + at + "ready, over HBONE | "}},
		{name: "a captured pod is reached in plaintext", broken: set(func(e *mesh.EnvoyEndpoint) { e.Tunnel = "" }), want: []string{"differs: endpoint Pod shop/web-1, " + web + at + "ready, over HBONE | ready, in plaintext"}},
		{name: "an address is there that no EndpointSlice has", broken: extra("Kubernetes"), want: []string{"differs: endpoint Service shop/web, 10.9.9.9:8080" + at + " | ready"}},
		{name: "a subset lacks its pod", broken: func(d *mesh.EnvoyDump) {
			without(&d.Endpoints, func(e mesh.EnvoyEndpoint) bool { return e.Cluster == ordersV2 })
		}, want: []string{"differs: endpoint Pod shop/orders-v2-1, " + s.Workload("shop", "orders-v2-1").IPs[0] + ":8080 in subset v2 of shop/orders port 80: ready, over HBONE | "}},
		{name: "unknown: an address of another cluster", broken: extra("elsewhere"), want: []string{"unknown: endpoint Service shop/web, 10.9.9.9:8080" + at + " | ready"}},
		{name: "silent: Envoy itself took a host out", broken: set(func(e *mesh.EnvoyEndpoint) { e.Flags = []string{mesh.EnvoyOutlierFlag} })},
		{name: "silent: a pod that is not ready is called unhealthy", edited: func(s *mesh.Snapshot) {
			no := false
			s.Shard("shop").Slices("web")[0].Endpoints[0].Ready = &no
		}, broken: set(func(e *mesh.EnvoyEndpoint) { e.Health = "UNHEALTHY" })},
		{name: "an EndpointSlice of an hour ago", parts: []mt.Part{slice(time.Hour)}, want: []string{
			"differs: endpoint Service shop/web, 10.8.8.8:8080" + at + "ready | ", "differs: endpoint Service shop/web, " + web + at + " | ready",
		}},
		{name: "silent: an endpoint without an address", edited: func(s *mesh.Snapshot) {
			sl := s.Shard("shop").Slices("web")[0]
			sl.Endpoints = append(sl.Endpoints, mesh.Endpoint{})
		}},
		{name: "settling: an EndpointSlice of 30 s ago", parts: []mt.Part{slice(30 * time.Second)}, want: []string{
			"settling: endpoint Service shop/web, 10.8.8.8:8080" + at + "ready | ", "settling: endpoint Service shop/web, " + web + at + " | ready",
		}},
		{name: "settling: a pod became ready 30 s ago", edited: func(s *mesh.Snapshot) {
			s.Workload("shop", "web-1").Conditions = mesh.Conditions{{Type: "Ready", Status: mesh.ConditionTrue, Since: mt.Now.Add(-30 * time.Second)}}
		}, broken: none, want: []string{"settling: endpoint Pod shop/web-1, " + web + at + "ready, over HBONE | "}},
		{name: "unknown: EndpointSlices may not be read", parts: []mt.Part{mt.Forbidden(mesh.ResourceEndpointSlices)}, broken: none, want: []string{
			"unknown: endpoint Service shop/orders, port 80:  | ", "unknown: endpoint Service shop/web, port 80:  | ",
		}},
	})
}

func TestPoliciesOfAWaypoint(t *testing.T) {
	const named = "policy AuthorizationPolicy shop/orders, shop/orders port 80: "
	rbac := func(sets ...mesh.EnvoyRBAC) func(*mesh.EnvoyDump) {
		return func(d *mesh.EnvoyDump) { chain(d, ordersHTTP).RBAC = sets }
	}
	set := func(action string, rules ...mesh.EnvoyPolicyRule) mesh.EnvoyRBAC {
		return mesh.EnvoyRBAC{Action: action, Policies: rules}
	}
	testEnvoy(t, []envoyCase{
		{name: "a policy is missing", broken: rbac(), want: []string{"differs: " + named + "ALLOW, 1 rule | "}},
		{name: "a policy still denies that allows now", broken: rbac(set("DENY", ruleOf("orders", 0))), want: []string{"differs: " + named + "ALLOW, 1 rule | DENY, 1 rule"}},
		{name: "a policy still has a rule more", broken: rbac(set("ALLOW", ruleOf("orders", 0), ruleOf("orders", 1))), want: []string{"differs: " + named + "ALLOW, 1 rule | ALLOW, 2 rules"}},
		{name: "a policy is enforced only as a dry run", broken: rbac(mesh.EnvoyRBAC{Action: "ALLOW", Shadow: true, Policies: []mesh.EnvoyPolicyRule{ruleOf("orders", 0)}}), want: []string{
			"differs: " + named + "ALLOW, 1 rule | ALLOW, 1 rule, as a dry run",
		}},
		{name: "a policy is there that nobody knows", broken: rbac(set("ALLOW", ruleOf("orders", 0)), set("DENY", ruleOf("ghost", 0))), want: []string{
			"differs: policy AuthorizationPolicy shop/ghost, shop/orders port 80:  | DENY, 1 rule",
		}},
		{name: "settling: a policy changed 30 s ago", parts: []mt.Part{mt.Objects(&mesh.AuthorizationPolicy{
			Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "new", Created: mt.Now.Add(-30 * time.Second)}, Action: "DENY", TargetRefs: onOrders(), Rules: make([]mesh.AuthorizationRule, 1),
		})}, want: []string{"settling: policy AuthorizationPolicy shop/new, shop/orders port 80: DENY, 1 rule | "}},
		{name: "silent: rules that no policy stands behind", broken: rbac(set("ALLOW", ruleOf("orders", 0)), set("DENY", mesh.EnvoyPolicyRule{Name: "own"}))},
		{name: "unknown: a dry run may be sent or not", parts: []mt.Part{mt.Objects(&mesh.AuthorizationPolicy{
			Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "try", Annotations: map[string]string{mesh.AnnotationDryRun: "true"}}, Action: "DENY", TargetRefs: onOrders(),
		})}, want: []string{"unknown: policy AuthorizationPolicy shop/try, shop/orders port 80: not enforced: it is a dry run | "}},
		{name: "unknown: policies may not be read", parts: []mt.Part{mt.Forbidden(mesh.ResourceAuthorizationPolicies)}, broken: rbac(), want: []string{
			"unknown: policy Service shop/orders, port 80:  | ", "unknown: policy Service shop/web, port 80:  | ",
		}},
		{name: "an issuer is missing", broken: func(d *mesh.EnvoyDump) { chain(d, ordersHTTP).JWT = nil }, want: []string{
			"differs: token RequestAuthentication shop/orders, issuer https://id.example for shop/orders port 80: https://id.example | ",
		}},
		{name: "an issuer is there that nobody declares", broken: func(d *mesh.EnvoyDump) {
			chain(d, webHTTP).JWT = []mesh.EnvoyJWTProvider{{Issuer: "https://old.example"}}
		}, want: []string{
			"differs: token Service shop/web, issuer https://old.example for port 80:  | https://old.example",
		}},
	})
}

func TestCertificatesOfAWaypoint(t *testing.T) {
	set := func(i int, change func(*mesh.EnvoySecret)) func(*mesh.EnvoyDump) {
		return func(d *mesh.EnvoyDump) { change(&d.Secrets[i]) }
	}
	const own = "secret Pod shop/waypoint-1, default: spiffe://cluster.local/ns/shop/sa/"
	testEnvoy(t, []envoyCase{
		{name: "it has expired", broken: set(0, func(s *mesh.EnvoySecret) { s.Chain[0].NotAfter = mt.Now.Add(-time.Hour) }), want: []string{
			"differs: " + own + "waypoint | expired " + mt.Now.Add(-time.Hour).Format(time.RFC3339),
		}},
		{name: "it is another identity's", broken: set(0, func(s *mesh.EnvoySecret) { s.Identity = "spiffe://cluster.local/ns/shop/sa/old" }), want: []string{
			"differs: " + own + "waypoint | spiffe://cluster.local/ns/shop/sa/old",
		}},
		{name: "silent: the trust domain has another name", broken: set(0, func(s *mesh.EnvoySecret) { s.Identity = "spiffe://prod/ns/shop/sa/waypoint" })},
		{name: "it was never delivered", broken: set(0, func(s *mesh.EnvoySecret) {
			*s = mesh.EnvoySecret{Name: "default", Type: "certificate", State: mesh.EnvoyWarming}
		}), want: []string{
			"differs: " + own + "waypoint | none: it waits for it",
		}},
		{name: "unknown: it could not be read", broken: set(1, func(s *mesh.EnvoySecret) { s.Chain = nil }), want: []string{"unknown: secret Pod shop/waypoint-1, ROOTCA: valid | "}},
	})
}

func TestAWaypointThatIsNotKnownIsNotCompared(t *testing.T) {
	s := mt.Mesh(twoServices()...)
	for name, pod := range map[string]string{"a pod nobody knows": "gone-1", "a pod of no Gateway": "web-1"} {
		d := sentTo(s)
		d.Pod.Name = pod
		if c := drift.OfWaypoint(s, d, s.At); c.Compared || c.Why == "" {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func TestDifferencesOfAWaypoint(t *testing.T) {
	s := mt.Mesh(twoServices()...)
	d := sentTo(s)
	lacksChain(webHTTP)(d)
	d.Secrets[1].Chain = nil
	web := mesh.Ref{Kind: "Service", Namespace: "shop", Name: "web"}
	want := mesh.Comparison{
		Compared:    true,
		Differences: []mesh.Difference{{Object: web, Field: "listener port 80", Expected: "HTTP"}}, DifferenceCount: 1,
		Unjudged: []mesh.Ref{d.Pod}, UnjudgedCount: 1,
	}
	if diff := cmp.Diff(want, drift.OfWaypoint(s, d, s.At)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
