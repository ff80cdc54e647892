package ztunnel

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

// rawService is a service as the dump has it (istio.md A.6).
type rawService struct {
	Name              string                 `json:"name"`
	Namespace         string                 `json:"namespace"`
	Hostname          string                 `json:"hostname"`
	VIPs              []string               `json:"vips"`
	CIDRVIPs          []rawCIDR              `json:"cidrVips"`
	Ports             map[string]uint16      `json:"ports"`
	Endpoints         map[string]rawEndpoint `json:"endpoints"`
	SubjectAltNames   []string               `json:"subjectAltNames"`
	Waypoint          *rawDestination        `json:"waypoint"`
	WeightedWaypoints []rawWeighted          `json:"weightedWaypoints"`
	LoadBalancer      *rawLoadBalancer       `json:"loadBalancer"`
	IPFamilies        string                 `json:"ipFamilies"`
	Visibility        string                 `json:"visibility"`
	Canonical         *bool                  `json:"canonical"`
}

type rawEndpoint struct {
	WorkloadUID string            `json:"workloadUid"`
	Port        map[string]uint16 `json:"port"`
	Status      string            `json:"status"`
}

type rawWeighted struct {
	Destination *rawDestination `json:"destination"`
	Weight      uint32          `json:"weight"`
}

type rawLoadBalancer struct {
	RoutingPreferences []string `json:"routingPreferences"`
	Mode               string   `json:"mode"`
	HealthPolicy       string   `json:"healthPolicy"`
}

// rawCIDR is {"network":"","cidr":"240.0.0.0/16"}, or the string
// "network/cidr" as istioctl writes it again.
type rawCIDR string

// UnmarshalJSON accepts both forms.
func (c *rawCIDR) UnmarshalJSON(b []byte) error {
	if jsontext.Value(b).Kind() == '"' {
		var s string
		err := json.Unmarshal(b, &s)
		*c = rawCIDR(s)
		return err
	}
	var parts struct {
		Network string `json:"network"`
		CIDR    string `json:"cidr"`
	}
	err := json.Unmarshal(b, &parts)
	*c = rawCIDR(parts.Network + "/" + parts.CIDR)
	return err
}

func (w *walker) service(_ string, raw *rawService) (mesh.ZtunnelService, bool) {
	in := w.names.of
	out := mesh.ZtunnelService{
		Name: raw.Name, Namespace: in(raw.Namespace), Hostname: in(raw.Hostname), VIPs: raw.VIPs,
		Ports: ports(raw.Ports), SANs: w.all(raw.SubjectAltNames), Waypoint: w.destination(raw.Waypoint),
		IPFamilies: in(raw.IPFamilies), Visibility: in(raw.Visibility), Canonical: raw.Canonical,
	}
	for _, c := range raw.CIDRVIPs {
		out.CIDRVIPs = append(out.CIDRVIPs, string(c))
	}
	for _, wp := range raw.WeightedWaypoints {
		if d := w.destination(wp.Destination); d != nil {
			out.Weighted = append(out.Weighted, mesh.ZtunnelWeightedWaypoint{ZtunnelDestination: *d, Weight: wp.Weight})
		}
	}
	if lb := raw.LoadBalancer; lb != nil {
		out.LoadBalancer = mesh.ZtunnelLoadBalancer{Preferences: w.all(lb.RoutingPreferences), Mode: in(lb.Mode), HealthPolicy: in(lb.HealthPolicy)}
	}
	out.Endpoints = w.endpoints(raw.Endpoints)
	return out, true
}

// endpoints come as an object; its keys are workload UIDs, up to 1.23 followed
// by ":network/ip", and the value names the workload itself.
func (w *walker) endpoints(raw map[string]rawEndpoint) []mesh.ZtunnelEndpoint {
	out := make([]mesh.ZtunnelEndpoint, 0, len(raw))
	for key, e := range raw {
		uid := e.WorkloadUID
		if uid == "" {
			uid = key
		}
		out = append(out, mesh.ZtunnelEndpoint{WorkloadUID: w.names.of(uid), Ports: ports(e.Port), Status: w.names.of(e.Status)})
	}
	slices.SortFunc(out, func(a, b mesh.ZtunnelEndpoint) int { return strings.Compare(a.WorkloadUID, b.WorkloadUID) })
	return out
}

// ports drops keys that are no port numbers.
func ports(raw map[string]uint16) map[uint16]uint16 {
	out := make(map[uint16]uint16, len(raw))
	for key, target := range raw {
		if n, err := strconv.ParseUint(key, 10, 16); err == nil {
			out[uint16(n)] = target
		}
	}
	return out
}
