package gallery

import (
	"fmt"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/drift"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

// waypointLoaded has every tab of what a waypoint's proxies say, in every state.
func waypointLoaded() []Entry {
	of := func(name, tab, parameters string, read func() views.Loaded) Entry {
		return state("waypoint/"+name, views.PageWaypoints, "shop/waypoint", parameters, loadedMesh, func(r *analysis.Report, q views.Query) templ.Component {
			return views.LoadedContent(views.NewLoaded(r, r.Snap.Waypoint("shop", "waypoint"), tab, read(), q))
		})
	}
	dump := func(d func() *mesh.EnvoyDump) func() views.Loaded {
		return func() views.Loaded {
			return views.Loaded{Read: views.EnvoyRead{Pod: firstReplica(), Dump: d()}, Pairs: pairs()}
		}
	}
	failed := func(why views.ReadFailure, detail string) func() views.Loaded {
		return func() views.Loaded {
			return views.Loaded{Read: views.EnvoyRead{Pod: firstReplica(), Failure: why, Detail: detail}}
		}
	}
	bare := func() *mesh.EnvoyDump { return &mesh.EnvoyDump{Pod: firstReplica(), At: mt.Now} }
	return []Entry{
		of("declared and loaded", views.TabDeclared, "", dump(waypointDump)),
		of("differences only", views.TabDeclared, "q=state:differs", dump(waypointDump)),
		of("listeners", views.TabListeners, "", dump(waypointDump)),
		of("routes", views.TabRoutes, "", dump(waypointDump)),
		of("clusters", views.TabClusters, "", dump(waypointDump)),
		of("endpoints", views.TabEndpoints, "", dump(waypointDump)),
		of("secrets", views.TabSecrets, "", dump(waypointDump)),
		of("one row", views.TabRoutes, "q=owner:orders", dump(waypointDump)),
		of("no match", views.TabClusters, "q=nothing-like-it", dump(waypointDump)),
		of("sorted", views.TabEndpoints, "sort=-errors", dump(waypointDump)),
		of("without counters", views.TabEndpoints, "", dump(withoutCounters)),
		of("empty listeners", views.TabListeners, "", dump(bare)),
		of("empty secrets", views.TabSecrets, "", dump(bare)),
		of("500 rows", views.TabClusters, "", dump(manyClusters(500))),
		of("truncated", views.TabClusters, "", dump(manyClusters(views.DumpRowLimit+1))),
		of("hostile listeners", views.TabListeners, "", dump(hostileEnvoy)),
		of("hostile routes", views.TabRoutes, "", dump(hostileEnvoy)),
		of("hostile clusters", views.TabClusters, "", dump(hostileEnvoy)),
		of("hostile endpoints", views.TabEndpoints, "", dump(hostileEnvoy)),
		of("hostile secrets", views.TabSecrets, "", dump(hostileEnvoy)),
		of("not wired", views.TabListeners, "", failed(views.ReadUnwired, "")),
		of("forbidden", views.TabListeners, "", failed(views.ReadForbidden, "create pods/portforward in shop")),
		of("no pod", views.TabRoutes, "", failed(views.ReadAbsent, "No pod of this waypoint exists.")),
		of("timed out", views.TabClusters, "", failed(views.ReadTimedOut, "")),
		of("not decoded", views.TabEndpoints, "", failed(views.ReadMalformed, "config_dump: unexpected end of the answer after 4,096 bytes")),
		of("failed", views.TabDeclared, "", failed(views.ReadFailed, "port-forward: connection refused")),
	}
}

func waypointSync() []Entry {
	of := func(name string, reads ...views.SyncRead) Entry {
		return state("waypoint/sync, "+name, views.PageWaypoints, "shop/waypoint", "", loadedMesh, func(r *analysis.Report, q views.Query) templ.Component {
			return views.SyncContent(views.NewSync(r, r.Snap.Waypoint("shop", "waypoint"), reads, q))
		})
	}
	one, two := mesh.Ref{Kind: "Pod", Namespace: mt.SystemNamespace, Name: "istiod-1"}, mesh.Ref{Kind: "Pod", Namespace: mt.SystemNamespace, Name: "istiod-2"}
	return []Entry{
		of("read", views.SyncRead{Istiod: one, Evidence: said("istiod-1")}),
		of("one of two forbidden", views.SyncRead{Istiod: one, Evidence: said("istiod-1")}, views.SyncRead{Istiod: two, Failure: views.ReadForbidden, Detail: "create pods/portforward in istio-system"}),
		of("what it said before", views.SyncRead{Istiod: one, Evidence: said("istiod-1"), Failure: views.ReadTimedOut}),
		of("lists none of it", views.SyncRead{Istiod: one, Evidence: &mesh.SyncEvidence{At: mt.Now}}),
		of("down", views.SyncRead{Istiod: one, Failure: views.ReadFailed, Detail: "port-forward: connection refused"}),
		of("not wired", views.SyncRead{Istiod: one, Failure: views.ReadUnwired}),
		of("no istiod"),
	}
}

func firstReplica() mesh.Ref { return mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "waypoint-1"} }

// loadedMesh has what waypointDump was made of.
func loadedMesh() *mesh.Snapshot {
	return mt.Mesh(
		mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", "waypoint", mt.Replicas(2)), mt.Service("shop", "orders", mt.UseWaypoint("waypoint")), mt.Deployment("shop", "orders"),
		mt.Objects(
			&mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "orders-l7"}, Action: "ALLOW"},
			&mesh.DestinationRule{Meta: mesh.Meta{Kind: "DestinationRule", Namespace: "shop", Name: "orders"}, Host: "orders"},
			&mesh.Route{Meta: mesh.Meta{Kind: "VirtualService", Namespace: "shop", Name: "orders"}, Hosts: []string{"orders"}},
			&mesh.RequestAuthentication{
				Meta: mesh.Meta{Kind: "RequestAuthentication", Namespace: "shop", Name: "orders-jwt"}, Rules: []mesh.JWTRule{{Issuer: "https://accounts.example.com"}},
				TargetRefs: []mesh.TargetRef{{Kind: "Service", Name: "orders", Namespace: "shop"}},
			},
		),
	)
}

const ordersHost = "orders.shop.svc.cluster.local"

func ordersCluster(subset string) mesh.EnvoyCluster {
	name := "inbound-vip|80|http|" + ordersHost
	if subset != "" {
		name = "inbound-vip|80|http/" + subset + "|" + ordersHost
	}
	return mesh.EnvoyCluster{
		Name: name, EnvoyName: mesh.EnvoyName{Direction: "inbound-vip", Port: 80, Protocol: "http", Subset: subset, Host: ordersHost}, Type: "EDS", State: mesh.EnvoyActive,
		LB: "LEAST_REQUEST", ConnectTimeout: 10 * time.Second, Rule: mesh.Ref{Kind: "DestinationRule", Namespace: "shop", Name: "orders"},
		Thresholds: "at most 100 connections, 200 requests", Outlier: "out after 5 5xx in a row, looked at every 10s, for 30s and longer each time, at most 50% of hosts",
	}
}

// waypointDump is what a replica has loaded: something of each kind, and one of
// each thing that can be the matter.
func waypointDump() *mesh.EnvoyDump {
	v1, v2, all := ordersCluster("v1"), ordersCluster("v2"), ordersCluster("")
	v2.Rejected = "outlier_detection: value is greater than 100"
	timeout, try := 2*time.Second, 500*time.Millisecond
	chain := mesh.EnvoyChain{
		Name: all.Name, EnvoyName: all.EnvoyName, Match: "to 10.96.10.2, port 80", Filters: []string{"envoy.filters.network.http_connection_manager"},
		HTTPFilters: []string{"envoy.filters.http.jwt_authn", "envoy.filters.http.rbac", "envoy.filters.http.router"}, RouteConfig: all.Name,
		RBAC: []mesh.EnvoyRBAC{
			{Action: "DENY", Shadow: true, Policies: []mesh.EnvoyPolicyRule{rule("gone", 0)}},
			{Action: "ALLOW", Policies: []mesh.EnvoyPolicyRule{rule("orders-l7", 0), rule("orders-l7", 1)}},
		},
		JWT: []mesh.EnvoyJWTProvider{{Name: "origins-0", Issuer: "https://accounts.example.com", Optional: true}},
	}
	closed := mesh.EnvoyChain{Name: "inbound-vip|80|http|web.shop.svc.cluster.local", EnvoyName: mesh.EnvoyName{Port: 80, Protocol: "http", Host: "web.shop.svc.cluster.local"}, Match: "to 10.96.10.1, port 80", RBAC: []mesh.EnvoyRBAC{{Action: "ALLOW"}}}
	route := func(match string, clusters ...mesh.EnvoyWeightedCluster) mesh.EnvoyRoute {
		return mesh.EnvoyRoute{
			Listener: "main_internal", Chain: chain.Name, Config: chain.Name, VirtualHost: "inbound|http|80", Domains: []string{"*"}, Match: match, Clusters: clusters,
			Owner: mesh.Ref{Kind: "VirtualService", Namespace: "shop", Name: "orders"}, Retries: 2, RetryOn: "5xx,reset", Timeout: &timeout, PerTryTimeout: &try,
		}
	}
	canary := route("path begins with /api and header x-canary is always", mesh.EnvoyWeightedCluster{Name: v2.Name})
	canary.Fault, canary.Mirrors, canary.Rewrite = "25% delayed by 3s, 10% aborted with 503", []mesh.EnvoyMirror{{Cluster: v1.Name, Share: "10%"}}, "path to /"
	lost := route("path is /lost", mesh.EnvoyWeightedCluster{Name: "outbound|80||gone.shop.svc.cluster.local"})
	lost.Owner, lost.Timeout, lost.Retries, lost.RetryOn = mesh.Ref{Kind: "HTTPRoute", Namespace: "shop", Name: "deleted"}, nil, 0, ""
	old := route("any path", mesh.EnvoyWeightedCluster{Name: all.Name})
	old.Listener, old.Chain, old.Draining = "", "", true
	return &mesh.EnvoyDump{
		Pod: firstReplica(), At: mt.Now.Add(-12 * time.Second), Version: "1.31.1", EnvoyVersion: "1.38.0",
		Listeners: []mesh.EnvoyListener{
			{Name: "connect_terminate", Address: "0.0.0.0:15008", State: mesh.EnvoyActive, Rejected: "duplicate filter chain", Chains: []mesh.EnvoyChain{{Name: "default", Match: "everything", RouteConfig: "default", HTTPFilters: []string{"envoy.filters.http.router"}}}},
			{Name: "main_internal", Address: "internal", State: mesh.EnvoyActive, Chains: []mesh.EnvoyChain{chain, closed}},
			{Name: "connect_originate", Address: "internal", State: mesh.EnvoyWarming, Chains: []mesh.EnvoyChain{{Match: "everything", Cluster: "connect_originate"}}},
		},
		Routes: []mesh.EnvoyRoute{
			canary, route("any path", mesh.EnvoyWeightedCluster{Name: v1.Name, Weight: 90}, mesh.EnvoyWeightedCluster{Name: v2.Name, Weight: 10}), lost,
			{Listener: "main_internal", Chain: closed.Name, Config: closed.Name, VirtualHost: "x", Match: "path is /old", Redirect: "to /new with 301"},
			old,
		},
		Clusters: []mesh.EnvoyCluster{v1, v2, all, {Name: "connect_originate", Type: "ORIGINAL_DST", State: mesh.EnvoyActive, LB: "CLUSTER_PROVIDED"}},
		Endpoints: []mesh.EnvoyEndpoint{
			{Cluster: v1.Name, Address: "10.244.1.8:8080", Tunnel: "connect_originate", Workload: "shop/orders-1", Weight: 1, Zone: "eu-1a", Health: "HEALTHY", Requests: 1440, Errors: 31, Active: 2, CountersKnown: true},
			{Cluster: all.Name, Address: "10.244.1.8:8080", Tunnel: "connect_originate", Workload: "shop/orders-1", Weight: 1, Health: "HEALTHY", Flags: []string{mesh.EnvoyOutlierFlag}, Requests: 9, Errors: 9, CountersKnown: true},
			{Cluster: all.Name, Address: "10.244.1.9:8080", Workload: "shop/orders-gone", Weight: 1, Priority: 1, Health: "UNHEALTHY"},
		},
		Secrets: []mesh.EnvoySecret{
			{Name: "default", Type: "certificate", State: mesh.EnvoyActive, Updated: mt.Now.Add(-time.Hour), Identity: "spiffe://cluster.local/ns/shop/sa/waypoint", Chain: []mesh.Certificate{{Serial: "65103853697823361331084348346768582770", NotBefore: mt.Now.Add(-25 * time.Hour), NotAfter: mt.Now.Add(-time.Hour)}}},
			{Name: "ROOTCA", Type: "roots", State: mesh.EnvoyActive, Chain: []mesh.Certificate{{Serial: "255", Subject: "O=cluster.local", NotBefore: mt.Now.Add(-time.Hour), NotAfter: mt.Now.AddDate(10, 0, 0)}}},
			{Name: "kubernetes://tls", Type: "certificate", State: mesh.EnvoyWarming},
		},
		Skipped: map[string]int{"filter of type example.Filter is unknown": 3},
	}
}

func rule(policy string, n int) mesh.EnvoyPolicyRule {
	return mesh.EnvoyPolicyRule{Policy: mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: policy}, Rule: n, Name: fmt.Sprintf("ns[shop]-policy[%s]-rule[%d]", policy, n)}
}

func withoutCounters() *mesh.EnvoyDump {
	d := waypointDump()
	for i := range d.Endpoints {
		d.Endpoints[i].CountersKnown = false
	}
	d.Skipped = map[string]int{"counters: the waypoint did not answer in time": 1}
	return d
}

func manyClusters(n int) func() *mesh.EnvoyDump {
	return func() *mesh.EnvoyDump {
		d := &mesh.EnvoyDump{Pod: firstReplica(), At: mt.Now}
		for i := range n {
			host := fmt.Sprintf("s-%05d.shop.svc.cluster.local", i)
			d.Clusters = append(d.Clusters, mesh.EnvoyCluster{Name: "inbound-vip|80|http|" + host, EnvoyName: mesh.EnvoyName{Direction: "inbound-vip", Port: 80, Protocol: "http", Host: host}, Type: "EDS", State: mesh.EnvoyActive})
		}
		return d
	}
}

// hostileEnvoy is what an Envoy might say that somebody else answers for.
func hostileEnvoy() *mesh.EnvoyDump {
	odd := mesh.EnvoyName{Direction: markup, Port: 1, Protocol: quoted, Subset: longest, Host: markup}
	ref := mesh.Ref{Kind: markup, Namespace: "..", Name: quoted}
	policy := mesh.EnvoyPolicyRule{Policy: mesh.Ref{Kind: "AuthorizationPolicy", Namespace: markup, Name: quoted}, Name: markup, Provider: "\x1b[31mred"}
	return &mesh.EnvoyDump{
		Pod: firstReplica(), At: mt.Now, Version: markup, EnvoyVersion: quoted,
		Listeners: []mesh.EnvoyListener{{Name: markup, Address: "\u202e//evil.example", State: "<b>", Rejected: markup, Chains: []mesh.EnvoyChain{
			{Name: quoted, EnvoyName: odd, Match: longest, Filters: []string{markup}, HTTPFilters: []string{longest}, RouteConfig: markup, RBAC: []mesh.EnvoyRBAC{{Action: markup, Policies: []mesh.EnvoyPolicyRule{policy, policy}}}, JWT: []mesh.EnvoyJWTProvider{{Issuer: "javascript:alert(1)", Name: markup}}},
		}}},
		Routes:    []mesh.EnvoyRoute{{Listener: markup, Chain: quoted, Config: markup, VirtualHost: markup, Name: quoted, Domains: []string{markup}, Match: longest, Owner: ref, Clusters: []mesh.EnvoyWeightedCluster{{Name: markup, Weight: 1}, {Name: longest}}, Fault: markup, RetryOn: markup, Retries: 1, Mirrors: []mesh.EnvoyMirror{{Cluster: markup, Share: quoted}}}},
		Clusters:  []mesh.EnvoyCluster{{Name: markup, EnvoyName: odd, Type: longest, State: "<b>", Rejected: markup, Rule: ref, LB: markup, Thresholds: longest, Outlier: markup}, {Name: markup, EnvoyName: odd}},
		Endpoints: []mesh.EnvoyEndpoint{{Cluster: markup, Address: quoted, Tunnel: markup, Workload: markup, Zone: markup, Health: markup, Flags: []string{markup, longest}}},
		Secrets:   []mesh.EnvoySecret{{Name: markup, Type: quoted, State: "<b>", Identity: markup, Chain: []mesh.Certificate{{Serial: markup, Subject: quoted}}}},
		Skipped:   map[string]int{markup: 2, longest: 1},
	}
}

// pairs has one of each state.
func pairs() []drift.Pair {
	service, policy := mesh.Ref{Kind: "Service", Namespace: "shop", Name: "orders"}, mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "orders-l7"}
	return []drift.Pair{
		{Object: service, Part: drift.PartListener, Name: "port 80", Declared: "HTTP", Loaded: "HTTP", State: drift.PairSame},
		{Object: mesh.Ref{Kind: "VirtualService", Namespace: "shop", Name: "orders"}, Part: drift.PartRoute, Name: "rule 2 for shop/orders port 80", Declared: "any path → 90% to orders subset v1, 10% to orders subset v2, timeout 2s", Loaded: "any path → 100% to orders subset v1, timeout 2s", State: drift.PairDiffers},
		{Object: service, Part: drift.PartEndpoint, Name: "10.244.1.9:8080", Loaded: "ready, over HBONE", State: drift.PairDiffers},
		{Object: policy, Part: drift.PartPolicy, Name: "rule 0", Declared: "ALLOW GET from web", State: drift.PairSettling, Why: "It was changed 12 s ago."},
		{Object: mesh.Ref{Kind: "RequestAuthentication", Namespace: "shop", Name: "orders-jwt"}, Part: drift.PartToken, Name: "https://accounts.example.com", Loaded: "optional", State: drift.PairUnknown, Why: "RequestAuthentications may not be read in shop."},
		{Object: mesh.Ref{Kind: markup, Namespace: "..", Name: longest}, Part: drift.PartRoute, Name: quoted, Declared: markup, Loaded: longest, State: drift.PairDiffers, Why: markup},
	}
}

// said is what an istiod says of the two replicas: one took everything, one
// refused something.
func said(istiod string) *mesh.SyncEvidence {
	typ := func(name, sent, acked, refused string) mesh.TypeSync {
		return mesh.TypeSync{URL: "type.googleapis.com/envoy.config." + name, Sent: sent, Acked: acked, SentAt: mt.Now.Add(-time.Minute), LastError: refused}
	}
	return &mesh.SyncEvidence{Meta: mesh.Meta{Kind: mesh.KindSyncEvidence, Name: istiod}, At: mt.Now.Add(-4 * time.Second), Skipped: 1, Proxies: []mesh.ProxySync{
		{Proxy: firstReplica(), Type: "waypoint", ClusterID: "Kubernetes", IstioVersion: "1.31.1", Types: []mesh.TypeSync{typ("cluster.v3.Cluster", "2", "2", ""), typ("listener.v3.Listener", "3", "2", "duplicate filter chain "+markup), typ("endpoint.v3.ClusterLoadAssignment", "4", "3", ""), typ("route.v3.RouteConfiguration", "", "", "")}},
	}}
}
