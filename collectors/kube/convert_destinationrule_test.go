package kube_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
)

func TestDestinationRule(t *testing.T) {
	got := decoded[*mesh.DestinationRule](t, object("networking.istio.io/v1beta1", "DestinationRule", `
spec:
  host: orders
  exportTo: ["."]
  workloadSelector: {matchLabels: {app: web}}
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}}
`))
	sameButMeta(t, got, &mesh.DestinationRule{
		Host: "orders", ExportTo: []string{"."}, WorkloadSelector: &mesh.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
		Subsets: []mesh.Subset{
			{Name: "v1", Labels: map[string]string{"version": "v1"}},
			{Name: "v2", Labels: map[string]string{"version": "v2"}, Policy: &mesh.TrafficPolicy{LoadBalancer: "ROUND_ROBIN"}},
		},
	})
}

func TestTrafficPolicy(t *testing.T) {
	tests := []struct {
		name, policy string
		want         mesh.TrafficPolicy
	}{
		{"an empty one", "{}", mesh.TrafficPolicy{}},
		{"Istio chooses the balancer", "{loadBalancer: {simple: UNSPECIFIED}}", mesh.TrafficPolicy{}},
		{"an unknown balancer stays as it is written", "{loadBalancer: {simple: SORCERY}}", mesh.TrafficPolicy{LoadBalancer: "SORCERY"}},
		{"by hash", "{loadBalancer: {consistentHash: {httpHeaderName: x-user}}}", mesh.TrafficPolicy{LoadBalancer: "consistentHash"}},
		{"locality on", "{loadBalancer: {localityLbSetting: {}}}", mesh.TrafficPolicy{LocalityLB: "on"}},
		{"locality off", "{loadBalancer: {localityLbSetting: {enabled: false}}}", mesh.TrafficPolicy{LocalityLB: "off"}},
		{
			"locality in words", "{loadBalancer: {localityLbSetting: {distribute: [{from: eu/*, to: {us/*: 20, eu/*: 80}}], failover: [{from: eu, to: us}], failoverPriority: [rack]}}}",
			mesh.TrafficPolicy{LocalityLB: "from eu/* 80 % to eu/*, 20 % to us/*; fail over from eu to us; prefer equal rack"},
		},
		{
			"a connection pool", "{connectionPool: {tcp: {maxConnections: 100, connectTimeout: 1s, idleTimeout: 1h}, http: {http1MaxPendingRequests: 1, http2MaxRequests: 2, maxRequestsPerConnection: 3, maxRetries: 4}}}",
			mesh.TrafficPolicy{HasConnectionPool: true, MaxConnections: 100, ConnectTimeout: new(time.Second), MaxPending: 1, MaxRequests: 2, RequestsPerConn: 3, MaxRetries: 4, IdleTimeout: new(time.Hour)},
		},
		{"an empty pool is one", "{connectionPool: {}}", mesh.TrafficPolicy{HasConnectionPool: true}},
		{
			"ejection", "{outlierDetection: {consecutive5xxErrors: 5, interval: 10s, baseEjectionTime: 30s, maxEjectionPercent: 50, minHealthPercent: 10}}",
			mesh.TrafficPolicy{Outlier: &mesh.Outlier{Consecutive5xx: new(uint32(5)), Interval: new(10 * time.Second), BaseEjection: new(30 * time.Second), MaxEjectionPercent: 50, MinHealthPercent: 10}},
		},
		{"TLS without a mode is none", "{tls: {}}", mesh.TrafficPolicy{TLSMode: "DISABLE"}},
		{"TLS", "{tls: {mode: SIMPLE, sni: db.example}}", mesh.TrafficPolicy{TLSMode: "SIMPLE", SNI: "db.example"}},
		{
			"of one port", "{portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: RANDOM}}, {port: {number: 443}, tls: {mode: MUTUAL}}]}",
			mesh.TrafficPolicy{PortLevel: map[uint16]*mesh.TrafficPolicy{80: {LoadBalancer: "RANDOM"}, 443: {TLSMode: "MUTUAL"}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := decoded[*mesh.DestinationRule](t, object("networking.istio.io/v1", "DestinationRule", "spec: {trafficPolicy: "+tt.policy+"}"))
			sameButMeta(t, got, &mesh.DestinationRule{Policy: &tt.want})
		})
	}
}

func TestServiceEntry(t *testing.T) {
	tests := []struct {
		name, body string
		want       mesh.ServiceEntry
	}{
		{"defaults are Istio's", "spec: {hosts: [db.example]}", mesh.ServiceEntry{Hosts: []string{"db.example"}, Location: "MESH_EXTERNAL", Resolution: "NONE"}},
		{
			"ports by protocol", "spec: {ports: [{number: 80, name: web, protocol: HTTP}, {number: 53, name: dns, protocol: UDP, targetPort: 5353}, {number: 1, name: raw, protocol: TCP}]}",
			mesh.ServiceEntry{Location: "MESH_EXTERNAL", Resolution: "NONE", Ports: []mesh.ServicePort{
				{Name: "web", Port: 80, Protocol: "TCP", AppProtocol: "http"},
				{Name: "dns", Port: 53, Protocol: "UDP", TargetPort: "5353"},
				{Name: "raw", Port: 1, Protocol: "TCP", AppProtocol: "tcp"},
			}},
		},
		{
			"with endpoints and addresses",
			`{spec: {location: MESH_INTERNAL, resolution: STATIC, addresses: [240.0.0.1], exportTo: [.], workloadSelector: {labels: {app: vm}},
             endpoints: [{address: 192.0.2.1, ports: {web: 8080}, labels: {v: "1"}, network: vpc, locality: eu/a, weight: 2, serviceAccount: vm}]},
             status: {addresses: [{value: 240.240.0.1, host: a}, {value: "2001:2::1"}], conditions: [{type: istio.io/WaypointBound, status: "True", observedGeneration: "2"}]}}`,
			mesh.ServiceEntry{
				Location: "MESH_INTERNAL", Resolution: "STATIC", Addresses: []string{"240.0.0.1"}, AutoAddresses: []string{"240.240.0.1", "2001:2::1"}, ExportTo: []string{"."},
				WorkloadSelector: &mesh.LabelSelector{MatchLabels: map[string]string{"app": "vm"}},
				Endpoints:        []mesh.ServiceEntryEndpoint{{Address: "192.0.2.1", Ports: map[string]uint32{"web": 8080}, Labels: map[string]string{"v": "1"}, Network: "vpc", Locality: "eu/a", Weight: 2, ServiceAccount: "vm"}},
				Conditions:       mesh.Conditions{{Type: "istio.io/WaypointBound", Status: "True", ObservedGeneration: 2}},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sameButMeta(t, decoded[*mesh.ServiceEntry](t, object("networking.istio.io/v1", "ServiceEntry", tt.body)), &tt.want)
		})
	}
}
