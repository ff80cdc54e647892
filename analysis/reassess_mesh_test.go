package analysis_test

import (
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// village is a mesh of four namespaces, two of them behind one waypoint.
func village() []mt.Part {
	parts := []mt.Part{
		mt.Node("node-a"), mt.Node("node-b"), mt.Node("node-c"),
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint", mt.Replicas(2), mt.OnNode("node-a", "node-b")),
		mt.Namespace("bank", mt.Ambient, mt.UseWaypointIn("infra", "shared")),
		mt.Namespace("infra", mt.Ambient), mt.Waypoint("infra", "shared", mt.From("All"), mt.WaypointFor("all"), mt.OnNode("node-c")),
		mt.Namespace("legacy"),
	}
	for _, ns := range []string{"shop", "bank", "infra", "legacy"} {
		for _, name := range []string{"web", "orders", "ledger"} {
			parts = append(parts, mt.Service(ns, name, mt.TargetPort(80, "http", "http")),
				mt.Deployment(ns, name, mt.Replicas(3), mt.OnNode("node-a", "node-b", "node-c"), mt.ContainerPort(8080, "http")))
		}
	}
	return parts
}

// trouble has a fault, or something near one, for many kinds of checks.
func trouble() []mt.Part {
	return []mt.Part{
		mt.Secured(),
		mt.Namespace("late", mt.Ambient, mt.Age(20*time.Second)), mt.Service("late", "web"), mt.Deployment("late", "web", mt.Age(30*time.Second), mt.NotCaptured),
		mt.Namespace("typo", mt.Ambient, mt.UseWaypoint("wayponit")), mt.Service("typo", "web"), mt.Deployment("typo", "web", mt.NotCaptured),
		mt.Service("bank", "mail", mt.TargetPort(25, "", "smtp")), mt.Deployment("bank", "mail", mt.RedirectionPending, mt.OnNode("node-b")),
		mt.Service("shop", "nobody"), mt.Service("shop", "own", mt.UseWaypointIn("infra", "shared")), mt.Service("legacy", "lost", mt.UseWaypoint("none-such")),
		mt.Deployment("shop", "half", mt.Sidecar, mt.ServiceAccount("half"), mt.OnController(mt.UseWaypoint("waypoint"))),
		mt.Deployment("legacy", "stale", mt.Captured, mt.OnNode("node-c")),
		mt.Node("node-d", mt.NoZtunnel()), mt.Node("node-e", mt.NoCNI()), mt.Deployment("bank", "far", mt.ServiceAccount("far"), mt.OnNode("node-d", "node-e")),
	}
}

// quarrel is about configuration: what it changes reaches many namespaces.
func quarrel() []mt.Part {
	return []mt.Part{mt.Objects(
		&mesh.CNIConfig{Meta: mesh.Meta{Kind: "ConfigMap", Namespace: "istio-system", Name: "istio-cni-config"}, AmbientEnabled: true, Selectors: mesh.DefaultEnablement(), ExcludeNamespaces: []string{"bank"}},
		&mesh.MeshConfig{Meta: mesh.Meta{Kind: "ConfigMap", Namespace: "istio-system", Name: "istio"}, RootNamespace: "infra", TrustDomain: "other.example"},
		&mesh.PeerAuthentication{Meta: mesh.Meta{Kind: "PeerAuthentication", Namespace: "infra", Name: "default"}, Mode: "STRICT"},
		&mesh.PeerAuthentication{Meta: mesh.Meta{Kind: "PeerAuthentication", Namespace: "shop", Name: "default", Labels: map[string]string{mesh.LabelRevision: "canary"}}, Mode: "STRICT"},
		&mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "infra", Name: "nobody"}, Action: "ALLOW"},
		&mesh.AuthorizationPolicy{
			Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "istio-system", Name: "everywhere"}, Action: "DENY",
			Selector: &mesh.LabelSelector{MatchLabels: map[string]string{"app": "half"}},
		},
		&mesh.AuthorizationPolicy{
			Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "typo", Name: "named"}, Action: "ALLOW",
			Rules: []mesh.AuthorizationRule{{From: []mesh.AuthorizationSource{{Principals: []string{"cluster.local/ns/shop/sa/half", "cluster.local/ns/bank/sa/far"}}}}},
		},
		&mesh.AuthorizationPolicy{
			Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "bank", Name: "web"}, Action: "ALLOW",
			Selector: &mesh.LabelSelector{MatchLabels: map[string]string{"app": "web"}}, Rules: []mesh.AuthorizationRule{{From: []mesh.AuthorizationSource{{Namespaces: []string{"shop"}}}}},
		},
		&mesh.AuthorizationPolicy{
			Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "orders"}, Action: "ALLOW",
			TargetRefs: []mesh.TargetRef{{Kind: "Service", Namespace: "shop", Name: "orders"}}, Rules: []mesh.AuthorizationRule{{From: []mesh.AuthorizationSource{{RequestPrincipals: []string{"*"}}}}, {}},
		},
	)}
}

// routing is about routes, and policies at waypoints that callers can go past.
func routing() []mt.Part {
	orders := mesh.Ref{Kind: "Service", Namespace: "shop", Name: "orders"}
	backend := func(name string, weight int32) mesh.Backend {
		return mesh.Backend{Ref: mesh.Ref{Kind: "Service", Namespace: "shop", Name: name}, Weight: weight, Port: 80}
	}
	return []mt.Part{
		mt.Service("shop", "doubted", mt.Condition(mesh.ConditionWaypointBound, mesh.ConditionFalse, "AttachmentDenied", "")),
		mt.Deployment("legacy", "caller", mt.Sidecar, mt.ServiceAccount("caller")),
		mt.Deployment("shop", "inside", mt.Sidecar, mt.ServiceAccount("inside")),
		mt.Objects(
			&mesh.Route{
				Meta:    mesh.Meta{Kind: "HTTPRoute", Namespace: "shop", Name: "orders"},
				Parents: []mesh.RouteParent{{Ref: orders}},
				Rules:   []mesh.RouteRule{{Protocol: "http", Backends: []mesh.Backend{backend("web", 50), backend("gone", 50)}}},
			},
			&mesh.Route{
				Meta: mesh.Meta{Kind: "VirtualService", Namespace: "bank", Name: "web"}, Hosts: []string{"web"},
				Rules: []mesh.RouteRule{{Protocol: "http", Fault: &mesh.Fault{AbortPercent: 10, AbortStatus: 503}, Backends: []mesh.Backend{{Host: "web"}}}},
			},
			&mesh.AuthorizationPolicy{
				Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "at-waypoint"}, Action: "DENY",
				TargetRefs: []mesh.TargetRef{{Kind: "Service", Namespace: "shop", Name: "web"}},
				Rules:      []mesh.AuthorizationRule{{To: []mesh.AuthorizationOperation{{Methods: []string{"DELETE"}}}}},
			},
			&mesh.AuthorizationPolicy{
				Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "bank", Name: "lost"}, Action: "DENY",
				Rules: []mesh.AuthorizationRule{{To: []mesh.AuthorizationOperation{{Methods: []string{"GET"}}}}},
			},
		),
	}
}

// refused is what istiod writes where a waypoint does not take an object.
func refused() mesh.Conditions {
	return mesh.Conditions{{Type: mesh.ConditionWaypointBound, Status: mesh.ConditionFalse, Reason: "AttachmentDenied"}}
}

// bustle is traffic within namespaces and between them, some of which fails.
func bustle() mt.Part {
	return mt.Counted(func(t *mesh.Traffic) {
		for i, to := range []string{"shop", "bank", "infra", "legacy"} {
			for _, from := range []string{"shop", "legacy"} {
				for _, reporter := range []string{"source", "destination"} {
					t.Connections = append(t.Connections, mesh.ConnectionFlow{
						Reporter: reporter, Host: "web." + to + ".svc.cluster.local", ServiceNamespace: to, ServiceName: "web",
						Flags: []string{"-", "CONNECT"}[i%2], Security: "none", Opened: 12, Closed: 12, Failed: -1,
						Source: mesh.TrafficPeer{Workload: []string{"caller", "inside", "orders", "nobody"}[i], Namespace: from}, Destination: mesh.TrafficPeer{Workload: "web", Namespace: to},
					})
				}
			}
			t.Requests = append(t.Requests, mt.Flow(to, "web", "web", "v1", "200", 40), mt.Flow(to, "web", "web", "v1", "503", 4))
		}
	})
}

// worn are certificates that have run out, end soon, or hang on a root that
// does, in the trust domain that quarrel sets.
func worn() mt.Part {
	said := func(node string, change func(*mesh.ZtunnelCertificate)) mt.Part {
		return mt.ZtunnelSaid(node, mt.With(func(e *mesh.ZtunnelEvidence) {
			for i := range e.Certificates {
				c := &e.Certificates[i]
				c.Identity = strings.Replace(c.Identity, "cluster.local", "other.example", 1)
				change(c)
			}
		}))
	}
	return mt.Parts(
		said("node-a", func(c *mesh.ZtunnelCertificate) { c.Chain[0].NotAfter = mt.Now.Add(-time.Minute) }),
		said("node-b", func(c *mesh.ZtunnelCertificate) { c.Chain[0].NotAfter = mt.Now.Add(time.Minute) }),
		said("node-c", func(c *mesh.ZtunnelCertificate) { c.Roots[0].NotAfter = mt.Now.Add(time.Hour) }),
	)
}
