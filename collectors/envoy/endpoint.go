package envoy

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

type rawEndpoints struct {
	EndpointConfig *struct {
		ClusterName string         `json:"cluster_name"`
		Endpoints   jsontext.Value `json:"endpoints"`
	} `json:"endpoint_config"`
}

type rawLocalityEndpoints struct {
	Locality    rawLocality    `json:"locality"`
	LBEndpoints jsontext.Value `json:"lb_endpoints"`
	Priority    number         `json:"priority"`
}

type rawLocality struct {
	Zone string `json:"zone"`
}

type rawEndpoint struct {
	Endpoint struct {
		Address *rawAddress `json:"address"`
	} `json:"endpoint"`
	HealthStatus enum        `json:"health_status"`
	Weight       *number     `json:"load_balancing_weight"`
	Metadata     rawMetadata `json:"metadata"`
}

// endpoints reads the endpoints of one cluster, by locality and priority.
func (d *decoding) endpoints(raw *rawEndpoints) {
	if raw.EndpointConfig == nil {
		d.skip("endpoints without a cluster")
		return
	}
	each(d.walker, "locality", raw.EndpointConfig.Endpoints, func(l *rawLocalityEndpoints) {
		each(d.walker, "endpoint", l.LBEndpoints, func(e *rawEndpoint) {
			out := mesh.EnvoyEndpoint{
				Cluster: raw.EndpointConfig.ClusterName, Zone: l.Locality.Zone, Priority: l.Priority.uint32(),
				Weight: orNumber(e.Weight, 1).uint32(), Health: e.HealthStatus.or("UNKNOWN"),
			}
			out.Workload, out.ClusterID = workload(e.Metadata.FilterMetadata.Istio.Workload)
			if out.Address, out.Tunnel = e.Endpoint.Address.split(); out.Address == "" {
				d.skip("endpoint without an address")
				return
			}
			d.dump.Endpoints = append(d.dump.Endpoints, out)
		})
	})
}

// workload reads NAME;NAMESPACE;SERVICE;REVISION;CLUSTER.
func workload(metadata string) (name, cluster string) {
	parts := strings.Split(metadata, ";")
	if len(parts) < 2 || parts[0] == "" || parts[1] == "" {
		return "", ""
	}
	if len(parts) == 5 {
		cluster = parts[4]
	}
	return parts[1] + "/" + parts[0], cluster
}
