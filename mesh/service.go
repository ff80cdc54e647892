package mesh

import "strings"

// Service is a Kubernetes Service.
type Service struct {
	Meta
	// Type is ClusterIP, NodePort, LoadBalancer or ExternalName.
	Type         string
	ExternalName string
	// VIPs are its cluster addresses; empty for a headless Service, which no
	// service waypoint ever sees (istio.md C.1).
	VIPs     []string
	Selector map[string]string
	Ports    []ServicePort
	// InternalTrafficPolicy is Cluster or Local.
	InternalTrafficPolicy    string
	TrafficDistribution      string
	PublishNotReadyAddresses bool
	SessionAffinity          string
	Conditions               Conditions
	// ExternalIPs and LoadBalancer addresses.
	ExternalAddresses []string
}

// ServicePort is one port of a Service or ServiceEntry.
type ServicePort struct {
	Name string
	Port uint16
	// TargetPort is the number or name as written; empty means Port.
	TargetPort  string
	Protocol    string // TCP, UDP, SCTP
	AppProtocol string
}

// Headless tells that the Service has no virtual address: calls go to pod
// addresses.
func (s *Service) Headless() bool { return len(s.VIPs) == 0 && s.Type != "ExternalName" }

// Hostname is the Service's full name in the cluster domain.
func (s *Service) Hostname(clusterDomain string) string {
	return s.Name + "." + s.Namespace + ".svc." + clusterDomain
}

// Port returns the port with that number, nil if it has none.
func (s *Service) Port(number uint16) *ServicePort { return findPort(s.Ports, number) }

func findPort(ports []ServicePort, number uint16) *ServicePort {
	for i := range ports {
		if ports[i].Port == number {
			return &ports[i]
		}
	}
	return nil
}

// L7Protocol is what a port's traffic is declared to be.
type L7Protocol string

// Declared protocols, as far as a waypoint treats them differently.
const (
	ProtocolHTTP       L7Protocol = "http" // http, http2, grpc, grpc-web
	ProtocolTCP        L7Protocol = "tcp"  // tcp, tls, https, mysql, redis, mongo, …
	ProtocolUDP        L7Protocol = "udp"
	ProtocolUndeclared L7Protocol = "auto" // the waypoint detects it
)

// Declared is the port's protocol as Istio reads it: appProtocol beats the
// name, of either the part before the first hyphen counts, and what neither
// tells is TCP on ports 25, 53, 3306 and 27017 (istio pkg/config/kube,
// ConvertProtocol).
func (p ServicePort) Declared() L7Protocol {
	if p.Protocol == "UDP" {
		return ProtocolUDP
	}
	name := p.Name
	if p.AppProtocol != "" {
		name = p.AppProtocol
	}
	switch name {
	case "kubernetes.io/h2c", "kubernetes.io/ws":
		return ProtocolHTTP
	case "kubernetes.io/wss":
		return ProtocolTCP
	}
	name, _, _ = strings.Cut(strings.ToLower(name), "-") // grpc-web is HTTP as grpc is
	if declared := l7Of(name); declared != ProtocolUndeclared {
		return declared
	}
	switch p.Port {
	case 25, 53, 3306, 27017:
		return ProtocolTCP
	}
	return ProtocolUndeclared
}

// l7Of reads a protocol's name as istio pkg/config/protocol does.
func l7Of(name string) L7Protocol {
	switch name {
	case "http", "http2", "http_proxy", "grpc":
		return ProtocolHTTP
	case "tcp", "tls", "https", "mysql", "redis", "mongo":
		return ProtocolTCP
	case "udp":
		return ProtocolUDP
	}
	return ProtocolUndeclared
}

// ServiceEntry is Istio's way to name what is not a Kubernetes Service.
type ServiceEntry struct {
	Meta
	Hosts []string
	// Addresses are spec.addresses, AutoAddresses those istiod allocated
	// (status.addresses).
	Addresses, AutoAddresses []string
	Ports                    []ServicePort
	Location                 string // MESH_EXTERNAL or MESH_INTERNAL
	Resolution               string // NONE, STATIC, DNS, DNS_ROUND_ROBIN, DYNAMIC_DNS
	Endpoints                []ServiceEntryEndpoint
	WorkloadSelector         *LabelSelector
	ExportTo                 []string
	Conditions               Conditions
}

// ServiceEntryEndpoint is an inline endpoint of a ServiceEntry.
type ServiceEntryEndpoint struct {
	Address        string
	Ports          map[string]uint32
	Labels         map[string]string
	Network        string
	Locality       string
	Weight         uint32
	ServiceAccount string
}

// Port returns the port with that number, nil if it has none.
func (s *ServiceEntry) Port(number uint16) *ServicePort { return findPort(s.Ports, number) }
