package views

import (
	"strconv"
	"time"

	"github.com/waylight/waylight/mesh"
)

// The items of a ztunnel's lists, under the keys that its config_dump has
// (istio.md A.5 to A.9), whatever release wrote it: what older ones call
// otherwise has the newest name here.

// listed is a list that JSON shows as [] where it is empty: null is for what a
// dump does not say.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

type destinationItem struct {
	Destination   string `json:"destination"`
	HBONEMTLSPort uint16 `json:"hboneMtlsPort"`
}

func newDestinationItem(d *mesh.ZtunnelDestination) *destinationItem {
	if d == nil {
		return nil
	}
	return &destinationItem{destination(d), d.Port}
}

type workloadItem struct {
	DumpItem
	Namespace             string             `json:"namespace"`
	Name                  string             `json:"name"`
	UID                   string             `json:"uid"`
	WorkloadIPs           []string           `json:"workloadIps"`
	Protocol              string             `json:"protocol"`
	NetworkMode           string             `json:"networkMode"`
	Node                  string             `json:"node"`
	Network               string             `json:"network"`
	TrustDomain           string             `json:"trustDomain"`
	ServiceAccount        string             `json:"serviceAccount"`
	CanonicalName         string             `json:"canonicalName"`
	CanonicalRevision     string             `json:"canonicalRevision"`
	WorkloadName          string             `json:"workloadName"`
	WorkloadType          string             `json:"workloadType"`
	Hostname              string             `json:"hostname"`
	Status                string             `json:"status"`
	ClusterID             string             `json:"clusterId"`
	Locality              localityItem       `json:"locality"`
	Waypoint              *destinationItem   `json:"waypoint"`
	NetworkGateway        *destinationItem   `json:"networkGateway"`
	AuthorizationPolicies []string           `json:"authorizationPolicies"`
	Services              []string           `json:"services"`
	NativeTunnel          bool               `json:"nativeTunnel"`
	ApplicationTunnel     *applicationTunnel `json:"applicationTunnel,omitempty"`
	Capacity              uint32             `json:"capacity"`
}

type localityItem struct {
	Region  string `json:"region"`
	Zone    string `json:"zone"`
	Subzone string `json:"subzone"`
}

type applicationTunnel struct {
	Protocol string `json:"protocol"`
}

func newWorkloadItem(w *mesh.ZtunnelWorkload, head DumpItem) any {
	item := workloadItem{
		DumpItem: head, Namespace: w.Namespace, Name: w.Name, UID: w.UID, WorkloadIPs: listed(w.IPs), Protocol: w.Protocol,
		NetworkMode: w.NetworkMode, Node: w.Node, Network: w.Network, TrustDomain: w.TrustDomain, ServiceAccount: w.ServiceAccount,
		CanonicalName: w.CanonicalName, CanonicalRevision: w.CanonicalRevision, WorkloadName: w.WorkloadName,
		WorkloadType: w.WorkloadType, Hostname: w.Hostname, Status: w.Status, ClusterID: w.ClusterID, Locality: localityItem(w.Locality),
		Waypoint: newDestinationItem(w.Waypoint), NetworkGateway: newDestinationItem(w.NetworkGateway),
		AuthorizationPolicies: listed(w.Policies), Services: w.Services, NativeTunnel: w.NativeTunnel, Capacity: w.Capacity,
	}
	if w.ApplicationTunnelProtocol != "" {
		item.ApplicationTunnel = &applicationTunnel{w.ApplicationTunnelProtocol}
	}
	return item
}

type serviceItem struct {
	DumpItem
	Namespace         string                  `json:"namespace"`
	Name              string                  `json:"name"`
	Hostname          string                  `json:"hostname"`
	VIPs              []string                `json:"vips"`
	CIDRVIPs          []string                `json:"cidrVips,omitempty"`
	Ports             map[uint16]uint16       `json:"ports"`
	Endpoints         map[string]endpointItem `json:"endpoints"`
	SubjectAltNames   []string                `json:"subjectAltNames"`
	Waypoint          *destinationItem        `json:"waypoint"`
	WeightedWaypoints []weightedItem          `json:"weightedWaypoints,omitempty"`
	LoadBalancer      *loadBalancerItem       `json:"loadBalancer"`
	IPFamilies        string                  `json:"ipFamilies,omitempty"`
	Canonical         *bool                   `json:"canonical,omitempty"`
	Visibility        string                  `json:"visibility,omitempty"`
}

type endpointItem struct {
	WorkloadUID string            `json:"workloadUid"`
	Port        map[uint16]uint16 `json:"port"`
	Status      string            `json:"status,omitempty"`
}

type weightedItem struct {
	Destination destinationItem `json:"destination"`
	Weight      uint32          `json:"weight"`
}

type loadBalancerItem struct {
	RoutingPreferences []string `json:"routingPreferences"`
	Mode               string   `json:"mode"`
	HealthPolicy       string   `json:"healthPolicy,omitempty"`
}

func newServiceItem(s *mesh.ZtunnelService, head DumpItem) any {
	item := serviceItem{
		DumpItem: head, Namespace: s.Namespace, Name: s.Name, Hostname: s.Hostname, VIPs: listed(s.VIPs), CIDRVIPs: s.CIDRVIPs, Ports: s.Ports,
		Endpoints: endpointItems(s.Endpoints), SubjectAltNames: listed(s.SANs), Waypoint: newDestinationItem(s.Waypoint),
		IPFamilies: s.IPFamilies, Canonical: s.Canonical, Visibility: s.Visibility,
	}
	for i := range s.Weighted {
		item.WeightedWaypoints = append(item.WeightedWaypoints, weightedItem{*newDestinationItem(&s.Weighted[i].ZtunnelDestination), s.Weighted[i].Weight})
	}
	if lb := s.LoadBalancer; lb.Mode != "" || lb.HealthPolicy != "" || len(lb.Preferences) > 0 {
		item.LoadBalancer = &loadBalancerItem{lb.Preferences, lb.Mode, lb.HealthPolicy}
	}
	return item
}

// endpointItems keys endpoints by workload as newer dumps do. In older ones a
// workload may stand there once per address: the others get a number.
func endpointItems(list []mesh.ZtunnelEndpoint) map[string]endpointItem {
	out := make(map[string]endpointItem, len(list))
	for i := range list {
		e := &list[i]
		key := e.WorkloadUID
		for n := 2; ; n++ {
			if _, taken := out[key]; !taken {
				break
			}
			key = e.WorkloadUID + "#" + strconv.Itoa(n)
		}
		out[key] = endpointItem{e.WorkloadUID, e.Ports, e.Status}
	}
	return out
}

type policyItem struct {
	DumpItem
	Namespace string             `json:"namespace"`
	Name      string             `json:"name"`
	Scope     string             `json:"scope"`
	Action    string             `json:"action"`
	DryRun    bool               `json:"dryRun"`
	Rules     []mesh.ZtunnelRule `json:"rules"`
}

func newPolicyItem(p *mesh.ZtunnelPolicy, head DumpItem) any {
	return policyItem{head, p.Namespace, p.Name, p.Scope, p.Action, p.DryRun, listed(p.Rules)}
}

type certificatesItem struct {
	DumpItem
	Namespace string            `json:"namespace"`
	Name      string            `json:"name"`
	Identity  string            `json:"identity"`
	State     string            `json:"state"`
	CertChain []certificateItem `json:"certChain"`
	RootCerts []certificateItem `json:"rootCerts"`
}

// certificateItem leaves out the PEM text, which Waylight never keeps.
type certificateItem struct {
	SerialNumber   string    `json:"serialNumber"`
	Subject        string    `json:"subject,omitempty"`
	ValidFrom      time.Time `json:"validFrom"`
	ExpirationTime time.Time `json:"expirationTime"`
}

func certificateItems(list []mesh.Certificate) []certificateItem {
	out := make([]certificateItem, 0, len(list))
	for _, c := range list {
		out = append(out, certificateItem{c.Serial, c.Subject, c.NotBefore, c.NotAfter})
	}
	return out
}

type connectionItem struct {
	DumpItem
	Namespace      string `json:"namespace"`
	Name           string `json:"name"`
	ServiceAccount string `json:"serviceAccount"`
	PodUID         string `json:"podUid"`
	Direction      string `json:"direction"`
	Src            string `json:"src"`
	OriginalDst    string `json:"originalDst"`
	ActualDst      string `json:"actualDst"`
	Protocol       string `json:"protocol"`
}
