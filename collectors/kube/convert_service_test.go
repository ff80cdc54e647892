package kube_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
)

func TestService(t *testing.T) {
	plain := func(change func(*mesh.Service)) *mesh.Service {
		s := &mesh.Service{Type: "ClusterIP", InternalTrafficPolicy: "Cluster", SessionAffinity: "None"}
		change(s)
		return s
	}
	tests := []struct {
		name, body string
		want       *mesh.Service
	}{
		{"nothing given is what the API server fills in", "", plain(func(*mesh.Service) {})},
		{
			"ports", "spec: {ports: [{port: 80}, {port: 81, name: http-a, targetPort: web, protocol: UDP}, {port: 82, targetPort: 8082, appProtocol: kubernetes.io/h2c}]}",
			plain(func(s *mesh.Service) {
				s.Ports = []mesh.ServicePort{
					{Port: 80, Protocol: "TCP"},
					{Port: 81, Name: "http-a", TargetPort: "web", Protocol: "UDP"},
					{Port: 82, TargetPort: "8082", Protocol: "TCP", AppProtocol: "kubernetes.io/h2c"},
				}
			}),
		},
		{"headless", "spec: {clusterIP: None, clusterIPs: [None]}", plain(func(*mesh.Service) {})},
		{"one address, as old objects have it", "spec: {clusterIP: 10.96.0.7}", plain(func(s *mesh.Service) { s.VIPs = []string{"10.96.0.7"} })},
		{"two families", `spec: {clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7, "fd00::7"]}`, plain(func(s *mesh.Service) { s.VIPs = []string{"10.96.0.7", "fd00::7"} })},
		{
			"a name elsewhere", "spec: {type: ExternalName, externalName: db.example}",
			plain(func(s *mesh.Service) { s.Type, s.ExternalName = "ExternalName", "db.example" }),
		},
		{
			"a load balancer", "{spec: {type: LoadBalancer, externalIPs: [192.0.2.1]}, status: {loadBalancer: {ingress: [{ip: 192.0.2.2}, {hostname: lb.example}]}}}",
			plain(func(s *mesh.Service) {
				s.Type, s.ExternalAddresses = "LoadBalancer", []string{"192.0.2.1", "192.0.2.2", "lb.example"}
			}),
		},
		{
			"where traffic may go", "spec: {selector: {app: web}, internalTrafficPolicy: Local, trafficDistribution: PreferClose, publishNotReadyAddresses: true, sessionAffinity: ClientIP}",
			plain(func(s *mesh.Service) {
				s.Selector, s.InternalTrafficPolicy, s.TrafficDistribution = map[string]string{"app": "web"}, "Local", "PreferClose"
				s.PublishNotReadyAddresses, s.SessionAffinity = true, "ClientIP"
			}),
		},
		{
			"a condition whole", `status: {conditions: [{type: istio.io/WaypointBound, status: "False", reason: WaypointIsNotReady, message: not ready, observedGeneration: 2}]}`,
			plain(func(s *mesh.Service) {
				s.Conditions = mesh.Conditions{{Type: "istio.io/WaypointBound", Status: "False", Reason: "WaypointIsNotReady", Message: "not ready", ObservedGeneration: 2}}
			}),
		},
		{"an unknown value stays as it is written", "spec: {type: Teleport}", plain(func(s *mesh.Service) { s.Type = "Teleport" })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sameButMeta(t, decoded[*mesh.Service](t, object("v1", "Service", tt.body)), tt.want)
		})
	}
}

func TestEndpointSlice(t *testing.T) {
	got := decoded[*mesh.EndpointSlice](t, `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {namespace: shop, name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, port: 8080, appProtocol: http}, {}]
endpoints:
- {addresses: [10.0.0.1], nodeName: node-a, zone: eu-1a, conditions: {ready: true, serving: true, terminating: false}, targetRef: {kind: Pod, name: web-1}}
- {addresses: [10.0.0.2], conditions: {ready: false}, targetRef: {kind: Pod, namespace: other, name: web-2}}
- {addresses: [10.0.0.3]}
`)
	sameButMeta(t, got, &mesh.EndpointSlice{
		Service: "web",
		Ports:   []mesh.EndpointPort{{Name: "http", Port: 8080, Protocol: "TCP", AppProtocol: "http"}, {Protocol: "TCP"}},
		Endpoints: []mesh.Endpoint{
			{Addresses: []string{"10.0.0.1"}, Ready: new(true), Serving: new(true), Terminating: new(false), Node: "node-a", Zone: "eu-1a", Target: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "web-1"}},
			{Addresses: []string{"10.0.0.2"}, Ready: new(false), Target: mesh.Ref{Kind: "Pod", Namespace: "other", Name: "web-2"}},
			{Addresses: []string{"10.0.0.3"}},
		},
	})
}

func TestNetworkPolicy(t *testing.T) {
	web := mesh.LabelSelector{MatchLabels: map[string]string{"app": "web"}}
	tests := []struct {
		name, spec string
		want       mesh.NetworkPolicy
	}{
		{"without types it isolates ingress", "{podSelector: {matchLabels: {app: web}}}", mesh.NetworkPolicy{PodSelector: web, IsolatesIngress: true}},
		{"egress rules make it isolate egress", "{podSelector: {}, egress: [{}]}", mesh.NetworkPolicy{IsolatesIngress: true, IsolatesEgress: true, Egress: []mesh.NetworkRule{{}}}},
		{"types given are the types", "{podSelector: {}, policyTypes: [Egress]}", mesh.NetworkPolicy{IsolatesEgress: true}},
		{
			"peers and ports",
			"{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}, namespaceSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 15008}, {port: http, protocol: UDP}, {port: 80, endPort: 90}, {protocol: SCTP}]}]}",
			mesh.NetworkPolicy{IsolatesIngress: true, Ingress: []mesh.NetworkRule{{
				Peers: []mesh.NetworkPeer{{PodSelector: &web, NamespaceSelector: &mesh.LabelSelector{}}, {CIDR: "10.0.0.0/8", Except: []string{"10.1.0.0/16"}}},
				Ports: []mesh.NetworkPort{{Protocol: "TCP", Port: 15008}, {Protocol: "UDP", Name: "http"}, {Protocol: "TCP", Port: 80, EndPort: 90}, {Protocol: "SCTP"}},
			}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sameButMeta(t, decoded[*mesh.NetworkPolicy](t, object("networking.k8s.io/v1", "NetworkPolicy", "spec: "+tt.spec)), &tt.want)
		})
	}
}
