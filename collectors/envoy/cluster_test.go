package envoy

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

func TestNamesOfClustersAndChains(t *testing.T) {
	for name, want := range map[string]mesh.EnvoyName{
		"inbound-vip|80|http|a.b.svc":       {Direction: "inbound-vip", Port: 80, Protocol: "http", Host: "a.b.svc"},
		"inbound-vip|80|http/v1|a.b.svc":    {Direction: "inbound-vip", Port: 80, Protocol: "http", Subset: "v1", Host: "a.b.svc"},
		"inbound-vip|80|tcp/v1|a.b.svc":     {Direction: "inbound-vip", Port: 80, Protocol: "tcp", Subset: "v1", Host: "a.b.svc"},
		"inbound-vip|80||my-app.b.svc-http": {Direction: "inbound-vip", Port: 80, Protocol: "http", Host: "my-app.b.svc"},
		"inbound-vip|80||my-app.b.svc":      {Direction: "inbound-vip", Port: 80, Host: "my-app.b.svc"},
		"inbound-vip|80|v1|a.b.svc":         {Direction: "inbound-vip", Port: 80, Subset: "v1", Host: "a.b.svc"},
		"outbound|443|v1|api.example.com":   {Direction: "outbound", Port: 443, Subset: "v1", Host: "api.example.com"},
		"outbound|443|http|api.example.com": {Direction: "outbound", Port: 443, Subset: "http", Host: "api.example.com"},
		"outbound|443||api.example-http":    {Direction: "outbound", Port: 443, Host: "api.example-http"},
		"inbound-vip|99999|http|a":          {},
		"inbound-vip|80|http":               {},
		"inbound-vip|80|http|a|b":           {},
		"connect_originate":                 {},
		"|80||a":                            {},
		"":                                  {},
	} {
		if diff := cmp.Diff(want, mesh.ParseEnvoyName(name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestClusterWithAllItsSettings(t *testing.T) {
	d := decode(t, `{"dynamic_active_clusters":[{"cluster":{"name":"inbound-vip|80|http/v1|o.shop.svc","type":"EDS","lb_policy":"LEAST_REQUEST","connect_timeout":"10s",
		"circuit_breakers":{"thresholds":[{"max_connections":100,"max_pending_requests":4294967295,"max_requests":200,"max_retries":4294967295},{"priority":"HIGH","max_connections":5}]},
		"outlier_detection":{"consecutive_5xx":5,"interval":"10s","base_ejection_time":"30s","max_ejection_percent":50,"enforcing_consecutive_5xx":100,"enforcing_success_rate":0},
		"common_lb_config":{"healthy_panic_threshold":{}},
		"metadata":{"filter_metadata":{"istio":{"config":"/apis/networking.istio.io/v1/namespaces/shop/destination-rule/orders","services":[{"host":"o.shop.svc"}]}}}},
		"error_state":{"details":"no"}}],
		"dynamic_warming_clusters":[{"cluster":{"name":"w","cluster_type":{"name":"envoy.clusters.dns"},"load_balancing_policy":{"policies":[{"typed_extension_config":{"name":"envoy.load_balancing_policies.round_robin"}},{"typed_extension_config":{"name":"other"}}]}}}]}`)
	want := []mesh.EnvoyCluster{
		{
			Name: "inbound-vip|80|http/v1|o.shop.svc", EnvoyName: mesh.EnvoyName{Direction: "inbound-vip", Port: 80, Protocol: "http", Subset: "v1", Host: "o.shop.svc"},
			Type: "EDS", State: mesh.EnvoyActive, Rejected: "no", Rule: mesh.Ref{Kind: "DestinationRule", Namespace: "shop", Name: "orders"},
			LB: "LEAST_REQUEST", ConnectTimeout: 10 * time.Second, Thresholds: "at most 100 connections, 200 requests",
			Outlier: "out after 5 5xx in a row, looked at every 10s, for 30s and longer each time, at most 50% of hosts",
		},
		{Name: "w", Type: "envoy.clusters.dns", State: mesh.EnvoyWarming, LB: "envoy.load_balancing_policies.round_robin", ConnectTimeout: 5 * time.Second, Panic: 50},
	}
	if diff := cmp.Diff(want, d.Clusters); diff != "" {
		t.Error(diff)
	}
}

func TestOutlierDetectionInWords(t *testing.T) {
	const tail = ", looked at every 10s, for 30s and longer each time, at most 10% of hosts"
	for _, tt := range []struct{ words, json, want string }{
		{"Envoy's defaults", `{}`, "out after 5 5xx in a row" + tail},
		{"gateway errors only", `{"consecutive_5xx":0,"consecutive_gateway_failure":3,"enforcing_consecutive_gateway_failure":100}`, "out after 3 gateway errors in a row" + tail},
		{"failures to connect apart", `{"enforcing_consecutive_5xx":0,"split_external_local_origin_errors":true,"consecutive_local_origin_failure":2}`, "out after 2 failures to connect in a row" + tail},
		{"nothing enforced", `{"enforcing_consecutive_5xx":0}`, "out after nothing counted in a row" + tail},
	} {
		t.Run(tt.words, func(t *testing.T) {
			d := decode(t, `{"static_clusters":[{"cluster":{"name":"a","outlier_detection":`+tt.json+`}}]}`)
			if got := d.Clusters[0].Outlier; got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// endpoints is a section with two endpoints of a service, one tunnelled.
const endpoints = `{"dynamic_endpoint_configs":[{"endpoint_config":{"cluster_name":"c","endpoints":[
	{"locality":{"zone":"z"},"lb_endpoints":[{"endpoint":{"address":{"envoy_internal_address":{"server_listener_name":"connect_originate","endpoint_id":"10.0.0.1:8080"}}},"health_status":"HEALTHY","load_balancing_weight":3,"metadata":{"filter_metadata":{"istio":{"workload":"orders-v1;shop;orders;v1;Kubernetes"}}}}]},
	{"priority":1,"lb_endpoints":[{"endpoint":{"address":{"socket_address":{"address":"fd00::2","port_value":8080}}},"health_status":"DRAINING"},{"endpoint":{"address":{"pipe":{"path":"./x"}}}},{"endpoint":{}}]}]}},{}]}`

func TestEndpointsBeforeTheirCounters(t *testing.T) {
	d := decode(t, endpoints)
	want := []mesh.EnvoyEndpoint{
		{Cluster: "c", Address: "10.0.0.1:8080", Tunnel: "connect_originate", Workload: "shop/orders-v1", ClusterID: "Kubernetes", Weight: 3, Zone: "z", Health: "HEALTHY"},
		{Cluster: "c", Address: "[fd00::2]:8080", Weight: 1, Priority: 1, Health: "DRAINING"},
		{Cluster: "c", Address: "./x", Weight: 1, Priority: 1, Health: "UNKNOWN"},
	}
	if diff := cmp.Diff(want, d.Endpoints); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"endpoint without an address": 1, "endpoints without a cluster": 1}, d.Skipped); diff != "" {
		t.Error(diff)
	}
}

func TestCountersAndEjectionsAreJoined(t *testing.T) {
	d := decode(t, endpoints)
	err := AddStatus(d, strings.NewReader(`{"cluster_statuses":[{"name":"c","host_statuses":[
		{"address":{"envoy_internal_address":{"server_listener_name":"connect_originate","endpoint_id":"10.0.0.1:8080"}},
		 "stats":[{"name":"rq_total","value":"18446744073709551615"},{"name":"rq_error","value":"7"},{"name":"cx_active","type":"GAUGE","value":2},{"name":"rq_success"}],
		 "health_status":{"eds_health_status":"HEALTHY","failed_outlier_check":true,"failed_active_health_check":false,"flag_of_tomorrow":true}},
		{"address":{"socket_address":{"address":"10.0.0.1","port_value":8080}},"stats":[],"health_status":{"eds_health_status":"UNHEALTHY"},"weight":1,"locality":{"zone":"y"}},
		"text",{"address":{}}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	first := d.Endpoints[0]
	if !first.Ejected() || first.Requests != 1<<64-1 || first.Errors != 7 || first.Active != 2 || !first.CountersKnown || first.Weight != 3 {
		t.Errorf("%+v", first)
	}
	if diff := cmp.Diff([]string{"failed_outlier_check", "flag_of_tomorrow"}, first.Flags); diff != "" {
		t.Error(diff)
	}
	if d.Endpoints[1].CountersKnown {
		t.Error("an endpoint that the status does not list claims to know its counters")
	}
	added := mesh.EnvoyEndpoint{Cluster: "c", Address: "10.0.0.1:8080", Weight: 1, Zone: "y", Health: "UNHEALTHY", CountersKnown: true}
	if diff := cmp.Diff(added, d.Endpoints[len(d.Endpoints)-1]); diff != "" {
		t.Errorf("the same address in plain text is another endpoint: %s", diff)
	}
	if d.Skipped["status of a host of an unknown shape"] != 1 {
		t.Errorf("%v", d.Skipped)
	}
}
