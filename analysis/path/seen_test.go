package path_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// memory is what the proxies of a mesh have; by default what istiod would have
// told them of a mesh without policies.
type memory struct {
	ztunnels map[string]*mesh.ZtunnelDump
	envoys   map[mesh.Ref]*mesh.EnvoyDump
}

func (m memory) Ztunnel(node string) *mesh.ZtunnelDump { return m.ztunnels[node] }
func (m memory) Envoy(pod mesh.Ref) *mesh.EnvoyDump    { return m.envoys[pod] }

// upToDate is the memory of ztunnels that istiod told everything but policies.
func upToDate(s *mesh.Snapshot) memory {
	m := memory{ztunnels: make(map[string]*mesh.ZtunnelDump)}
	for _, n := range s.Nodes {
		m.ztunnels[n.Name] = remember(s, n.Name)
	}
	return m
}

func remember(s *mesh.Snapshot, node string) *mesh.ZtunnelDump {
	d := &mesh.ZtunnelDump{Node: node, Pod: mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: "ztunnel-" + node}, At: s.At, LocalKnown: true}
	for _, sh := range s.Shards {
		for _, w := range sh.Workloads {
			d.Workloads = append(d.Workloads, workloadSeen(w))
			if w.Node == node && w.Captured() {
				d.Local = append(d.Local, mesh.ZtunnelLocal{PodUID: w.UID, State: "Up", Name: w.Name, Namespace: w.Namespace})
			}
		}
		for _, svc := range sh.Services {
			d.Services = append(d.Services, serviceSeen(s, sh, svc))
		}
	}
	return d
}

func uidOf(w *mesh.Workload) string { return "Kubernetes//Pod/" + w.Namespace + "/" + w.Name }

func workloadSeen(w *mesh.Workload) *mesh.ZtunnelWorkload {
	out := &mesh.ZtunnelWorkload{UID: uidOf(w), Name: w.Name, Namespace: w.Namespace, IPs: w.IPs, Protocol: "TCP", Node: w.Node, ServiceAccount: w.ServiceAccount, Status: "Healthy", TrustDomain: "cluster.local"}
	if w.Captured() || w.IsWaypoint() {
		out.Protocol = "HBONE"
	}
	return out
}

func serviceSeen(s *mesh.Snapshot, sh *mesh.Shard, svc *mesh.Service) *mesh.ZtunnelService {
	out := &mesh.ZtunnelService{Name: svc.Name, Namespace: svc.Namespace, Hostname: svc.Hostname("cluster.local"), Ports: make(map[uint16]uint16)}
	for _, vip := range svc.VIPs {
		out.VIPs = append(out.VIPs, "/"+vip)
	}
	ports := make(map[uint16]uint16)
	for _, p := range svc.Ports {
		n, _ := strconv.ParseUint(p.TargetPort, 10, 16)
		ports[p.Port] = uint16(n)
		out.Ports[p.Port] = uint16(n)
	}
	for _, slice := range sh.Slices(svc.Name) {
		for _, e := range slice.Endpoints {
			w := s.Workload(e.Target.Namespace, e.Target.Name)
			out.Endpoints = append(out.Endpoints, mesh.ZtunnelEndpoint{WorkloadUID: uidOf(w), Ports: ports, Status: map[bool]string{true: "Healthy", false: "Unhealthy"}[e.IsReady()]})
		}
	}
	if b := s.ServiceBinding(svc); b.Bound() {
		out.Waypoint = &mesh.ZtunnelDestination{Namespace: b.Waypoint.Namespace, Hostname: b.Waypoint.Name + "." + b.Waypoint.Namespace + ".svc.cluster.local", Port: 15008}
	}
	return out
}

func (m memory) service(node, name string) *mesh.ZtunnelService {
	d := m.ztunnels[node]
	return d.Services[slices.IndexFunc(d.Services, func(s *mesh.ZtunnelService) bool { return s.Name == name })]
}

func (m memory) workload(node, name string) *mesh.ZtunnelWorkload {
	d := m.ztunnels[node]
	return d.Workloads[slices.IndexFunc(d.Workloads, func(w *mesh.ZtunnelWorkload) bool { return w.Name == name })]
}

func principals(values ...string) mesh.ZtunnelRule {
	return mesh.ZtunnelRule{mesh.ZtunnelClause{mesh.ZtunnelMatch{"principals": values}}}
}

func ztunnelPolicy(name, action string, rules ...mesh.ZtunnelRule) mesh.ZtunnelPolicy {
	return mesh.ZtunnelPolicy{Namespace: "shop", Name: name, Scope: "Namespace", Action: action, Rules: rules}
}

// What proxies were found to have beats what the API declares. web-1 is on
// node-a, orders-v1 on node-b.
func TestWhatZtunnelsHaveBeatsTheAPI(t *testing.T) {
	for _, tt := range []struct {
		name    string
		with    []meshtest.Part
		to      string
		change  func(m memory)
		want    string
		because string // in a contradiction or the summary
	}{
		{name: "they have what is declared", want: "Reachable ok"},
		{
			name: "the caller's ztunnel was not told of the waypoint", want: "Reachable ok", because: "By the API calls go through waypoint shop/waypoint; the ztunnel on node-a sends them straight to the endpoints.",
			change: func(m memory) { m.service("node-a", "orders").Waypoint = nil },
		},
		{
			name: "the caller's ztunnel still has a waypoint that was taken away", to: "shop/direct:80", want: "Reachable ok", because: "the ztunnel on node-a sends them through waypoint shop/waypoint",
			with:   parts(meshtest.Service("shop", "direct", meshtest.UseWaypoint("none"), meshtest.Selects("app", "orders"))),
			change: func(m memory) { m.service("node-a", "direct").Waypoint = m.service("node-a", "orders").Waypoint },
		},
		{
			name: "the caller's ztunnel does not know the waypoint it has to use", want: "Unreachable reset WAYPOINT_UNREACHABLE", because: "does not know the waypoint",
			change: func(m memory) { m.service("node-a", "orders").Waypoint.Hostname = "gone.shop.svc.cluster.local" },
		},
		{
			name: "it has to use a Gateway that is no waypoint, whose Service has another name", to: "shop/front:80", want: "Unreachable reset WAYPOINT_WRONG_GATEWAY", because: "fails at waypoint shop/door:",
			with: parts(meshtest.Gateway("shop", "door", meshtest.With(func(g *mesh.Gateway) {
				g.Addresses = []mesh.GatewayAddress{{Type: "Hostname", Value: "door-istio.shop.svc.cluster.local"}}
			})), meshtest.Service("shop", "door-istio"), meshtest.Service("shop", "front", meshtest.UseWaypoint("door"), meshtest.Selects("app", "orders"))),
			change: func(m memory) { m.service("node-a", "front").Waypoint.Hostname = "door-istio.shop.svc.cluster.local" },
		},
		{
			name: "the caller's ztunnel has no healthy endpoint of the waypoint", want: "Unreachable reset WAYPOINT_UNREACHABLE", because: "no healthy endpoint",
			change: func(m memory) { m.service("node-a", "waypoint").Endpoints = nil },
		},
		{
			name: "the caller's ztunnel has addresses of waypoint pods that are gone", want: "Unreachable timeout WAYPOINT_UNREACHABLE", because: "has no longer",
			change: func(m memory) {
				m.workload("node-a", "waypoint-1").IPs, m.workload("node-a", "waypoint-2").IPs = []string{"10.9.9.1"}, []string{"10.9.9.2"}
			},
		},
		{
			name: "one of two addresses is gone", want: "Ambiguous timeout WAYPOINT_UNREACHABLE",
			change: func(m memory) { m.workload("node-a", "waypoint-1").IPs = []string{"10.9.9.1"} },
		},
		{
			name: "the caller's ztunnel was never told of the service", want: "Reachable ok", because: "the ztunnel on node-a does not",
			change: func(m memory) { m.service("node-a", "orders").Hostname = "other" },
		},
		{
			name: "the caller's ztunnel has the service without the port", want: "Unreachable reset PORT_NOT_ON_SERVICE", because: "By the API",
			change: func(m memory) { m.service("node-a", "orders").Ports = map[uint16]uint16{81: 81} },
		},
		{
			name: "the caller's ztunnel was not told of the caller", want: "Unreachable reset XDS_UNKNOWN_WORKLOAD",
			change: func(m memory) { m.workload("node-a", "web-1").Name = "gone" },
		},
		{
			name: "the caller's ztunnel was not given the caller", want: "Unreachable refused ENROLLED_NOT_IN_ZTUNNEL",
			change: func(m memory) { m.ztunnels["node-a"].Local = nil },
		},
		{
			name: "the ztunnel of one version has a DENY nobody declares any more", want: "Ambiguous http 503 CONFIG_DRIFT", because: "shop/old-deny",
			change: func(m memory) {
				m.ztunnels["node-b"].Policies = []mesh.ZtunnelPolicy{ztunnelPolicy("old-deny", "Deny", principals("*"))}
			},
		},
		{
			name: "and istiod does not list it any more", want: "Ambiguous http 503 XDS_DISCONNECTED", because: "shop/old-deny",
			with: parts(meshtest.ProxiesRead(), meshtest.IstiodSaid("istiod-1", meshtest.With(func(e *mesh.SyncEvidence) { e.Proxies = nil }))),
			change: func(m memory) {
				m.ztunnels["node-b"].Policies = []mesh.ZtunnelPolicy{ztunnelPolicy("old-deny", "Deny", principals("*"))}
			},
		},
		{
			name: "the ztunnels do not have the policy that would refuse the waypoint", want: "Reachable ok", because: "By the API the call would be met so: refuses it",
			with: parts(objects(policyIn("shop", "nobody"))),
		},
		{
			name: "the caller's ztunnel takes a captured pod for one outside the mesh", to: "shop/orders-v1-1:8080", want: "Unreachable reset STRICT_PLAINTEXT",
			with: parts(objects(strict())),
			change: func(m memory) {
				m.workload("node-a", "orders-v1-1").Protocol = "TCP"
				m.workload("node-b", "orders-v1-1").Policies = []string{"istio-system/istio_converted_static_strict"}
				m.ztunnels["node-b"].Policies = []mesh.ZtunnelPolicy{{Namespace: "istio-system", Name: "istio_converted_static_strict", Scope: "WorkloadSelector", Action: "Deny", Rules: []mesh.ZtunnelRule{{{{"notPrincipals": {"*"}}}}}}}
			},
		},
		{
			name: "the caller's ztunnel has the pod at the address it had before", to: "shop/orders-v1-1:8080", want: "Reachable ok", because: "does not, and passes the call on in plaintext",
			change: func(m memory) { m.workload("node-a", "orders-v1-1").IPs = []string{"10.9.9.9"} },
		},
		{
			name: "the caller's ztunnel takes a pod outside the mesh for one that speaks HBONE", to: "legacy/batch-1:8080", want: "Unreachable reset CONFIG_DRIFT",
			change: func(m memory) { m.workload("node-a", "batch-1").Protocol = "HBONE" },
		},
		{
			name: "the caller's ztunnel expects another account there", to: "shop/orders-v1-1:8080", want: "Unreachable reset PEER_IDENTITY_MISMATCH",
			change: func(m memory) { m.workload("node-a", "orders-v1-1").ServiceAccount = "old" },
		},
		{
			name: "the certificate of the backend's node is over", to: "shop/orders-v1-1:8080", want: "Unreachable reset CERT_EXPIRED",
			change: func(m memory) {
				c := meshtest.Certificate("spiffe://cluster.local/ns/shop/sa/orders", meshtest.Now.Add(-48*time.Hour), meshtest.Now.Add(-time.Hour))
				m.ztunnels["node-b"].Certificates = []mesh.ZtunnelCertificate{c}
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := bare(tt.with...)
			m := upToDate(s)
			if tt.change != nil {
				tt.change(m)
			}
			to := tt.to
			if to == "" {
				to = "shop/orders:80"
			}
			e, err := path.Explain(s, m, question("shop/web-1", to))
			if err != nil {
				t.Fatal(err)
			}
			if got := told(e); got != tt.want {
				t.Errorf("%s, want %s: %s", got, tt.want, e.Summary)
			}
			if text := e.Summary + contradictions(e); tt.because != "" && !strings.Contains(text, tt.because) {
				t.Errorf("%q does not say %q", text, tt.because)
			}
		})
	}
}

// contradictions are all that an explanation has, of branches as well.
func contradictions(e *path.Explanation) string {
	out := ""
	for _, h := range e.Hops {
		out += " " + h.Contradiction
	}
	for _, b := range e.Branches {
		for _, h := range b.Hops {
			out += " " + h.Contradiction
		}
	}
	return out
}

func TestADumpThatIsOlderThanAnObjectSaysNothingAboutIt(t *testing.T) {
	s := bare(meshtest.Pod("shop", "fresh", meshtest.Age(0)))
	m := upToDate(s)
	m.ztunnels["node-a"].At = meshtest.Now.Add(-time.Minute)
	d := m.ztunnels["node-a"]
	d.Local = slices.DeleteFunc(d.Local, func(l mesh.ZtunnelLocal) bool { return l.Name == "fresh" })
	e, err := path.Explain(s, m, question("shop/fresh", "shop/orders:80"))
	if err != nil || e.Verdict != path.Reachable {
		t.Errorf("%v %+v", err, e)
	}
}

func TestAStatementRestsOnWhatWasSeen(t *testing.T) {
	s := bare()
	e, err := path.Explain(s, upToDate(s), question("shop/web-1", "shop/orders-v1-1:8080"))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []path.HopKind{path.HopSourceZtunnel, path.HopDestinationZtunnel} {
		if h := hop(e, kind); h.Basis != path.Seen || len(h.Evidence) == 0 || len(h.Commands) == 0 {
			t.Errorf("%s: %+v", kind, h)
		}
	}
	if h := hop(explain(t, s, question("shop/web-1", "shop/orders-v1-1:8080")), path.HopDestinationZtunnel); h.Basis != path.Expected {
		t.Errorf("without a dump the basis is %s", h.Basis)
	}
}
