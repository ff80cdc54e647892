package mesh

import "time"

// EnvoyRoute is one route entry in order of evaluation.
type EnvoyRoute struct {
	// Listener and Chain are where it is in force; empty for routes fetched by
	// name, and for draining ones.
	Listener, Chain           string
	Config, VirtualHost, Name string
	// Draining tells that Envoy still holds the route for old connections and
	// no chain in force has it.
	Draining bool
	Domains  []string
	Match    string // in words
	// Conditions are what Match says, to evaluate.
	Conditions EnvoyRouteMatch
	// Owner is the routing object it was made of, zero if none. A GRPCRoute
	// cannot be told from an HTTPRoute and is called one.
	Owner    Ref
	Clusters []EnvoyWeightedCluster
	// ClusterHeader names the cluster with each request; empty where it does not.
	ClusterHeader string
	// NoClusterStatus is the answer where a cluster of Clusters is not there: 503,
	// and 500 on behalf of an HTTPRoute. 0 is a code of a later Envoy.
	NoClusterStatus int
	// DirectResponse is the status Envoy answers itself, 0 if it does not.
	DirectResponse int
	Redirect       string // in words
	// RedirectStatus is the answer of a redirect, 0 without one.
	RedirectStatus int
	Rewrite        string // in words
	// Timeout is for the whole answer: nil is Envoy's default of 15 s, 0 none.
	Timeout *time.Duration
	// Retries are attempts after the first, under the conditions of RetryOn;
	// PerTryTimeout is nil where the whole timeout holds for each.
	Retries       uint32
	RetryOn       string
	PerTryTimeout *time.Duration
	Fault         string // in words
	// Faults is what Fault says, to evaluate; nil without a fault.
	Faults  *EnvoyFault
	Mirrors []EnvoyMirror
}

// EnvoyWeightedCluster is a cluster with its weight. A single one has weight 0.
type EnvoyWeightedCluster struct {
	Name   string
	Weight uint32
}

// EnvoyMirror is a cluster that gets copies of requests.
type EnvoyMirror struct {
	Cluster string
	// Share is how many of them, as "10%"; empty is all.
	Share string
}
