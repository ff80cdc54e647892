package mesh

import (
	"slices"
	"time"
)

// EnvoyCluster is one cluster: a place requests can go to.
type EnvoyCluster struct {
	Name string
	EnvoyName
	Type  string // EDS, STATIC, ORIGINAL_DST, …
	State EnvoyState
	// Rejected is why Envoy refused the newest version; the one shown is older.
	Rejected string
	// Rule is the DestinationRule in effect, zero if none.
	Rule           Ref
	LB             string
	ConnectTimeout time.Duration
	// Thresholds are the circuit breakers in words, empty without a limit.
	Thresholds string
	// Panic is the percentage of healthy hosts below which requests go to
	// unhealthy ones as well; 0 is never.
	Panic float64
	// Outlier is the outlier detection in words, empty if there is none.
	Outlier string
}

// EnvoyOutlierFlag is the flag of a host that outlier detection took out.
const EnvoyOutlierFlag = "failed_outlier_check"

// EnvoyEndpoint is one endpoint of a cluster with its health and counters.
type EnvoyEndpoint struct {
	Cluster string
	// Address is the address of the pod with its port, a listener inside this
	// Envoy, or a socket's path.
	Address string
	// Tunnel is the internal listener that wraps the connection in HBONE
	// (connect_originate); empty where Envoy connects in plain text.
	Tunnel string
	// Workload is namespace/name as istiod labelled it, ClusterID the cluster it
	// runs in; empty where istiod did not say.
	Workload, ClusterID string
	Weight              uint32
	// Priority is the failover level: 1 is used when 0 is not healthy enough.
	Priority uint32
	Zone     string
	// Health is what istiod said; Flags are failures Envoy saw itself, e.g.
	// failed_outlier_check.
	Health string
	Flags  []string
	// Requests and Errors are totals since the endpoint was added, Active are
	// open connections. They mean nothing without CountersKnown.
	Requests, Errors uint64
	Active           uint64
	CountersKnown    bool
}

// Ejected tells whether outlier detection took the endpoint out.
func (e *EnvoyEndpoint) Ejected() bool { return slices.Contains(e.Flags, EnvoyOutlierFlag) }
