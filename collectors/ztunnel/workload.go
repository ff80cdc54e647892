package ztunnel

import (
	"net/netip"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// rawWorkload is a workload as the dump has it. Fields that equal their default
// are left out of a dump (istio.md A.5).
type rawWorkload struct {
	WorkloadIPs       []string        `json:"workloadIps"`
	Waypoint          *rawDestination `json:"waypoint"`
	NetworkGateway    *rawDestination `json:"networkGateway"`
	Protocol          string          `json:"protocol"`
	NetworkMode       string          `json:"networkMode"`
	UID               string          `json:"uid"`
	Name              string          `json:"name"`
	Namespace         string          `json:"namespace"`
	TrustDomain       string          `json:"trustDomain"`
	ServiceAccount    string          `json:"serviceAccount"`
	Network           string          `json:"network"`
	WorkloadName      string          `json:"workloadName"`
	WorkloadType      string          `json:"workloadType"`
	CanonicalName     string          `json:"canonicalName"`
	CanonicalRevision string          `json:"canonicalRevision"`
	Hostname          string          `json:"hostname"`
	Node              string          `json:"node"`
	NativeTunnel      bool            `json:"nativeTunnel"`
	ApplicationTunnel *struct {
		Protocol string `json:"protocol"`
	} `json:"applicationTunnel"`
	AuthorizationPolicies []string     `json:"authorizationPolicies"`
	Status                string       `json:"status"`
	ClusterID             string       `json:"clusterId"`
	Locality              *rawLocality `json:"locality"`
	Services              []string     `json:"services"`
	Capacity              uint32       `json:"capacity"`
}

type rawLocality struct {
	Region  string `json:"region"`
	Zone    string `json:"zone"`
	Subzone string `json:"subzone"`
}

// rawDestination is a waypoint or gateway. 1.22 wrote port for what is
// hboneMtlsPort since.
type rawDestination struct {
	Destination   string `json:"destination"`
	HBONEMTLSPort uint16 `json:"hboneMtlsPort"`
	Port          uint16 `json:"port"`
}

// workloads converts workloads and drops the repetitions of releases up to
// 1.22, which list one for each of its addresses.
type workloads struct {
	*walker
	seen map[string]bool
}

func newWorkloads(w *walker) *workloads { return &workloads{walker: w, seen: make(map[string]bool)} }

// convert fills defaults in. key is empty but for the old object form.
func (w *workloads) convert(key string, raw *rawWorkload) (mesh.ZtunnelWorkload, bool) {
	if key != "" && raw.UID != "" {
		if w.seen[raw.UID] {
			return mesh.ZtunnelWorkload{}, false
		}
		w.seen[raw.UID] = true
	}
	in := w.names.of
	out := mesh.ZtunnelWorkload{
		UID: raw.UID, Name: raw.Name, Namespace: in(raw.Namespace), IPs: raw.WorkloadIPs,
		Protocol: in(or(raw.Protocol, "TCP")), NetworkMode: in(or(raw.NetworkMode, "Standard")),
		Node: in(raw.Node), Network: in(raw.Network), TrustDomain: in(or(raw.TrustDomain, mesh.DefaultTrustDomain)),
		ServiceAccount: in(or(raw.ServiceAccount, "default")), CanonicalName: in(raw.CanonicalName), CanonicalRevision: in(raw.CanonicalRevision),
		WorkloadName: in(raw.WorkloadName), WorkloadType: in(raw.WorkloadType), Hostname: in(raw.Hostname),
		Status: in(or(raw.Status, "Healthy")), ClusterID: in(raw.ClusterID),
		Waypoint: w.destination(raw.Waypoint), NetworkGateway: w.destination(raw.NetworkGateway),
		Policies: w.all(raw.AuthorizationPolicies), Services: w.all(raw.Services), NativeTunnel: raw.NativeTunnel, Capacity: raw.Capacity,
	}
	if raw.Locality != nil {
		out.Locality = mesh.ZtunnelLocality{Region: in(raw.Locality.Region), Zone: in(raw.Locality.Zone), Subzone: in(raw.Locality.Subzone)}
	}
	if raw.ApplicationTunnel != nil {
		out.ApplicationTunnelProtocol = in(raw.ApplicationTunnel.Protocol)
	}
	return out, true
}

// destination splits "network/address" from "namespace/hostname": what follows
// the first slash either is an address or is not. So a network and a namespace
// of one name are told apart.
func (w *walker) destination(raw *rawDestination) *mesh.ZtunnelDestination {
	if raw == nil {
		return nil
	}
	before, after, _ := strings.Cut(raw.Destination, "/")
	out := &mesh.ZtunnelDestination{Port: raw.HBONEMTLSPort}
	if out.Port == 0 {
		out.Port = raw.Port
	}
	if _, err := netip.ParseAddr(after); err == nil {
		out.Network, out.Address = w.names.of(before), w.names.of(after)
	} else {
		out.Namespace, out.Hostname = w.names.of(before), w.names.of(after)
	}
	return out
}

func (w *walker) all(list []string) []string {
	for i, s := range list {
		list[i] = w.names.of(s)
	}
	return list
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
