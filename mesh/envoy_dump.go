package mesh

import "time"

// EnvoyDump is what a waypoint's Envoy has loaded: config_dump with endpoints,
// and clusters.
type EnvoyDump struct {
	Pod       Ref
	At        time.Time
	Version   string
	Listeners []EnvoyListener
	Routes    []EnvoyRoute
	Clusters  []EnvoyCluster
	Endpoints []EnvoyEndpoint
	Secrets   []EnvoySecret
	// Skipped counts parts that could not be decoded, by reason.
	Skipped map[string]int
}

// EnvoyListener is a listener with its filter chains.
type EnvoyListener struct {
	Name, Address string
	Chains        []EnvoyChain
}

// EnvoyChain is one filter chain: on main_internal, one service port.
type EnvoyChain struct {
	Name    string
	Match   string // in words
	Filters []string
	// RBAC are the policies in force in order: "DENY shop/x rule 0".
	RBAC []EnvoyRBAC
	JWT  []string // providers
	// RouteConfig names the chain's routes, Cluster is where a TCP chain goes.
	RouteConfig, Cluster string
}

// EnvoyRBAC is one RBAC filter.
type EnvoyRBAC struct {
	Action   string // ALLOW, DENY, LOG
	Policies []string
	Network  bool // a TCP filter, not an HTTP one
	Shadow   bool // dry run
}

// EnvoyRoute is one route entry in order of evaluation.
type EnvoyRoute struct {
	Config, VirtualHost, Name string
	Domains                   []string
	Match                     string // in words
	// Owner is the routing object it was made of, zero if none.
	Owner          Ref
	Clusters       []EnvoyWeightedCluster
	DirectResponse int
	Redirect       string
	Timeout        *time.Duration
	Retries        uint32
	RetryOn        string
	Fault          string // in words
	Mirrors        []string
}

// EnvoyWeightedCluster is a cluster with its weight.
type EnvoyWeightedCluster struct {
	Name   string
	Weight uint32
}

// EnvoyCluster is one cluster.
type EnvoyCluster struct {
	Name, Type string
	Host       string
	Port       uint16
	Subset     string
	Direction  string // inbound-vip, outbound, …
	// Rule is the DestinationRule in effect, zero if none.
	Rule           Ref
	LB             string
	ConnectTimeout time.Duration
	Thresholds     string // circuit breakers in words
	Outlier        string // in words
}

// EnvoyEndpoint is one endpoint of a cluster with its health and counters.
type EnvoyEndpoint struct {
	Cluster string
	Address string // pod address and port; connect_originate is stripped
	Weight  uint32
	// Health is what EDS said; Flags are failures Envoy saw, e.g.
	// failed_outlier_check.
	Health           string
	Flags            []string
	Requests, Errors uint64
	Active           uint64
	Zone             string
	CountersKnown    bool
}

// EnvoySecret is a certificate by name and expiry; keys are never read.
type EnvoySecret struct {
	Name, Type, State string
	Chain             []Certificate
}
