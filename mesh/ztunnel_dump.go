package mesh

import (
	"strings"
	"time"
)

// ZtunnelDump is what one ztunnel had in its memory: its config_dump, decoded.
// It is as large as the mesh, so it is read when somebody needs it and let go
// of soon; what every snapshot keeps of it is a ZtunnelEvidence.
type ZtunnelDump struct {
	// Node and Pod are where it was read, At when.
	Node string
	Pod  Ref
	At   time.Time

	Workloads    []*ZtunnelWorkload
	Services     []*ZtunnelService
	Policies     []ZtunnelPolicy
	Certificates []ZtunnelCertificate
	// Local are the pods of this node that ztunnel serves; LocalKnown is false
	// where the dump has no workloadState (a dedicated proxy), or an entry of it
	// could not be decoded.
	Local      []ZtunnelLocal
	LocalKnown bool
	Version    ZtunnelVersion
	// Config holds scalar settings as text, under the dump's own keys.
	Config map[string]string
	// Skipped counts entries that could not be decoded, FirstSkipped says why
	// for the first.
	Skipped      int
	FirstSkipped string
}

// ZtunnelVersion is the dump's version block.
type ZtunnelVersion struct{ Version, GitRevision, IstioVersion, BuildStatus string }

// ZtunnelWorkload is one workload as ztunnel has it, defaults filled in
// (istio.md A.5).
type ZtunnelWorkload struct {
	UID, Name, Namespace      string
	IPs                       []string
	Protocol                  string // TCP, HBONE, or what else was sent
	NetworkMode               string // Standard, HostNetwork
	Node, Network             string
	TrustDomain               string
	ServiceAccount            string
	CanonicalName             string
	CanonicalRevision         string
	WorkloadName              string
	WorkloadType              string
	Hostname                  string
	Status                    string // Healthy, Unhealthy
	ClusterID                 string
	Locality                  ZtunnelLocality
	Waypoint, NetworkGateway  *ZtunnelDestination
	Policies                  []string // ns/name, selector scope only
	Services                  []string // ns/host; nil before 1.24
	NativeTunnel              bool
	ApplicationTunnelProtocol string
	Capacity                  uint32
}

// ZtunnelLocality is where a workload runs.
type ZtunnelLocality struct{ Region, Zone, Subzone string }

// ZtunnelDestination is a waypoint or gateway as ztunnel names it: either an
// address in a network, or a host in a namespace.
type ZtunnelDestination struct {
	Network, Address    string // Address is an IP when set
	Namespace, Hostname string
	Port                uint16
}

// ZtunnelService is one service as ztunnel has it (istio.md A.6).
type ZtunnelService struct {
	Name, Namespace, Hostname string
	VIPs                      []string // network/ip, the network often empty
	CIDRVIPs                  []string // network/cidr
	// Ports maps service ports to target ports; 0 is a named target port.
	Ports        map[uint16]uint16
	Endpoints    []ZtunnelEndpoint
	SANs         []string
	Waypoint     *ZtunnelDestination
	Weighted     []ZtunnelWeightedWaypoint
	LoadBalancer ZtunnelLoadBalancer
	IPFamilies   string
	Visibility   string
	Canonical    *bool // nil before 1.29
}

// ZtunnelWeightedWaypoint is one of several waypoints with its share.
type ZtunnelWeightedWaypoint struct {
	ZtunnelDestination
	Weight uint32
}

// ZtunnelEndpoint is one endpoint of a service.
type ZtunnelEndpoint struct {
	WorkloadUID string
	Ports       map[uint16]uint16
	Status      string // empty before 1.24
}

// ZtunnelLoadBalancer is how endpoints are chosen.
type ZtunnelLoadBalancer struct {
	Preferences  []string
	Mode         string
	HealthPolicy string
}

// ZtunnelPolicy is an authorization policy as ztunnel enforces it: rules are
// ORed, clauses ANDed, matches ORed, fields of a match ANDed (istio.md A.7).
type ZtunnelPolicy struct {
	Name, Namespace string
	Scope           string // Global, Namespace, WorkloadSelector
	Action          string // Allow, Deny
	DryRun          bool
	Rules           []ZtunnelRule
}

// ZtunnelRule is a list of clauses; none matches everything.
type ZtunnelRule []ZtunnelClause

// ZtunnelClause is a list of matches; none matches everything.
type ZtunnelClause []ZtunnelMatch

// ZtunnelMatch holds each field's values as policies write them: "principals" →
// ["cluster.local/ns/a/sa/b", "prefix*", "*suffix"], "*" for what is there at
// all. An empty match never matches.
type ZtunnelMatch map[string][]string

// ztunnelUnknown begins a value of a form that no release known here writes.
const ztunnelUnknown = "unknown form: "

// ZtunnelUnknown is a value of a match that nobody here can evaluate, kept to
// be shown.
func ZtunnelUnknown(text string) string { return ztunnelUnknown + text }

// IsZtunnelUnknown tells that a value of a match is one of ZtunnelUnknown.
func IsZtunnelUnknown(value string) bool { return strings.HasPrefix(value, ztunnelUnknown) }

// ZtunnelCertificate is the certificate of one identity on a node. Key material
// is never kept, nor the certificates themselves.
type ZtunnelCertificate struct {
	Identity string // spiffe://…
	// State is Available, Initializing or Unavailable; Reason is the text after
	// "Unavailable: ".
	State, Reason string
	Chain, Roots  []Certificate // leaf first
}

// Certificate is what is public and useful of an X.509 certificate.
type Certificate struct {
	Serial    string // decimal
	Subject   string // empty where it could not be parsed
	NotBefore time.Time
	NotAfter  time.Time
}

// ZtunnelLocal is one pod of the node that ztunnel serves.
type ZtunnelLocal struct {
	PodUID                          string
	State                           string // Pending, Up
	Name, Namespace, ServiceAccount string // empty before 1.24
	Inbound, Outbound               []ZtunnelConnection
}

// ZtunnelConnection is a live connection.
type ZtunnelConnection struct {
	Source, OriginalDestination, Destination string
	Protocol                                 string
}
