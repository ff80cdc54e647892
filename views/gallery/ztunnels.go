package gallery

import (
	"fmt"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

func ztunnels() []Entry {
	of := func(name, parameters string, snap func() *mesh.Snapshot) Entry {
		return state("ztunnels/"+name, views.PageZtunnels, "ztunnels", parameters, snap, func(r *analysis.Report, q views.Query) templ.Component {
			return views.ZtunnelsContent(views.NewZtunnels(r, q))
		})
	}
	return []Entry{
		of("all", "", readInPart),
		of("filtered", "q=certificates:unavailable", readInPart),
		of("no match", "q=nothing-like-it", readInPart),
		of("nothing read", "", broken),
		of("none answers", "", ztunnelsDown),
		of("forbidden", "", withSource("ztunnel/node-a", mesh.SourceForbidden, "create pods/portforward in istio-system")),
		of("starting", "", startingMesh),
		of("nodes forbidden", "", without(mesh.ResourceNodes)),
		of("empty cluster", "", empty),
	}
}

func ztunnel() []Entry {
	of := func(name, tab, parameters string, read func() views.ZtunnelRead) Entry {
		return state("ztunnel/"+name, views.PageZtunnels, "node-a", parameters, readInPart, func(r *analysis.Report, q views.Query) templ.Component {
			return views.ZtunnelContent(views.NewZtunnel(r, "node-a", tab, read(), q))
		})
	}
	dump := func(of func() *mesh.ZtunnelDump) func() views.ZtunnelRead {
		return func() views.ZtunnelRead { return views.ZtunnelRead{Dump: of()} }
	}
	failed := func(why views.ReadFailure, detail string) func() views.ZtunnelRead {
		return func() views.ZtunnelRead { return views.ZtunnelRead{Failure: why, Detail: detail} }
	}
	bare := func(localKnown bool) func() *mesh.ZtunnelDump {
		return func() *mesh.ZtunnelDump {
			return &mesh.ZtunnelDump{Node: "node-a", At: mt.Now, LocalKnown: localKnown}
		}
	}
	return []Entry{
		of("workloads", views.TabWorkloads, "", dump(shopDump)),
		of("services", views.TabServices, "", dump(shopDump)),
		of("policies", views.TabPolicies, "", dump(shopDump)),
		of("certificates", views.TabCertificates, "", dump(shopDump)),
		of("connections", views.TabConnections, "", dump(shopDump)),
		of("filtered", views.TabWorkloads, "q=waypoint:na", dump(shopDump)),
		of("one row", views.TabWorkloads, "q=name:web-1", dump(shopDump)),
		of("no match", views.TabServices, "q=nothing-like-it", dump(shopDump)),
		of("sorted", views.TabServices, "sort=-endpoints", dump(shopDump)),
		of("empty", views.TabPolicies, "", dump(bare(true))),
		of("dedicated proxy", views.TabConnections, "", dump(bare(false))),
		of("500 rows", views.TabWorkloads, "", dump(manyWorkloads(500))),
		of("truncated", views.TabWorkloads, "", dump(manyWorkloads(views.DumpRowLimit+1))),
		of("hostile names", views.TabWorkloads, "", dump(hostileDump)),
		of("hostile services", views.TabServices, "", dump(hostileDump)),
		of("hostile certificates", views.TabCertificates, "", dump(hostileDump)),
		of("not wired", views.TabWorkloads, "", failed(views.ReadUnwired, "")),
		of("forbidden", views.TabWorkloads, "", failed(views.ReadForbidden, "create pods/portforward in istio-system")),
		of("no ztunnel", views.TabWorkloads, "", failed(views.ReadAbsent, "No pod on node-a has the label app=ztunnel.")),
		of("timed out", views.TabWorkloads, "", failed(views.ReadTimedOut, "")),
		of("not decoded", views.TabWorkloads, "", failed(views.ReadMalformed, "config_dump: unexpected end of the answer after 4,096 bytes")),
		of("failed", views.TabWorkloads, "", failed(views.ReadFailed, "port-forward: connection refused")),
	}
}

// readInPart has a ztunnel that was read, one that may not be, one that is not
// there, and two on one node.
func readInPart() *mesh.Snapshot {
	second := mt.Pod(mt.SystemNamespace, "ztunnel-canary", mt.OnNode("node-a"), mt.Label("app", "ztunnel"))
	d := shopDump()
	evidence := &mesh.ZtunnelEvidence{
		Meta: mesh.Meta{Kind: mesh.KindZtunnelEvidence, Name: "node-a"}, Pod: d.Pod, At: d.At, Version: d.Version,
		Workloads: len(d.Workloads), Services: len(d.Services), Policies: len(d.Policies), Certificates: d.Certificates,
		Comparison: mesh.Comparison{Compared: true, DifferenceCount: 2}, Skipped: 1, FirstSkipped: d.FirstSkipped,
	}
	sync := &mesh.SyncEvidence{Meta: mesh.Meta{Kind: mesh.KindSyncEvidence, Name: "istiod-1"}, At: mt.Now, Proxies: []mesh.ProxySync{
		{Proxy: d.Pod, Type: "ztunnel", Types: []mesh.TypeSync{{URL: "type.googleapis.com/istio.security.Authorization", Sent: "2", Acked: "1"}}},
	}}
	return mt.Mesh(shop(), mt.Node("node-a"), mt.Node("node-b"), mt.Node("node-c", mt.NoZtunnel()), mt.Node("node-d"), second,
		mt.Objects(evidence, sync), mt.Source("istiod/istiod-1", mesh.SourceOK, ""), mt.Source("ztunnel/node-a", mesh.SourcePartial, "One entry could not be decoded."),
		mt.Source("ztunnel/node-b", mesh.SourceForbidden, "create pods/portforward in istio-system"),
		mt.Source("ztunnel/node-d", mesh.SourceDown, "port-forward: connection refused"))
}

// shopDump is what the ztunnel of node-a has: every kind of entry, and one of
// each thing that can be the matter.
func shopDump() *mesh.ZtunnelDump {
	waypoint := &mesh.ZtunnelDestination{Namespace: "shop", Hostname: "waypoint.shop.svc.cluster.local", Port: 15008}
	day := 24 * time.Hour
	cert := func(serial string, from, to time.Duration) mesh.Certificate {
		return mesh.Certificate{Serial: serial, NotBefore: mt.Now.Add(from), NotAfter: mt.Now.Add(to)}
	}
	canonical := true
	return &mesh.ZtunnelDump{
		Node: "node-a", Pod: mesh.Ref{Kind: "Pod", Namespace: mt.SystemNamespace, Name: "ztunnel-node-a"}, At: mt.Now.Add(-12 * time.Second),
		Workloads: []*mesh.ZtunnelWorkload{
			dumped("shop", "web-1", "10.244.1.7", nil),
			dumped("shop", "orders-1", "10.244.1.8", waypoint),
			dumped("shop", "catalog-1", "10.244.1.9", &mesh.ZtunnelDestination{Address: "10.96.0.99", Port: 15008}),
			dumped("billing", "ledger-1", "10.244.1.10", nil),
			dumped("shop", "waypoint-1", "10.244.1.11", nil),
		},
		Services: []*mesh.ZtunnelService{
			{Name: "waypoint", Namespace: "shop", Hostname: "waypoint.shop.svc.cluster.local", VIPs: []string{"/10.96.0.4"}, Ports: map[uint16]uint16{15008: 15008}, Endpoints: []mesh.ZtunnelEndpoint{{WorkloadUID: "Kubernetes//Pod/shop/waypoint-1", Status: "Healthy"}}},
			{
				Name: "orders", Namespace: "shop", Hostname: "orders.shop.svc.cluster.local", VIPs: []string{"/10.96.0.5"}, Ports: map[uint16]uint16{80: 8080, 9090: 0}, Waypoint: waypoint,
				Weighted:  []mesh.ZtunnelWeightedWaypoint{{ZtunnelDestination: *waypoint, Weight: 90}, {ZtunnelDestination: mesh.ZtunnelDestination{Namespace: "shop", Hostname: "waypoint-canary.shop.svc.cluster.local"}, Weight: 10}},
				Endpoints: []mesh.ZtunnelEndpoint{{WorkloadUID: "Kubernetes//Pod/shop/orders-1", Status: "Healthy"}, {WorkloadUID: "Kubernetes//Pod/shop/orders-gone", Status: "Unhealthy"}},
				Canonical: &canonical, Visibility: "Public", IPFamilies: "IPv4", LoadBalancer: mesh.ZtunnelLoadBalancer{Mode: "Failover", Preferences: []string{"Zone"}, HealthPolicy: "OnlyHealthy"},
			},
			{Name: "headless", Namespace: "shop", Hostname: "headless.shop.svc.cluster.local"},
		},
		Policies: []mesh.ZtunnelPolicy{
			{Name: "istio_converted_static_strict", Namespace: mt.SystemNamespace, Scope: "WorkloadSelector", Action: "Deny", Rules: []mesh.ZtunnelRule{{{{"notPrincipals": {"present"}}}}}},
			{Name: "allow-nothing", Namespace: "shop", Scope: "Namespace", Action: "Allow"},
			{Name: "orders-allow-web", Namespace: "shop", Scope: "WorkloadSelector", Action: "Allow", DryRun: true, Rules: []mesh.ZtunnelRule{{{{"principals": {"cluster.local/ns/shop/sa/web"}}}, {{"destinationPorts": {"8080"}}}}, {}}},
		},
		Certificates: []mesh.ZtunnelCertificate{
			{Identity: "spiffe://cluster.local/ns/shop/sa/web", State: "Available", Chain: []mesh.Certificate{cert("65103853697823361331084348346768582770", -day, 12*time.Hour)}, Roots: []mesh.Certificate{cert("1", -100*day, 3550*day)}},
			{Identity: "spiffe://cluster.local/ns/shop/sa/catalog", State: "Available", Chain: []mesh.Certificate{cert("2", -2*day, -time.Hour)}},
			{Identity: "spiffe://cluster.local/ns/shop/sa/orders", State: "Unavailable", Reason: `signing gRPC error: status: Unauthenticated, message: "authentication failure"`},
			{Identity: "spiffe://cluster.local/ns/billing/sa/ledger", State: "Initializing"},
		},
		LocalKnown: true,
		Local: []mesh.ZtunnelLocal{
			{PodUID: "uid-web", State: "Up", Name: "web-1", Namespace: "shop", ServiceAccount: "web", Outbound: []mesh.ZtunnelConnection{{Source: "10.244.1.7:41234", OriginalDestination: "10.96.0.5:80", Destination: "10.244.1.11:15008", Protocol: "HBONE"}}},
			{PodUID: "uid-orders", State: "Up", Name: "orders-1", Namespace: "shop", Inbound: []mesh.ZtunnelConnection{{Source: "10.244.3.3:5000", Destination: "10.244.1.8:8080", Protocol: "TCP"}}},
			{PodUID: "uid-ledger", State: "Pending", Name: "ledger-1", Namespace: "billing"},
		},
		Version: mesh.ZtunnelVersion{Version: "5e1f04d", GitRevision: "5e1f04d", IstioVersion: "1.31.1", BuildStatus: "Clean"},
		Config:  map[string]string{"clusterId": "Kubernetes", "localNode": "node-a", "proxyMode": "Shared"},
		Skipped: 1, FirstSkipped: "workloads: a number where a text should be",
	}
}

func dumped(namespace, name, ip string, waypoint *mesh.ZtunnelDestination) *mesh.ZtunnelWorkload {
	return &mesh.ZtunnelWorkload{
		UID: "Kubernetes//Pod/" + namespace + "/" + name, Name: name, Namespace: namespace, IPs: []string{ip}, Protocol: "HBONE", NetworkMode: "Standard",
		Node: "node-a", TrustDomain: "cluster.local", ServiceAccount: "default", Status: "Healthy", ClusterID: "Kubernetes", Waypoint: waypoint,
		Locality: mesh.ZtunnelLocality{Region: "eu-1", Zone: "eu-1a"}, Policies: []string{"istio-system/istio_converted_static_strict"}, Capacity: 1,
	}
}

func manyWorkloads(n int) func() *mesh.ZtunnelDump {
	return func() *mesh.ZtunnelDump {
		d := &mesh.ZtunnelDump{Node: "node-a", At: mt.Now, LocalKnown: true}
		for i := range n {
			d.Workloads = append(d.Workloads, dumped("shop", fmt.Sprintf("web-%05d", i), fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), nil))
		}
		return d
	}
}

// hostileDump is what a ztunnel might say that somebody else answers for.
func hostileDump() *mesh.ZtunnelDump {
	odd := &mesh.ZtunnelDestination{Namespace: markup, Hostname: quoted}
	w := dumped(markup, quoted, "=1+1", odd)
	w.UID, w.Status, w.Protocol, w.Policies = quoted, markup, "\u202eENOBH", []string{markup, "\x1b[31mred"}
	return &mesh.ZtunnelDump{
		Node: "node-a", At: mt.Now, LocalKnown: true, Pod: mesh.Ref{Kind: "Pod", Namespace: markup, Name: longest},
		Workloads: []*mesh.ZtunnelWorkload{w, w, dumped("..", longest, "//evil.example", odd)},
		Services: []*mesh.ZtunnelService{
			{Name: quoted, Namespace: markup, Hostname: longest, VIPs: []string{markup}, Endpoints: []mesh.ZtunnelEndpoint{{WorkloadUID: markup, Status: quoted}, {WorkloadUID: markup}}, Waypoint: odd},
		},
		Certificates: []mesh.ZtunnelCertificate{{Identity: quoted, State: markup, Reason: longest, Chain: []mesh.Certificate{{Serial: markup, Subject: quoted}}}},
		Config:       map[string]string{markup: quoted}, Version: mesh.ZtunnelVersion{IstioVersion: markup}, Skipped: 3, FirstSkipped: markup,
	}
}
