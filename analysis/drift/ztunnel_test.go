package drift_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waylight/waylight/analysis/drift"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// told is the dump of a ztunnel that knows the workloads and services of a mesh
// and goes by waypoint shop/waypoint where that has an address; policies are a
// test's own matter.
func told(s *mesh.Snapshot) *mesh.ZtunnelDump {
	d := &mesh.ZtunnelDump{Node: "node-a", At: s.At, LocalKnown: true, Config: map[string]string{"clusterId": "Kubernetes"}}
	for _, sh := range s.Shards {
		for _, w := range sh.Workloads {
			d.Workloads = append(d.Workloads, toldWorkload(w))
		}
		for _, svc := range sh.Services {
			d.Services = append(d.Services, toldService(sh, svc))
		}
		for _, se := range sh.ServiceEntries {
			for _, host := range se.Hosts {
				d.Services = append(d.Services, &mesh.ZtunnelService{Name: se.Name, Namespace: se.Namespace, Hostname: host})
			}
			for _, e := range se.Endpoints {
				uid := "Kubernetes/networking.istio.io/ServiceEntry/" + se.Namespace + "/" + se.Name + "/" + e.Address
				d.Workloads = append(d.Workloads, &mesh.ZtunnelWorkload{UID: uid, Name: se.Name, Namespace: se.Namespace, ClusterID: "Kubernetes"})
			}
		}
	}
	return d
}

func toldWorkload(w *mesh.Workload) *mesh.ZtunnelWorkload {
	out := &mesh.ZtunnelWorkload{
		UID: "Kubernetes//Pod/" + w.Namespace + "/" + w.Name, Name: w.Name, Namespace: w.Namespace, IPs: w.IPs,
		ClusterID: "Kubernetes", Protocol: "TCP", Status: "Unhealthy",
	}
	if w.Kind == "WorkloadEntry" {
		out.UID = "Kubernetes/networking.istio.io/WorkloadEntry/" + w.Namespace + "/" + w.Name
	}
	if w.Annotations[mesh.AnnotationRedirection] == "enabled" {
		out.Protocol = "HBONE"
	}
	if w.Ready {
		out.Status = "Healthy"
	}
	return out
}

func toldService(sh *mesh.Shard, svc *mesh.Service) *mesh.ZtunnelService {
	out := &mesh.ZtunnelService{Name: svc.Name, Namespace: svc.Namespace, Hostname: svc.Name + "." + svc.Namespace + ".svc.cluster.local"}
	if sh.Info != nil && sh.Info.Labels[mesh.LabelUseWaypoint] == "waypoint" && svc.Labels[mesh.LabelGatewayManaged] == "" {
		out.Waypoint = &mesh.ZtunnelDestination{Namespace: svc.Namespace, Hostname: "waypoint." + svc.Namespace + ".svc.cluster.local", Port: 15008}
	}
	for _, sl := range sh.Slices(svc.Name) {
		for _, e := range sl.Endpoints {
			if e.IsReady() {
				out.Endpoints = append(out.Endpoints, mesh.ZtunnelEndpoint{WorkloadUID: "Kubernetes//Pod/" + e.Target.Namespace + "/" + e.Target.Name, Status: "Healthy"})
			}
		}
	}
	return out
}

func workload(d *mesh.ZtunnelDump, name string) *mesh.ZtunnelWorkload {
	return d.Workloads[slices.IndexFunc(d.Workloads, func(w *mesh.ZtunnelWorkload) bool { return w.Name == name })]
}

func service(d *mesh.ZtunnelDump, name string) *mesh.ZtunnelService {
	return d.Services[slices.IndexFunc(d.Services, func(s *mesh.ZtunnelService) bool { return s.Name == name })]
}

func lacks(name string) func(*mesh.ZtunnelDump) {
	return func(d *mesh.ZtunnelDump) {
		d.Workloads = slices.DeleteFunc(d.Workloads, func(w *mesh.ZtunnelWorkload) bool { return w.Name == name })
		d.Services = slices.DeleteFunc(d.Services, func(s *mesh.ZtunnelService) bool { return s.Name == name })
	}
}

// has adds a workload of a cluster that the API may not know.
func has(cluster, namespace, name string) func(*mesh.ZtunnelDump) {
	return func(d *mesh.ZtunnelDump) {
		d.Workloads = append(d.Workloads, &mesh.ZtunnelWorkload{UID: cluster + "//Pod/" + namespace + "/" + name, Name: name, Namespace: namespace, ClusterID: cluster, Protocol: "HBONE"})
	}
}

// driftCase is a mesh, what its ztunnel has instead of what it was told, and
// the differences as "Kind ns/name field: expected | found".
type driftCase struct {
	name   string
	parts  []mt.Part
	broken func(*mesh.ZtunnelDump)
	want   []string
}

func testDrift(t *testing.T, base []mt.Part, cases []driftCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			s := mt.Mesh(append(slices.Clone(base), tt.parts...)...)
			d := told(s)
			if tt.broken != nil {
				tt.broken(d)
			}
			if diff := cmp.Diff(tt.want, inWords(drift.Ztunnel(s, d, s.At).Differences), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func inWords(list []mesh.Difference) []string {
	var out []string
	for _, d := range list {
		out = append(out, d.Object.String()+" "+d.Field+": "+d.Expected+" | "+d.Found)
	}
	return out
}

func TestWorkloads(t *testing.T) {
	base := []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Namespace("legacy"), mt.Pod("shop", "web"), mt.Pod("legacy", "batch")}
	change := func(name string, f func(*mesh.ZtunnelWorkload)) func(*mesh.ZtunnelDump) {
		return func(d *mesh.ZtunnelDump) { f(workload(d, name)) }
	}
	plain := change("web", func(w *mesh.ZtunnelWorkload) { w.Protocol = "TCP" })
	missing := []string{"Pod shop/web workload: Kubernetes//Pod/shop/web | "}
	testDrift(t, base, []driftCase{
		{name: "it has what it was told"},
		{name: "a captured pod is taken for uncaptured", broken: plain, want: []string{"Pod shop/web protocol: HBONE | TCP"}},
		{name: "an uncaptured pod is taken for captured", broken: change("batch", func(w *mesh.ZtunnelWorkload) { w.Protocol = "HBONE" }), want: []string{"Pod legacy/batch protocol: TCP | HBONE"}},
		{name: "a pod is missing", broken: lacks("web"), want: missing},
		{name: "a pod is there that nobody knows", broken: has("Kubernetes", "shop", "ghost"), want: []string{"Pod shop/ghost workload:  | Kubernetes//Pod/shop/ghost"}},
		{name: "a waypoint for the pod that nothing asks for", broken: change("web", func(w *mesh.ZtunnelWorkload) {
			w.Waypoint = &mesh.ZtunnelDestination{Network: "n", Address: "10.0.0.1"}
		}), want: []string{"Pod shop/web waypoint:  | n/10.0.0.1"}},
		{name: "silent: a workload of another cluster", broken: has("elsewhere", "shop", "ghost")},
		{name: "silent: a sidecar, a gateway and what tunnels by itself may speak either", parts: []mt.Part{
			mt.Pod("legacy", "sidecar", mt.Sidecar), mt.Pod("legacy", "tunnel", mt.Label("networking.istio.io/tunnel", "http")), mt.Waypoint("legacy", "waypoint"),
		}, broken: func(d *mesh.ZtunnelDump) {
			for _, name := range []string{"sidecar", "tunnel", "waypoint-1"} {
				workload(d, name).Protocol = "HBONE"
			}
		}},
		{name: "silent: a pod younger than a minute", parts: []mt.Part{mt.Pod("shop", "new", mt.Age(30*time.Second))}, broken: lacks("new")},
		{name: "silent: a pod enrolled within the minute", parts: []mt.Part{mt.Pod("shop", "new", mt.With(func(w *mesh.Workload) { w.StatusChange.Time = mt.Now.Add(-30 * time.Second) }))}, broken: change("new", func(w *mesh.ZtunnelWorkload) { w.Protocol = "TCP" })},
		{name: "silent: a pod that came after the dump was read", parts: []mt.Part{mt.Pod("shop", "new", mt.Age(5*time.Minute))}, broken: func(d *mesh.ZtunnelDump) {
			lacks("new")(d)
			d.At = d.At.Add(-10 * time.Minute)
		}},
		{name: "silent: a pod that is going away", parts: []mt.Part{mt.Pod("shop", "old", mt.Terminating())}, broken: lacks("old")},
		{name: "silent: a pod that has finished", parts: []mt.Part{mt.Pod("shop", "job", mt.Phase("Succeeded"))}, broken: lacks("job")},
		{name: "silent: entries of the dump could not be decoded", broken: func(d *mesh.ZtunnelDump) { lacks("web")(d); d.Skipped = 1 }},
		{name: "silent: ztunnel asks for workloads one by one", broken: func(d *mesh.ZtunnelDump) { lacks("web")(d); d.Config["xdsOnDemand"] = "true" }},
		{name: "silent: a namespace that is not watched", parts: []mt.Part{mt.Scope("legacy", "istio-system")}, broken: lacks("web")},
		{name: "silent: a namespace that istiod leaves out", parts: []mt.Part{discovery("legacy")}, broken: lacks("web")},
		{name: "a namespace that istiod looks at", parts: []mt.Part{discovery("shop")}, broken: lacks("web"), want: missing},
		{name: "silent: what istiod looks at cannot be read", parts: []mt.Part{mt.Forbidden(mesh.ResourceConfigMaps)}, broken: lacks("web")},
		{name: "silent: pods may not be read", parts: []mt.Part{mt.Forbidden(mesh.ResourcePods)}, broken: has("Kubernetes", "shop", "ghost")},
	})
}

// discovery limits istiod to one namespace.
func discovery(namespace string) mt.Part {
	return mt.Objects(&mesh.MeshConfig{
		Meta: mesh.Meta{Kind: "ConfigMap", Namespace: mt.SystemNamespace, Name: "istio"}, RootNamespace: mt.SystemNamespace, TrustDomain: mesh.DefaultTrustDomain,
		DiscoverySelectors: []mesh.LabelSelector{{MatchLabels: map[string]string{"kubernetes.io/metadata.name": namespace}}},
	})
}

func TestServices(t *testing.T) {
	base := []mt.Part{mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint"), mt.Service("shop", "web"), mt.Namespace("legacy"), mt.Service("legacy", "batch")}
	change := func(name string, f func(*mesh.ZtunnelService)) func(*mesh.ZtunnelDump) {
		return func(d *mesh.ZtunnelDump) { f(service(d, name)) }
	}
	direct := change("web", func(s *mesh.ZtunnelService) { s.Waypoint = nil })
	by := func(d mesh.ZtunnelDestination) func(*mesh.ZtunnelDump) {
		return change("web", func(s *mesh.ZtunnelService) { s.Waypoint = &d })
	}
	testDrift(t, base, []driftCase{
		{name: "it has what it was told"},
		{name: "a Service goes direct that has a waypoint", broken: direct, want: []string{"Service shop/web waypoint: shop/waypoint | "}},
		{
			name: "a Service goes by a waypoint that it does not have", broken: change("batch", func(s *mesh.ZtunnelService) { s.Waypoint = &mesh.ZtunnelDestination{Namespace: "shop", Hostname: "x"} }),
			want: []string{"Service legacy/batch waypoint:  | shop/x"},
		},
		{name: "another waypoint by name", broken: by(mesh.ZtunnelDestination{Namespace: "shop", Hostname: "old.shop.svc.cluster.local"}), want: []string{"Service shop/web waypoint: shop/waypoint | shop/old.shop.svc.cluster.local"}},
		{name: "another waypoint by address", broken: by(mesh.ZtunnelDestination{Address: "10.96.9.9"}), want: []string{"Service shop/web waypoint: shop/waypoint | /10.96.9.9"}},
		{name: "a Service is missing", broken: lacks("web"), want: []string{"Service shop/web service: web.shop.svc.cluster.local | "}},
		{name: "a Service is there that nobody knows", broken: func(d *mesh.ZtunnelDump) {
			d.Services = append(d.Services, &mesh.ZtunnelService{Name: "ghost", Namespace: "shop", Hostname: "ghost.shop.svc.cluster.local"})
		}, want: []string{"Service shop/ghost service:  | ghost.shop.svc.cluster.local"}},
		{name: "silent: the same waypoint by the address of its Service", broken: by(mesh.ZtunnelDestination{Address: "10.96.0.2"})},
		{name: "silent: the host of a ServiceEntry", parts: []mt.Part{mt.ServiceEntry("legacy", "bank", "bank.example")}, broken: func(d *mesh.ZtunnelDump) {
			d.Services = append(d.Services, &mesh.ZtunnelService{Name: "bank", Namespace: "legacy", Hostname: "bank.example"})
		}},
		{name: "silent: ExternalName Services are never sent", parts: []mt.Part{mt.Service("legacy", "alias", mt.With(func(s *mesh.Service) { s.Type = "ExternalName" }))}, broken: lacks("alias")},
		{name: "silent: the Service was changed within the minute", parts: []mt.Part{mt.Service("legacy", "new", mt.ChangedBy("kubectl", 30*time.Second))}, broken: lacks("new")},
		{name: "silent: the Gateway got its address within the minute", parts: []mt.Part{
			mt.Namespace("late", mt.UseWaypoint("waypoint")), mt.Service("late", "api"),
			mt.Waypoint("late", "waypoint", mt.With(func(g *mesh.Gateway) { g.StatusChange.Time = mt.Now.Add(-30 * time.Second) })),
		}, broken: change("api", func(s *mesh.ZtunnelService) { s.Waypoint = nil })},
		{name: "silent: istiod itself says that it is not bound", parts: []mt.Part{
			mt.Service("shop", "api", mt.Condition(mesh.ConditionWaypointBound, mesh.ConditionFalse, "WaypointIsNotReady", "not ready")),
		}, broken: change("api", func(s *mesh.ZtunnelService) { s.Waypoint = nil })},
		{name: "silent: Gateways may not be read", parts: []mt.Part{mt.Forbidden(mesh.ResourceGateways), mt.Namespace("far", mt.UseWaypointIn("infra", "waypoint")), mt.Service("far", "api")}},
	})
}

func TestPolicies(t *testing.T) {
	base := []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Pod("shop", "web", mt.Label("app", "web"))}
	policy := func(namespace, name string, change func(*mesh.AuthorizationPolicy)) mt.Part {
		p := &mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: namespace, Name: name}, Action: "ALLOW"}
		if change != nil {
			change(p)
		}
		return mt.Objects(p)
	}
	selected := policy("shop", "p", func(p *mesh.AuthorizationPolicy) {
		p.Selector = &mesh.LabelSelector{MatchLabels: map[string]string{"app": "web"}}
	})
	peers := func(namespace, name, mode string, change func(*mesh.PeerAuthentication)) mt.Part {
		p := &mesh.PeerAuthentication{Meta: mesh.Meta{Kind: "PeerAuthentication", Namespace: namespace, Name: name}, Mode: mode}
		if change != nil {
			change(p)
		}
		return mt.Objects(p)
	}
	loaded := func(namespace, name, scope, action string) func(*mesh.ZtunnelDump) {
		return func(d *mesh.ZtunnelDump) {
			d.Policies = append(d.Policies, mesh.ZtunnelPolicy{Namespace: namespace, Name: name, Scope: scope, Action: action})
		}
	}
	attached := func(names ...string) func(*mesh.ZtunnelDump) {
		return func(d *mesh.ZtunnelDump) { workload(d, "web").Policies = names }
	}
	both := func(all ...func(*mesh.ZtunnelDump)) func(*mesh.ZtunnelDump) {
		return func(d *mesh.ZtunnelDump) {
			for _, f := range all {
				f(d)
			}
		}
	}
	bySelector := loaded("shop", "p", "WorkloadSelector", "Allow")
	exception := func(p *mesh.PeerAuthentication) {
		p.Selector = &mesh.LabelSelector{MatchLabels: map[string]string{"app": "web"}}
		p.PortModes = map[uint16]string{8080: "PERMISSIVE"}
	}
	testDrift(t, base, []driftCase{
		{name: "one for a namespace, loaded", parts: []mt.Part{policy("shop", "p", nil)}, broken: loaded("shop", "p", "Namespace", "Allow")},
		{name: "one for the mesh, loaded", parts: []mt.Part{policy("istio-system", "p", nil)}, broken: loaded("istio-system", "p", "Global", "Allow")},
		{name: "one by selector, loaded and attached", parts: []mt.Part{selected}, broken: both(bySelector, attached("shop/p"))},
		{name: "one is missing", parts: []mt.Part{policy("shop", "p", nil)}, want: []string{"AuthorizationPolicy shop/p policy: Namespace Allow | "}},
		{name: "one is there that nobody knows", broken: loaded("shop", "ghost", "Namespace", "Deny"), want: []string{"AuthorizationPolicy shop/ghost policy:  | Namespace Deny"}},
		{name: "one still denies that allows now", parts: []mt.Part{policy("shop", "p", nil)}, broken: loaded("shop", "p", "Namespace", "Deny"), want: []string{"AuthorizationPolicy shop/p scope and action: Namespace Allow | Namespace Deny"}},
		{name: "one is for a waypoint and still loaded", parts: []mt.Part{policy("shop", "p", func(p *mesh.AuthorizationPolicy) { p.TargetRefs = []mesh.TargetRef{{Kind: "Service", Name: "web"}} })}, broken: loaded("shop", "p", "Namespace", "Allow"), want: []string{"AuthorizationPolicy shop/p sent to ztunnel:  | Namespace Allow"}},
		{name: "one by selector is not attached", parts: []mt.Part{selected}, broken: bySelector, want: []string{"Pod shop/web authorizationPolicies: shop/p | "}},
		{name: "one is attached that does not select the pod", broken: attached("shop/old"), want: []string{"Pod shop/web authorizationPolicies:  | shop/old"}},
		{
			name: "STRICT is not attached", parts: []mt.Part{peers("shop", "default", "STRICT", nil)},
			want: []string{"Pod shop/web authorizationPolicies: istio-system/istio_converted_static_strict | "},
		},
		{name: "STRICT is attached", parts: []mt.Part{peers("shop", "default", "STRICT", nil)}, broken: attached("istio-system/istio_converted_static_strict")},
		{name: "STRICT but for a port", parts: []mt.Part{peers("shop", "web", "STRICT", exception)}, broken: attached("shop/converted_peer_authentication_web")},
		{name: "STRICT but for a port, not attached", parts: []mt.Part{peers("shop", "web", "STRICT", exception)}, want: []string{"Pod shop/web authorizationPolicies: shop/converted_peer_authentication_web | "}},
		{name: "silent: what istiod makes itself", broken: both(
			loaded("istio-system", "istio_converted_static_strict", "WorkloadSelector", "Deny"), loaded("shop", "converted_peer_authentication_x", "WorkloadSelector", "Deny"),
			loaded("shop", "istio_allow_waypoint_shop_waypoint", "WorkloadSelector", "Allow"), attached("shop/istio_allow_waypoint_shop_waypoint"),
		)},
		{name: "silent: CUSTOM is never sent", parts: []mt.Part{policy("shop", "p", func(p *mesh.AuthorizationPolicy) { p.Action = "CUSTOM" })}},
		{name: "silent: a dry run may be sent or not", parts: []mt.Part{policy("shop", "p", func(p *mesh.AuthorizationPolicy) { p.Annotations = map[string]string{mesh.AnnotationDryRun: "true"} })}},
		{name: "silent: another revision's", parts: []mt.Part{policy("shop", "p", func(p *mesh.AuthorizationPolicy) { p.Labels = map[string]string{mesh.LabelRevision: "canary"} })}},
		{name: "silent: changed within the minute", parts: []mt.Part{policy("shop", "p", func(p *mesh.AuthorizationPolicy) { p.SpecChange.Time = mt.Now.Add(-30 * time.Second) })}},
		{name: "silent: PeerAuthentications may not be read", parts: []mt.Part{mt.Forbidden(mesh.ResourcePeerAuthentications)}, broken: attached("shop/old")},
	})
}

func TestWhatStandsIsNoFruitOfTheMoment(t *testing.T) {
	gone := mesh.Difference{Object: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "a"}, Field: drift.FieldWorkload, Found: "Kubernetes//Pod/shop/a"}
	other := mesh.Difference{Object: mesh.Ref{Kind: "Service", Namespace: "shop", Name: "web"}, Field: "waypoint", Expected: "shop/new", Found: "shop/old"}
	missing := mesh.Difference{Object: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "b"}, Field: drift.FieldWorkload, Expected: "Kubernetes//Pod/shop/b"}
	routes := mesh.Difference{Object: mesh.Ref{Kind: "Service", Namespace: "shop", Name: "web"}, Field: "route port 80", Expected: "any path → web", Found: "any path → old"}
	now := mesh.Comparison{Compared: true, Differences: []mesh.Difference{gone, other, routes, missing}, DifferenceCount: 4}
	first := mesh.Comparison{
		Compared: true, Differences: []mesh.Difference{other, missing}, DifferenceCount: 2, Unjudged: []mesh.Ref{gone.Object, routes.Object}, UnjudgedCount: 2,
	}
	if diff := cmp.Diff(first, drift.Standing(nil, now)); diff != "" {
		t.Errorf("a surplus pod and other routes at the first look (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(now, drift.Standing(now.Differences, now), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the same at the second look (-want +got):\n%s", diff)
	}
	if c := drift.Standing(now.Differences, mesh.Comparison{Compared: true}); len(c.Differences) > 0 {
		t.Error("what is no more stands")
	}
}

// BenchmarkZtunnel compares one ztunnel of the mesh Waylight is made for.
func BenchmarkZtunnel(b *testing.B) {
	s := mt.Large(200, 4000, 20000, 200)
	d := told(s)
	b.ReportAllocs()
	for b.Loop() {
		if c := drift.Ztunnel(s, d, s.At); c.DifferenceCount > 0 {
			b.Fatalf("%d differences, the first is %+v", c.DifferenceCount, c.Differences[0])
		}
	}
}
