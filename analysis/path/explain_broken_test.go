package path_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// parts joins what a case adds to the bare shop.
func parts(p ...meshtest.Part) []meshtest.Part { return p }

func objects(o ...mesh.Object) meshtest.Part { return meshtest.Objects(o...) }

// bare is the shop without policies and routes, with something added.
func bare(more ...meshtest.Part) *mesh.Snapshot { return meshtest.Mesh(append(bareShop(), more...)...) }

// What is said of one call: verdict, outcome and code as told writes them, and
// the hop that did it.
type said struct {
	name string
	with []meshtest.Part
	from string // shop/web-1 unless said
	to   string // shop/orders:80 unless said
	path string
	want string
	hop  path.HopKind
	// code of that hop, want's unless said.
	code string
}

func (c said) check(t *testing.T, s *mesh.Snapshot) {
	t.Helper()
	r := question("shop/web-1", "shop/orders:80")
	if c.from != "" {
		r.From = c.from
	}
	if c.to != "" {
		r.To = c.to
	}
	if c.path != "" {
		r.Path = c.path
	}
	e := explain(t, s, r)
	if got := told(e); got != c.want {
		t.Errorf("%s, want %s: %s", got, c.want, e.Summary)
	}
	if c.hop == "" {
		return
	}
	h := hop(e, c.hop)
	if want := c.code; want != "" && h.Code != want || want == "" && h.Code != e.Code {
		t.Errorf("hop %s has code %q: %s", c.hop, h.Code, h.Explain)
	}
}

func TestCallsThatDoNotLeave(t *testing.T) {
	for _, tt := range []said{
		{name: "no ztunnel on the caller's node", with: parts(meshtest.Node("node-a", meshtest.NoZtunnel())), want: "Unreachable refused ZTUNNEL_MISSING_ON_NODE", hop: path.HopSourceZtunnel},
		{name: "a caller whose redirection is pending", with: parts(meshtest.Pod("shop", "late", meshtest.RedirectionPending)), from: "shop/late", want: "Unreachable refused REDIRECTION_PENDING", hop: path.HopClient},
		{
			name: "a caller its ztunnel does not serve", with: parts(meshtest.ProxiesRead(), meshtest.ZtunnelSaid("node-a", meshtest.With(func(e *mesh.ZtunnelEvidence) { delete(e.Local, "uid-Pod-shop-web-1") }))),
			want: "Unreachable refused ENROLLED_NOT_IN_ZTUNNEL", hop: path.HopSourceZtunnel,
		},
		{
			name: "no certificate for the caller", with: parts(meshtest.ProxiesRead(), meshtest.ZtunnelSaid("node-a", certificate("web", func(c *mesh.ZtunnelCertificate) { c.State, c.Reason = "Unavailable", "signing gRPC error" }))),
			want: "Unreachable reset CERT_UNAVAILABLE", hop: path.HopSourceZtunnel,
		},
		{
			name: "a certificate that is still on its way", with: parts(meshtest.ProxiesRead(), meshtest.ZtunnelSaid("node-a", certificate("web", func(c *mesh.ZtunnelCertificate) { c.State = "Initializing" }))),
			want: "Unreachable reset CERT_UNAVAILABLE", hop: path.HopSourceZtunnel,
		},
		{
			name: "a certificate that is over", with: parts(meshtest.ProxiesRead(), meshtest.ZtunnelSaid("node-a", certificate("web", func(c *mesh.ZtunnelCertificate) { c.Chain[0].NotAfter = meshtest.Now.Add(-time.Hour) }))),
			want: "Unreachable reset CERT_EXPIRED", hop: path.HopSourceZtunnel,
		},
		{name: "a namespace istiod does not look at", with: parts(objects(discovering("team", "a"))), want: "Unreachable reset OUTSIDE_DISCOVERY_SELECTORS", hop: path.HopSourceZtunnel},
		{name: "a caller that finished is no caller", with: nil, want: "Reachable ok"},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.check(t, bare(tt.with...)) })
	}
}

func certificate(account string, change func(*mesh.ZtunnelCertificate)) meshtest.Option {
	c := meshtest.Certificate("spiffe://cluster.local/ns/shop/sa/"+account, meshtest.Now.Add(-time.Hour), meshtest.Now.Add(23*time.Hour))
	change(&c)
	return meshtest.With(func(e *mesh.ZtunnelEvidence) { e.Certificates = []mesh.ZtunnelCertificate{c} })
}

func discovering(key, value string) *mesh.MeshConfig {
	c := &mesh.MeshConfig{RootNamespace: "istio-system", TrustDomain: "cluster.local", DiscoverySelectors: []mesh.LabelSelector{{MatchLabels: map[string]string{key: value}}}}
	c.Kind, c.Namespace, c.Name = "MeshConfig", "istio-system", "istio"
	return c
}

func TestWaypointsThatFail(t *testing.T) {
	label := func(opts ...meshtest.Option) meshtest.Part {
		return meshtest.Service("shop", "front", append(opts, meshtest.Selects("app", "orders"))...)
	}
	for _, tt := range []said{
		{name: "the label names no Gateway: the call goes past it", with: parts(label(meshtest.UseWaypoint("typo"))), to: "shop/front:80", want: "Reachable ok", hop: path.HopWaypoint, code: "WAYPOINT_NOT_FOUND"},
		{
			name: "and is refused where only the waypoint is let in", with: parts(label(meshtest.UseWaypoint("typo")), objects(policyIn("shop", "only", fromPrincipals("cluster.local/ns/shop/sa/typo")))),
			to: "shop/front:80", want: "Unreachable reset WAYPOINT_NOT_FOUND", hop: path.HopDestinationZtunnel, code: "POLICY_NONE_ALLOWED",
		},
		{name: "a waypoint that never had an address", with: parts(meshtest.Waypoint("shop", "cold", meshtest.NeverProgrammed()), label(meshtest.UseWaypoint("cold"))), to: "shop/front:80", want: "Reachable ok", hop: path.HopWaypoint, code: "WAYPOINT_NOT_PROGRAMMED"},
		{
			name: "a waypoint of another namespace that does not admit this one", with: parts(meshtest.Namespace("edge"), meshtest.Waypoint("edge", "waypoint"), label(meshtest.UseWaypointIn("edge", "waypoint"))),
			to: "shop/front:80", want: "Reachable ok", hop: path.HopWaypoint, code: "WAYPOINT_ATTACHMENT_DENIED",
		},
		{
			name: "one that does admit it", with: parts(meshtest.Namespace("edge"), meshtest.Waypoint("edge", "waypoint", meshtest.From("All")), label(meshtest.UseWaypointIn("edge", "waypoint"))),
			to: "shop/front:80", want: "Reachable ok", hop: path.HopWaypoint,
		},
		{name: "a waypoint for workloads", with: parts(meshtest.Waypoint("shop", "pods", meshtest.WaypointFor("workload")), label(meshtest.UseWaypoint("pods"))), to: "shop/front:80", want: "Reachable ok", hop: path.HopWaypoint, code: "WAYPOINT_TRAFFIC_TYPE_MISMATCH"},
		{name: "a Gateway that is no waypoint", with: parts(meshtest.Gateway("shop", "door"), label(meshtest.UseWaypoint("door"))), to: "shop/front:80", want: "Unreachable reset WAYPOINT_WRONG_GATEWAY", hop: path.HopWaypoint},
		{name: "a waypoint without a ready pod", with: parts(meshtest.Waypoint("shop", "down", meshtest.Ready(0)), label(meshtest.UseWaypoint("down"))), to: "shop/front:80", want: "Unreachable reset WAYPOINT_NO_ENDPOINTS", hop: path.HopWaypoint},
		{
			name: "a canary without a ready pod, for a tenth of the calls", with: parts(meshtest.Waypoint("shop", "next", meshtest.Ready(0)), label(meshtest.UseWaypoint("waypoint"), meshtest.Label(mesh.LabelUseWaypointCanary, "next"), meshtest.Annotation(mesh.AnnotationCanaryWeight, "10"))),
			to: "shop/front:80", want: "Ambiguous reset WAYPOINT_NO_ENDPOINTS",
		},
		{name: "EndpointSlices that may not be read", with: parts(meshtest.Forbidden(mesh.ResourceEndpointSlices)), want: "Undetermined unknown"},
		{name: "the waypoint is not let in by the pods", with: parts(objects(policyIn("shop", "only-web", fromPrincipals("cluster.local/ns/shop/sa/web")))), want: "Unreachable http 503 AUTHZ_WAYPOINT_IDENTITY_DENIED", hop: path.HopDestinationZtunnel},
		{
			name: "a DENY meant for its namespace hits the waypoint", with: parts(objects(policy("deny", "DENY", mesh.AuthorizationRule{From: []mesh.AuthorizationSource{{Namespaces: []string{"shop"}}}}))),
			want: "Unreachable http 503 AUTHZ_DENY_HITS_WAYPOINT", hop: path.HopDestinationZtunnel,
		},
		{name: "a pod behind a waypoint for pods", with: parts(meshtest.Waypoint("shop", "pods", meshtest.WaypointFor("workload")), meshtest.Pod("shop", "db", meshtest.UseWaypoint("pods"))), to: "shop/db:5432", want: "Reachable ok", hop: path.HopWaypoint},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.check(t, bare(tt.with...)) })
	}
}

func TestPoliciesOnTheWay(t *testing.T) {
	s := shop(
		meshtest.Pod("shop", "other"),
		objects(policyIn("legacy", "nobody")),
		meshtest.Namespace("open", meshtest.Ambient), meshtest.Deployment("open", "db"), meshtest.Service("open", "db"),
		objects(
			policyIn("open", "l7", mesh.AuthorizationRule{To: []mesh.AuthorizationOperation{{Methods: []string{"GET"}}}}),
		),
	)
	for _, tt := range []said{
		{name: "a path no rule admits", path: "/admin", want: "Unreachable http 403 POLICY_NONE_ALLOWED", hop: path.HopWaypoint},
		{name: "a caller no rule admits", from: "shop/other", want: "Unreachable http 403 POLICY_NONE_ALLOWED", hop: path.HopWaypoint},
		{name: "a plaintext caller at STRICT", from: "legacy/batch-1", want: "Unreachable reset STRICT_PLAINTEXT", hop: path.HopDestinationZtunnel},
		{name: "nobody of the mesh at all", from: "outside", want: "Unreachable reset STRICT_PLAINTEXT", hop: path.HopDestinationZtunnel},
		{name: "past the waypoint, by the pod's address", to: "shop/orders-v1-1:8080", want: "Unreachable reset POLICY_NONE_ALLOWED", hop: path.HopDestinationZtunnel},
		{name: "to a pod outside the mesh, whose policies nobody enforces", to: "legacy/batch-1:8080", want: "Reachable ok"},
		{name: "an ALLOW that asks for HTTP, at ztunnel", to: "open/db:80", want: "Unreachable reset AUTHZ_L7_DENIES_ALL", hop: path.HopDestinationZtunnel},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.check(t, s) })
	}
}

func TestAPodThatShouldBeCapturedCallsWithoutIdentity(t *testing.T) {
	s := shop(meshtest.Pod("shop", "loose", meshtest.NotCaptured))
	said{from: "shop/loose", want: "Unreachable reset POD_NOT_CAPTURED", hop: path.HopDestinationZtunnel, code: "STRICT_PLAINTEXT"}.check(t, s)
	e := explain(t, s, question("shop/loose", "shop/orders:80"))
	if h := hop(e, path.HopClient); h.Code != "POD_NOT_CAPTURED" {
		t.Errorf("the client: %+v", h)
	}
	if h := hop(e, path.HopWaypoint); h.Result != path.HopSkipped {
		t.Errorf("the waypoint is %s, want it skipped", h.Result)
	}
}

func TestDestinationsThatFail(t *testing.T) {
	for _, tt := range []said{
		{name: "no ztunnel on the node of one of two versions", with: parts(meshtest.Node("node-b", meshtest.NoZtunnel())), want: "Ambiguous http 503 ZTUNNEL_MISSING_ON_NODE"},
		{name: "no ready endpoint behind the waypoint", with: parts(meshtest.Deployment("shop", "idle", meshtest.Ready(0)), meshtest.Service("shop", "idle")), to: "shop/idle:80", want: "Unreachable http 503 SERVICE_NO_ENDPOINTS"},
		{name: "no ready endpoint without a waypoint", with: parts(meshtest.Deployment("shop", "idle", meshtest.Ready(0)), meshtest.Service("shop", "idle", meshtest.UseWaypoint("none"))), to: "shop/idle:80", want: "Unreachable reset SERVICE_NO_ENDPOINTS"},
		{name: "for a caller outside the mesh nothing takes the connection", with: parts(meshtest.Deployment("shop", "idle", meshtest.Ready(0)), meshtest.Service("shop", "idle", meshtest.UseWaypoint("none"))), from: "legacy/batch-1", to: "shop/idle:80", want: "Unreachable refused SERVICE_NO_ENDPOINTS"},
		{name: "a headless Service without ready endpoints has no address", with: parts(meshtest.Deployment("shop", "idle", meshtest.Ready(0)), meshtest.Service("shop", "idle", meshtest.With(func(s *mesh.Service) { s.VIPs = nil }))), to: "shop/idle:80", want: "Unreachable refused SERVICE_NO_ENDPOINTS"},
		{name: "calls stay on a node without endpoints", with: parts(meshtest.Deployment("shop", "agent", meshtest.OnNode("node-b")), meshtest.Service("shop", "agent", meshtest.UseWaypoint("none"), meshtest.With(func(s *mesh.Service) { s.InternalTrafficPolicy = "Local" }))), to: "shop/agent:80", want: "Unreachable reset TRAFFIC_POLICY_LOCAL_EMPTY"},
		{name: "calls stay on a node with one", with: parts(meshtest.Deployment("shop", "agent", meshtest.OnNode("node-a")), meshtest.Service("shop", "agent", meshtest.UseWaypoint("none"), meshtest.With(func(s *mesh.Service) { s.InternalTrafficPolicy = "Local" }))), to: "shop/agent:80", want: "Reachable ok"},
		{name: "a pod with a sidecar under no policy", with: parts(meshtest.Pod("shop", "old", meshtest.Sidecar)), to: "shop/old:8080", want: "Reachable ok"},
		{name: "a pod with a sidecar under STRICT", with: parts(meshtest.Pod("shop", "old", meshtest.Sidecar), objects(strict())), to: "shop/old:8080", want: "Undetermined unknown"},
		{name: "a pod on the network of its node", with: parts(meshtest.Pod("shop", "host", meshtest.HostNetwork)), to: "shop/host:8080", want: "Reachable ok"},
		{name: "a pod of another network", with: parts(meshtest.Pod("shop", "near", network("one")), meshtest.Pod("shop", "far", network("two"))), from: "shop/near", to: "shop/far:8080", want: "Undetermined unknown"},
		{
			name: "a captured pod its ztunnel does not serve", with: parts(meshtest.Pod("shop", "db", meshtest.OnNode("node-b")), meshtest.ProxiesRead(), meshtest.ZtunnelSaid("node-b", meshtest.With(func(e *mesh.ZtunnelEvidence) { delete(e.Local, "uid-Pod-shop-db") }))),
			to: "shop/db:5432", want: "Unreachable reset ENROLLED_NOT_IN_ZTUNNEL", hop: path.HopDestinationZtunnel,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := bare(tt.with...)
			if tt.name == "no ztunnel on the node of one of two versions" {
				s = shop(tt.with...)
			}
			tt.check(t, s)
		})
	}
}

func network(name string) meshtest.Option {
	return meshtest.With(func(w *mesh.Workload) { w.Network = name })
}

// What a policy does otherwise than it says is named as the finding that says
// so.
func TestPoliciesThatDoSomethingElse(t *testing.T) {
	web := func(op mesh.AuthorizationOperation) mesh.AuthorizationRule {
		r := fromPrincipals("cluster.local/ns/shop/sa/web")
		r.To = []mesh.AuthorizationOperation{op}
		return r
	}
	direct := meshtest.Service("shop", "direct", meshtest.UseWaypoint("none"), meshtest.Selects("app", "orders"))
	db := parts(meshtest.Deployment("shop", "db"), meshtest.Service("shop", "db", meshtest.TargetPort(5432, "tcp", "5432")))
	onDB := func(p *mesh.AuthorizationPolicy) *mesh.AuthorizationPolicy {
		p.TargetRefs = []mesh.TargetRef{{Kind: "Service", Name: "db"}}
		return p
	}
	for _, tt := range []said{
		{name: "an ALLOW at ztunnel with the Service's port", with: parts(direct, objects(policy("p", "ALLOW", web(mesh.AuthorizationOperation{Ports: []string{"80"}})))), to: "shop/direct:80", want: "Unreachable reset AUTHZ_PORT_MISMATCH", hop: path.HopDestinationZtunnel},
		{name: "an ALLOW at ztunnel with the pods' port", with: parts(direct, objects(policy("p", "ALLOW", web(mesh.AuthorizationOperation{Ports: []string{"8080"}})))), to: "shop/direct:80", want: "Reachable ok"},
		{name: "an ALLOW at the waypoint with the pods' port", with: parts(objects(atWaypoint(policy("p", "ALLOW", web(mesh.AuthorizationOperation{Ports: []string{"8080"}}))))), want: "Unreachable http 403 AUTHZ_PORT_MISMATCH", hop: path.HopWaypoint},
		{name: "an ALLOW at the waypoint with the Service's port", with: parts(objects(atWaypoint(policy("p", "ALLOW", web(mesh.AuthorizationOperation{Ports: []string{"80"}}))))), want: "Reachable ok"},
		{name: "a DENY of one method on a port denies the port at ztunnel", with: parts(direct, objects(policy("p", "DENY", web(mesh.AuthorizationOperation{Ports: []string{"8080"}, Methods: []string{"DELETE"}})))), to: "shop/direct:80", want: "Unreachable reset AUTHZ_DENY_BROADER", hop: path.HopDestinationZtunnel},
		{name: "a DENY of one method alone denies nothing at ztunnel", with: parts(direct, objects(policy("p", "DENY", web(mesh.AuthorizationOperation{Methods: []string{"GET"}})))), to: "shop/direct:80", want: "Reachable ok"},
		{name: "an ALLOW by method on a port that carries no HTTP", with: append(db, objects(onDB(policy("p", "ALLOW", web(mesh.AuthorizationOperation{Methods: []string{"GET"}}))))), to: "shop/db:5432", want: "Unreachable reset AUTHZ_HTTP_ON_TCP_PORT", hop: path.HopWaypoint},
		{name: "a target port by a name no pod has", with: parts(meshtest.Service("shop", "named", meshtest.TargetPort(80, "http", "web"), meshtest.Selects("app", "orders"))), to: "shop/named:80", want: "Unreachable http 503 SERVICE_PORT_UNRESOLVED"},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.check(t, bare(tt.with...)) })
	}
}

// The way of every kind of caller.
func TestCallersOfOtherKinds(t *testing.T) {
	door := parts(meshtest.Gateway("shop", "door"), meshtest.Pod("shop", "door-1", meshtest.Label(mesh.LabelGatewayName, "door"), meshtest.Label(mesh.LabelDataplaneMode, "none")))
	asks := meshtest.Service("shop", "asks", meshtest.Selects("app", "orders"), meshtest.Label(mesh.LabelIngressUseWaypoint, "true"))
	for _, tt := range []struct {
		said
		waypoint path.HopResult
	}{
		{said{name: "a gateway goes past the waypoint", with: door, from: "ingress:shop/door", want: "Reachable ok", hop: path.HopIngressGateway}, path.HopSkipped},
		{said{name: "or through it, where the Service asks for that", with: append(door, asks), from: "ingress:shop/door", to: "shop/asks:80", want: "Reachable ok"}, path.HopPass},
		{said{name: "a sidecar goes past the waypoint", with: parts(meshtest.Pod("shop", "old", meshtest.Sidecar)), from: "shop/old", want: "Reachable ok", hop: path.HopSidecar}, path.HopSkipped},
		{said{name: "a sidecar applies routes itself", with: parts(meshtest.Pod("shop", "old", meshtest.Sidecar), objects(split(), versions())), from: "shop/old", want: "Undetermined unknown"}, ""},
		{said{name: "a pod on its node's network has no identity", with: parts(meshtest.Pod("shop", "host", meshtest.HostNetwork), objects(strict())), from: "shop/host", want: "Unreachable reset STRICT_PLAINTEXT"}, path.HopSkipped},
		{said{name: "nobody of the mesh, where plaintext is admitted", from: "outside", want: "Reachable ok"}, path.HopSkipped},
		{said{name: "all pods of a Deployment that call alike", from: "shop/deployment/web", want: "Reachable ok"}, path.HopPass},
		{said{name: "all pods of an account", from: "shop/sa/orders", want: "Reachable ok"}, path.HopPass},
		{said{name: "a Deployment of which one pod is not captured", with: parts(meshtest.Deployment("shop", "mixed", meshtest.Replicas(2), meshtest.OnPod(2, meshtest.NotCaptured)), objects(strict())), from: "shop/deployment/mixed", want: "Ambiguous reset POD_NOT_CAPTURED"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := bare(tt.with...)
			tt.check(t, s)
			if tt.waypoint == "" {
				return
			}
			r := question(tt.from, "shop/orders:80")
			if tt.to != "" {
				r.To = tt.to
			}
			if h := hop(explain(t, s, r), path.HopWaypoint); h.Result != tt.waypoint {
				t.Errorf("waypoint %s, want %s", h.Result, tt.waypoint)
			}
		})
	}
}
