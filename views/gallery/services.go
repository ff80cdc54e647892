package gallery

import (
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

func services() []Entry {
	of := func(name, parameters string, snap func() *mesh.Snapshot) Entry {
		return state("services/"+name, views.PageServices, "Services", parameters, snap, func(r *analysis.Report, q views.Query) templ.Component {
			return views.ServicesContent(views.NewServices(r, q))
		})
	}
	return []Entry{
		of("all", "", broken),
		of("sorted by findings", "sort=findings", broken),
		of("filtered", "q=waypoint:failed+color:red", broken),
		of("no match", "q=nothing-like-it", broken),
		of("starting", "", startingMesh),
		of("empty cluster", "", empty),
		of("services forbidden", "", without(mesh.ResourceServices)),
		of("endpoints forbidden", "", without(mesh.ResourceEndpointSlices)),
		of("kubernetes stale", "", withSource(mesh.KubernetesSource, mesh.SourceStale, "The watch of pods ended and could not be opened again.")),
		of("500 services", "", many),
		of("hostile names", "", hostile),
	}
}

// service shows one service in every tab and the ways its path can go.
func service() []Entry {
	of := func(name, namespace, service, tab, parameters string, snap func() *mesh.Snapshot) Entry {
		return state("service/"+name, views.PageServices, namespace+"/"+service, parameters, snap, func(r *analysis.Report, q views.Query) templ.Component {
			m, _ := views.NewService(r, namespace, service, tab, q)
			return views.ServiceContent(m)
		})
	}
	return []Entry{
		of("reachable", "shop", "orders", "", "", split),
		of("routes", "shop", "orders", views.TabRoutes, "", split),
		of("routes without a waypoint", "billing", "ledger", views.TabRoutes, "", split),
		of("endpoints", "shop", "orders", views.TabEndpoints, "", split),
		of("findings", "shop", "orders", views.TabFindings, "", broken),
		of("no findings", "shop", "orders", views.TabFindings, "", quiet),
		of("waypoint without endpoints", "shop", "orders", "", "", broken),
		of("waypoint bypassed", "billing", "ledger", "", "", broken),
		of("several ports", "shop", "ports", "", "port=9090", split),
		of("unknown port", "shop", "orders", "", "port=1", split),
		of("headless", "shop", "headless", "", "", split),
		of("service entry", "shop", "payments-api", "", "kind=ServiceEntry", split),
		of("endpoints of a service entry", "shop", "payments-api", views.TabEndpoints, "kind=ServiceEntry", split),
		of("no endpoints", "shop", "lonely", views.TabEndpoints, "", split),
		of("endpoints forbidden", "shop", "orders", views.TabEndpoints, "", without(mesh.ResourceEndpointSlices)),
		of("policies forbidden", "shop", "orders", "", "", forbidden),
		of("twelve callers", "shop", "orders", "", "", crowded),
		of("hostile names", markup, longest, "", "", hostile),
		of("hostile endpoints", markup, longest, views.TabEndpoints, "", hostile),
	}
}

// without is the quiet mesh without the right to read one kind.
func without(resource string) func() *mesh.Snapshot {
	return func() *mesh.Snapshot { return mt.Mesh(shop(), mt.Forbidden(resource)) }
}

// split is the quiet mesh with everything a route can declare: versions,
// timeouts, retries, faults, mirrors, redirects, a rule that is never reached,
// limits and ejection.
func split() *mesh.Snapshot { return splitWith() }

// splitWith is the same with more.
func splitWith(more ...mt.Part) *mesh.Snapshot {
	seconds := func(n time.Duration) *time.Duration { n *= time.Second; return &n }
	five := uint32(5)
	return mt.Mesh(append(more,
		shop(),
		mt.Deployment("shop", "orders-v2", mt.Label("app", "orders"), mt.Label("version", "v2")),
		mt.Service("shop", "ports", mt.Port(80, "http"), mt.Port(9090, "grpc"), mt.Port(5432, "tcp-db")),
		mt.Service("shop", "lonely", mt.Selects("app", "nobody")),
		mt.Service("shop", "headless", mt.Headless, mt.Selects("app", "orders")),
		mt.Objects(
			&mesh.Route{Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "orders"}, Hosts: []string{"orders"}, Rules: []mesh.RouteRule{
				{
					Protocol: "http", Matches: []mesh.RouteMatch{{Path: &mesh.StringMatch{Kind: mesh.MatchPrefix, Value: "/api/"}, Headers: []mesh.NamedMatch{{Name: "x-canary", Match: &mesh.StringMatch{Kind: mesh.MatchExact, Value: "always"}}}}},
					Backends: []mesh.Backend{{Host: "orders", Subset: "v2"}}, Timeout: seconds(3), Retry: &mesh.Retry{Attempts: 2, PerTryTimeout: seconds(1), On: "5xx"},
					Mirrors: []mesh.Backend{{Host: "orders", Subset: "v2", Percent: 5}},
				},
				{Protocol: "http", Matches: []mesh.RouteMatch{{Path: &mesh.StringMatch{Kind: mesh.MatchExact, Value: "/old"}}}, Redirect: &mesh.Redirect{Path: "/new", Status: 301}},
				{
					Protocol: "http", Backends: []mesh.Backend{{Host: "orders", Subset: "v1", Weight: 90}, {Host: "orders", Subset: "v2", Weight: 10}},
					Fault: &mesh.Fault{Delay: seconds(2), DelayPercent: 10, AbortStatus: 503, AbortPercent: 0.5},
				},
				{Protocol: "http", Backends: []mesh.Backend{{Host: "orders"}}},
			}},
			&mesh.DestinationRule{
				Meta: mesh.Meta{Kind: "DestinationRule", Namespace: "shop", Name: "orders"}, Host: "orders",
				Policy:  &mesh.TrafficPolicy{LoadBalancer: "LEAST_REQUEST", MaxConnections: 100, MaxRequests: 200, ConnectTimeout: seconds(1), Outlier: &mesh.Outlier{Consecutive5xx: &five, Interval: seconds(10), BaseEjection: seconds(30), MaxEjectionPercent: 50}, TLSMode: "ISTIO_MUTUAL"},
				Subsets: []mesh.Subset{{Name: "v1", Labels: map[string]string{"version": "v1"}}, {Name: "v2", Labels: map[string]string{"version": "v2"}}},
			},
			&mesh.Route{
				Meta: mesh.Meta{Kind: "HTTPRoute", Namespace: "billing", Name: "ledger"}, Parents: []mesh.RouteParent{{Ref: mesh.Ref{Kind: "Service", Namespace: "billing", Name: "ledger"}}},
				Rules: []mesh.RouteRule{{Protocol: "http", Timeout: seconds(1), Backends: []mesh.Backend{{Ref: mesh.Ref{Kind: "Service", Namespace: "billing", Name: "ledger"}, Weight: 1}}}},
			},
		),
	)...)
}

// crowded has many callers, versions and nodes.
func crowded() *mesh.Snapshot {
	parts := []mt.Part{mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint", mt.Replicas(3)), mt.Service("shop", "orders", mt.Selects("app", "orders"))}
	var backends []mesh.Backend
	rule := &mesh.DestinationRule{Meta: mesh.Meta{Kind: "DestinationRule", Namespace: "shop", Name: "orders"}, Host: "orders"}
	for i, version := range []string{"v1", "v2", "v3", "v4", "v5", "v6"} {
		parts = append(parts, mt.Deployment("shop", "orders-"+version, mt.Label("app", "orders"), mt.Label("version", version), mt.Replicas(2), mt.OnNode("node-"+version, "node-x"+version)))
		backends = append(backends, mesh.Backend{Host: "orders", Subset: version, Weight: int32(50 >> i)})
		rule.Subsets = append(rule.Subsets, mesh.Subset{Name: version, Labels: map[string]string{"version": version}})
	}
	for _, caller := range []string{"web", "cart", "search", "checkout", "admin", "mail", "stock", "price", "tax", "fraud-score-and-risk-assessment", "audit", "batch"} {
		parts = append(parts, mt.Deployment("shop", caller, mt.ServiceAccount(caller)))
	}
	return mt.Mesh(append(parts, mt.Objects(rule, &mesh.Route{
		Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "orders"}, Hosts: []string{"orders"}, Rules: []mesh.RouteRule{{Protocol: "http", Backends: backends}},
	}))...)
}
