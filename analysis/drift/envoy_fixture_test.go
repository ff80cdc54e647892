package drift_test

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waylight/waylight/analysis/drift"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

const (
	ordersHost = "orders.shop.svc.cluster.local"
	ordersHTTP = "inbound-vip|80|http|" + ordersHost
	ordersV1   = "inbound-vip|80|http/v1|" + ordersHost
	ordersV2   = "inbound-vip|80|http/v2|" + ordersHost
	webHTTP    = "inbound-vip|80|http|web.shop.svc.cluster.local"
)

// twoServices are web, which has nothing of its own, and orders, which is split
// by a VirtualService into the subsets of a DestinationRule and has a policy
// and an issuer of tokens.
func twoServices() []mt.Part {
	version := func(v string) mt.Part {
		return mt.Deployment("shop", "orders-"+v, mt.Label("app", "orders"), mt.Label("version", v))
	}
	return []mt.Part{
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Namespace("legacy"), mt.Waypoint("shop", "waypoint"),
		mt.Deployment("shop", "web"), version("v1"), version("v2"), mt.Service("shop", "web"), mt.Service("shop", "orders"),
		mt.Service("legacy", "batch"), mt.Cluster(mesh.ClusterInfo{IstioVersion: "1.31.0"}),
		mt.Objects(splitRoute(), ordersRule(), ordersPolicy(), ordersTokens()),
	}
}

func ordersMeta(kind string) mesh.Meta {
	return mesh.Meta{Kind: kind, Namespace: "shop", Name: "orders", Created: mt.Now.Add(-2 * time.Hour)}
}

func splitRoute() *mesh.Route {
	always := mesh.RouteMatch{Headers: []mesh.NamedMatch{{Name: "x-canary", Match: &mesh.StringMatch{Kind: mesh.MatchExact, Value: "always"}}}}
	to := func(subset string, weight int32) mesh.Backend {
		return mesh.Backend{Host: "orders", Subset: subset, Weight: weight}
	}
	timeout := 2 * time.Second
	return &mesh.Route{Meta: ordersMeta("VirtualService"), Hosts: []string{"orders"}, Rules: []mesh.RouteRule{
		{Protocol: "http", Matches: []mesh.RouteMatch{always}, Backends: []mesh.Backend{to("v2", 0)}},
		{Protocol: "http", Backends: []mesh.Backend{to("v1", 90), to("v2", 10)}, Timeout: &timeout, Retry: &mesh.Retry{Attempts: 3}},
	}}
}

func ordersRule() *mesh.DestinationRule {
	return &mesh.DestinationRule{Meta: ordersMeta("DestinationRule"), Host: "orders", Subsets: []mesh.Subset{
		{Name: "v1", Labels: map[string]string{"version": "v1"}}, {Name: "v2", Labels: map[string]string{"version": "v2"}},
	}}
}

func onOrders() []mesh.TargetRef { return []mesh.TargetRef{{Kind: "Service", Name: "orders"}} }

func ordersPolicy() *mesh.AuthorizationPolicy {
	rule := mesh.AuthorizationRule{To: []mesh.AuthorizationOperation{{Methods: []string{"GET"}}}}
	return &mesh.AuthorizationPolicy{Meta: ordersMeta("AuthorizationPolicy"), Action: "ALLOW", TargetRefs: onOrders(), Rules: []mesh.AuthorizationRule{rule}}
}

func ordersTokens() *mesh.RequestAuthentication {
	return &mesh.RequestAuthentication{Meta: ordersMeta("RequestAuthentication"), TargetRefs: onOrders(), Rules: []mesh.JWTRule{{Issuer: "https://id.example"}}}
}

// sentTo is what istiod sends the waypoint of twoServices.
func sentTo(s *mesh.Snapshot) *mesh.EnvoyDump {
	pod := s.Workload("shop", "waypoint-1")
	d := &mesh.EnvoyDump{Pod: pod.Ref(), At: s.At}
	d.Listeners = []mesh.EnvoyListener{{Name: "main_internal", State: mesh.EnvoyActive, Chains: []mesh.EnvoyChain{
		{
			Name: ordersHTTP, EnvoyName: mesh.ParseEnvoyName(ordersHTTP), RBAC: []mesh.EnvoyRBAC{{Action: "ALLOW", Policies: []mesh.EnvoyPolicyRule{ruleOf("orders", 0)}}},
			JWT: []mesh.EnvoyJWTProvider{{Name: "origins-0", Issuer: "https://id.example"}},
		},
		{Name: webHTTP, EnvoyName: mesh.ParseEnvoyName(webHTTP)},
	}}}
	split, timeout := mesh.Ref{Kind: "VirtualService", Namespace: "shop", Name: "orders"}, 2*time.Second
	d.Routes = []mesh.EnvoyRoute{
		{Listener: "main_internal", Chain: ordersHTTP, Match: "any path and header x-canary is always", Owner: split, Clusters: leading(ordersV2, 0)},
		{Listener: "main_internal", Chain: ordersHTTP, Match: "any path", Owner: split, Clusters: append(leading(ordersV1, 90), leading(ordersV2, 10)...), Timeout: &timeout, Retries: 3},
		{Listener: "main_internal", Chain: webHTTP, Match: "any path", Name: "default", Clusters: leading(webHTTP, 0)},
	}
	rule := mesh.Ref{Kind: "DestinationRule", Namespace: "shop", Name: "orders"}
	for name, pods := range map[string][]string{webHTTP: {"web-1"}, ordersHTTP: {"orders-v1-1", "orders-v2-1"}, ordersV1: {"orders-v1-1"}, ordersV2: {"orders-v2-1"}} {
		c := mesh.EnvoyCluster{Name: name, EnvoyName: mesh.ParseEnvoyName(name), Type: "EDS", State: mesh.EnvoyActive}
		if c.Host == ordersHost {
			c.Rule = rule
		}
		d.Clusters = append(d.Clusters, c)
		for _, p := range pods {
			d.Endpoints = append(d.Endpoints, endpointAt(name, s.Workload("shop", p).IPs[0], p))
		}
	}
	d.Secrets = []mesh.EnvoySecret{
		{Name: "default", Type: "certificate", State: mesh.EnvoyActive, Identity: "spiffe://" + pod.Principal("cluster.local"), Chain: []mesh.Certificate{{NotAfter: s.At.Add(time.Hour)}}},
		{Name: "ROOTCA", Type: "roots", State: mesh.EnvoyActive, Chain: []mesh.Certificate{{NotAfter: s.At.AddDate(1, 0, 0)}}},
	}
	return d
}

func ruleOf(policy string, rule int) mesh.EnvoyPolicyRule {
	return mesh.EnvoyPolicyRule{Policy: mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: policy}, Rule: rule, Name: fmt.Sprintf("%s-%d", policy, rule)}
}

func leading(cluster string, weight uint32) []mesh.EnvoyWeightedCluster {
	return []mesh.EnvoyWeightedCluster{{Name: cluster, Weight: weight}}
}

func endpointAt(cluster, ip, pod string) mesh.EnvoyEndpoint {
	return mesh.EnvoyEndpoint{
		Cluster: cluster, Address: net.JoinHostPort(ip, "8080"), Tunnel: "connect_originate",
		Workload: "shop/" + pod, ClusterID: "Kubernetes", Health: "HEALTHY",
	}
}

// envoyCase is a mesh beside twoServices, what its waypoint has in place of
// what it was sent, and the pairs that are not the same.
type envoyCase struct {
	name   string
	parts  []mt.Part
	edited func(*mesh.Snapshot)
	broken func(*mesh.EnvoyDump)
	want   []string
}

func testEnvoy(t *testing.T, cases []envoyCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			s := mt.Mesh(append(twoServices(), tt.parts...)...)
			d := sentTo(s)
			if tt.edited != nil {
				tt.edited(s)
			}
			if tt.broken != nil {
				tt.broken(d)
			}
			var got []string
			for _, p := range drift.Envoy(s, d, s.Gateway("shop", "waypoint"), s.At) {
				if p.State != drift.PairSame {
					got = append(got, fmt.Sprintf("%s: %s %s, %s: %s | %s", p.State, p.Part, p.Object, p.Name, p.Declared, p.Loaded))
				}
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func chain(d *mesh.EnvoyDump, name string) *mesh.EnvoyChain {
	list := d.Listeners[0].Chains
	return &list[slices.IndexFunc(list, func(c mesh.EnvoyChain) bool { return c.Name == name })]
}

func without[T any](list *[]T, drop func(T) bool) { *list = slices.DeleteFunc(*list, drop) }

func lacksChain(name string) func(*mesh.EnvoyDump) {
	return func(d *mesh.EnvoyDump) {
		without(&d.Listeners[0].Chains, func(c mesh.EnvoyChain) bool { return c.Name == name })
	}
}

func lacksCluster(name string) func(*mesh.EnvoyDump) {
	return func(d *mesh.EnvoyDump) {
		without(&d.Clusters, func(c mesh.EnvoyCluster) bool { return c.Name == name })
	}
}

func routeTo(d *mesh.EnvoyDump, match string) *mesh.EnvoyRoute {
	return &d.Routes[slices.IndexFunc(d.Routes, func(r mesh.EnvoyRoute) bool {
		return strings.HasPrefix(r.Chain, "inbound-vip|80|http|orders") && r.Match == match
	})]
}
