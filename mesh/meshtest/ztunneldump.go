package meshtest

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/waylight/waylight/mesh"
)

// ZtunnelDump is what the ztunnel of a node answers at config_dump while it has
// taken everything that istiod makes of a mesh, as ztunnel 1.31 writes it: keys
// sorted, indented, fields of their default value left out. For Large(200, 4000,
// 20000, 200) that is 22 MB.
func ZtunnelDump(s *mesh.Snapshot, node string) []byte {
	d := dumpMaker{snap: s, services: make(map[mesh.Ref][]string)}
	out := dump{
		Config: dumpConfig(node), Policies: []dumpPolicy{},
		Version: map[string]string{"buildStatus": "Clean", "gitRevision": "62d826530e5", "istioVersion": "1.31.0", "version": "1.31.0"},
	}
	if strictEverywhere(s) {
		out.Policies = append(out.Policies, staticStrict())
		d.policies = []string{SystemNamespace + "/" + out.Policies[0].Name}
	}
	for _, sh := range s.Shards {
		for _, svc := range sh.Services {
			out.Services = append(out.Services, d.service(sh, svc))
		}
	}
	for _, sh := range s.Shards {
		for _, w := range sh.Workloads {
			out.Workloads = append(out.Workloads, d.workload(w))
		}
	}
	out.WorkloadState, out.Certificates = d.local(node)
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		panic(err)
	}
	return text
}

// dump and its parts have their fields in the order in which ztunnel writes
// them (istio.md A.4 to A.9).
type dump struct {
	Certificates  []dumpCertificate    `json:"certificates"`
	Config        map[string]any       `json:"config"`
	Policies      []dumpPolicy         `json:"policies"`
	Services      []dumpService        `json:"services"`
	Version       map[string]string    `json:"version"`
	WorkloadState map[string]dumpLocal `json:"workloadState"`
	Workloads     []dumpWorkload       `json:"workloads"`
}

type dumpWorkload struct {
	Policies          []string         `json:"authorizationPolicies,omitempty"`
	CanonicalName     string           `json:"canonicalName"`
	CanonicalRevision string           `json:"canonicalRevision"`
	Capacity          int              `json:"capacity"`
	ClusterID         string           `json:"clusterId"`
	Locality          dumpLocality     `json:"locality"`
	Name              string           `json:"name"`
	Namespace         string           `json:"namespace"`
	NetworkMode       string           `json:"networkMode"`
	Node              string           `json:"node"`
	Protocol          string           `json:"protocol"`
	ServiceAccount    string           `json:"serviceAccount"`
	Services          []string         `json:"services,omitempty"`
	Status            string           `json:"status"`
	TrustDomain       string           `json:"trustDomain"`
	UID               string           `json:"uid"`
	Waypoint          *dumpDestination `json:"waypoint,omitempty"`
	IPs               []string         `json:"workloadIps"`
	WorkloadName      string           `json:"workloadName"`
	WorkloadType      string           `json:"workloadType"`
}

type dumpLocality struct {
	Region  string `json:"region"`
	Subzone string `json:"subzone"`
	Zone    string `json:"zone"`
}

type dumpDestination struct {
	Destination string `json:"destination"`
	Port        int    `json:"hboneMtlsPort"`
}

type dumpPolicy struct {
	Action    string                         `json:"action"`
	DryRun    bool                           `json:"dryRun"`
	Name      string                         `json:"name"`
	Namespace string                         `json:"namespace"`
	Rules     [][][]map[string][]strictMatch `json:"rules"`
	Scope     string                         `json:"scope"`
}

type strictMatch struct {
	Presence []struct{}
}

type dumpService struct {
	Canonical       bool                    `json:"canonical"`
	Endpoints       map[string]dumpEndpoint `json:"endpoints"`
	Hostname        string                  `json:"hostname"`
	IPFamilies      string                  `json:"ipFamilies"`
	Name            string                  `json:"name"`
	Namespace       string                  `json:"namespace"`
	Ports           map[uint16]uint16       `json:"ports"`
	SubjectAltNames []string                `json:"subjectAltNames"`
	VIPs            []string                `json:"vips"`
	Visibility      string                  `json:"visibility"`
	Waypoint        *dumpDestination        `json:"waypoint,omitempty"`
}

type dumpEndpoint struct {
	Port        map[uint16]uint16 `json:"port"`
	Status      string            `json:"status"`
	WorkloadUID string            `json:"workloadUid"`
}

type dumpLocal struct {
	Connections struct {
		Inbound  []struct{} `json:"inbound"`
		Outbound []struct{} `json:"outbound"`
	} `json:"connections"`
	Info struct {
		Name           string `json:"name"`
		Namespace      string `json:"namespace"`
		ServiceAccount string `json:"serviceAccount"`
	} `json:"info"`
	State string `json:"state"`
}

type dumpCertificate struct {
	Chain    []dumpX509 `json:"certChain"`
	Identity string     `json:"identity"`
	Roots    []dumpX509 `json:"rootCerts"`
	State    string     `json:"state"`
}

type dumpX509 struct {
	Expiration string `json:"expirationTime"`
	PEM        string `json:"pem"`
	Serial     string `json:"serialNumber"`
	ValidFrom  string `json:"validFrom"`
}

// dumpMaker makes the entries of one dump.
type dumpMaker struct {
	snap *mesh.Snapshot
	// services are the "namespace/host" of pods, found with their endpoints.
	services map[mesh.Ref][]string
	// policies apply to every workload.
	policies []string
}

// domain is the cluster domain of every built mesh.
const domain = mesh.DefaultClusterDomain

func dumpUID(w mesh.Ref) string { return "Kubernetes//" + w.Kind + "/" + w.Namespace + "/" + w.Name }

func (d *dumpMaker) service(sh *mesh.Shard, svc *mesh.Service) dumpService {
	out := dumpService{
		Canonical: true, Endpoints: make(map[string]dumpEndpoint), Hostname: svc.Hostname(domain), IPFamilies: "IPv4", Name: svc.Name, Namespace: svc.Namespace,
		Ports: make(map[uint16]uint16), SubjectAltNames: []string{}, VIPs: []string{}, Visibility: "Public", Waypoint: destinationOf(d.snap.ServiceBinding(svc)),
	}
	for _, vip := range svc.VIPs {
		out.VIPs = append(out.VIPs, "/"+vip)
	}
	for _, p := range svc.Ports {
		out.Ports[p.Port] = targetOf(p)
	}
	for _, slice := range sh.EndpointSlices {
		if slice.Service != svc.Name {
			continue
		}
		for _, e := range slice.Endpoints {
			d.services[e.Target] = append(d.services[e.Target], svc.Namespace+"/"+out.Hostname)
			out.Endpoints[dumpUID(e.Target)] = dumpEndpoint{Port: out.Ports, Status: "Healthy", WorkloadUID: dumpUID(e.Target)}
		}
	}
	return out
}

// targetOf is a target port as dumps have it: 0 for one that has a name.
func targetOf(p mesh.ServicePort) uint16 {
	if p.TargetPort == "" {
		return p.Port
	}
	n, err := strconv.ParseUint(p.TargetPort, 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

func (d *dumpMaker) workload(w *mesh.Workload) dumpWorkload {
	out := dumpWorkload{
		Policies: d.policies, CanonicalName: w.Labels["app"], CanonicalRevision: w.CanonicalRevision(), Capacity: 1, ClusterID: "Kubernetes",
		Locality: dumpLocality{Region: "eu-1", Zone: "eu-1a"}, Name: w.Name, Namespace: w.Namespace, NetworkMode: "Standard", Node: w.Node,
		Protocol: "TCP", ServiceAccount: w.ServiceAccount, Services: d.services[w.Ref()], Status: "Healthy", TrustDomain: d.snap.TrustDomain(),
		UID: dumpUID(w.Ref()), Waypoint: destinationOf(d.snap.WorkloadBinding(w)), IPs: w.IPs, WorkloadName: w.Name, WorkloadType: "pod",
	}
	if w.Captured() {
		out.Protocol = "HBONE"
	}
	return out
}

// strictEverywhere tells whether the whole mesh refuses plaintext.
func strictEverywhere(s *mesh.Snapshot) bool {
	return slices.ContainsFunc(s.Shard(s.RootNamespace()).PeerAuths, func(p *mesh.PeerAuthentication) bool { return p.Selector == nil && p.Mode == "STRICT" })
}

// staticStrict is the policy that istiod sends for it (istio.md C.3).
func staticStrict() dumpPolicy {
	noIdentity := map[string][]strictMatch{"notPrincipals": {{Presence: []struct{}{}}}}
	return dumpPolicy{
		Action: "Deny", Name: "istio_converted_static_strict", Namespace: SystemNamespace, Scope: "WorkloadSelector",
		Rules: [][][]map[string][]strictMatch{{{noIdentity}}},
	}
}

func destinationOf(b mesh.Binding) *dumpDestination {
	if !b.Bound() {
		return nil
	}
	host := b.Waypoint.Name + "." + b.Waypoint.Namespace + ".svc." + domain
	return &dumpDestination{Destination: b.Waypoint.Namespace + "/" + host, Port: mesh.PortHBONE}
}

// local are the pods of the node that are in the mesh, and a certificate for
// each of their identities.
func (d *dumpMaker) local(node string) (map[string]dumpLocal, []dumpCertificate) {
	pods, certificates := make(map[string]dumpLocal), []dumpCertificate{}
	root, known := dumpedCertificate("", 1), make(map[string]bool)
	for _, w := range d.snap.OnNode(node) {
		if !w.Captured() {
			continue
		}
		pod := dumpLocal{State: "Up"}
		pod.Info.Name, pod.Info.Namespace, pod.Info.ServiceAccount = w.Name, w.Namespace, w.ServiceAccount
		pod.Connections.Inbound, pod.Connections.Outbound = []struct{}{}, []struct{}{}
		pods[w.UID] = pod
		identity := "spiffe://" + w.Principal(d.snap.TrustDomain())
		if known[identity] {
			continue
		}
		known[identity] = true
		leaf := dumpedCertificate(identity, int64(len(certificates)+2))
		certificates = append(certificates, dumpCertificate{Chain: []dumpX509{leaf}, Identity: identity, Roots: []dumpX509{root}, State: "Available"})
	}
	return pods, certificates
}

func dumpConfig(node string) map[string]any {
	return map[string]any{
		"adminAddr": map[string]any{"Localhost": []any{true, 15000}}, "clusterDomain": domain, "clusterId": "Kubernetes", "dnsProxy": true,
		"localNode": node, "network": "", "proxyMode": "Shared", "xdsOnDemand": false,
	}
}
