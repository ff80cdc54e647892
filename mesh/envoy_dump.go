package mesh

import (
	"fmt"
	"time"
)

// EnvoyDump is what a waypoint's Envoy has loaded: its config_dump with
// endpoints, joined with what its clusters answer counts.
type EnvoyDump struct {
	Pod Ref
	At  time.Time
	// Version is the release of Istio the proxy calls itself, empty where it
	// says none; EnvoyVersion is that of Envoy.
	Version, EnvoyVersion string

	Listeners []EnvoyListener
	Routes    []EnvoyRoute
	Clusters  []EnvoyCluster
	Endpoints []EnvoyEndpoint
	Secrets   []EnvoySecret
	// Skipped counts parts that could not be decoded, by reason. It never
	// quotes the dump, which may hold secrets.
	Skipped map[string]int
}

// EnvoyState is how far Envoy is with a resource that istiod sent.
type EnvoyState string

// A resource is in force, waits for what it depends on, is being left, or is
// part of the bootstrap and not from istiod.
const (
	EnvoyActive   EnvoyState = "active"
	EnvoyWarming  EnvoyState = "warming"
	EnvoyDraining EnvoyState = "draining"
	EnvoyStatic   EnvoyState = "static"
)

// EnvoyListener is a listener with its filter chains.
type EnvoyListener struct {
	Name string
	// Address is host:port, or "internal" for a listener that only this Envoy
	// can reach.
	Address string
	State   EnvoyState
	// Rejected is why Envoy refused the newest version; the one shown is older.
	Rejected string
	Chains   []EnvoyChain
}

// EnvoyChain is one filter chain: on main_internal, one service port.
type EnvoyChain struct {
	Name string
	EnvoyName
	// Match is what leads to the chain, in words.
	Match string
	// Filters are the names of the network filters in order, HTTPFilters those
	// of the HTTP connection manager.
	Filters, HTTPFilters []string
	// RBAC are the authorization filters in order of evaluation.
	RBAC []EnvoyRBAC
	JWT  []EnvoyJWTProvider
	// RouteConfig names the chain's routes; Cluster is where a TCP chain goes,
	// Weighted where one with several destinations goes.
	RouteConfig, Cluster string
	Weighted             []EnvoyWeightedCluster
}

// EnvoyName is what istiod writes into the name of a cluster or chain:
// DIRECTION|PORT|PROTOCOL/SUBSET|HOST (istio.md E). It is zero for other names.
type EnvoyName struct {
	Direction string // inbound-vip, outbound, …
	Port      uint16
	Protocol  string // http, tcp; empty where the name has none
	Subset    string
	Host      string
}

// EnvoyRBAC is one set of rules of an authorization filter.
type EnvoyRBAC struct {
	// Action is ALLOW, DENY, LOG, or CUSTOM where an external authorizer is
	// asked about what the rules match.
	Action string
	// Policies are the rules by name. None under ALLOW denies everything.
	Policies []EnvoyPolicyRule
	Network  bool // a TCP filter, not an HTTP one
	Shadow   bool // dry run: evaluated and not enforced
}

// EnvoyPolicyRule is one rule of an AuthorizationPolicy as istiod names it in
// an RBAC filter: ns[NS]-policy[NAME]-rule[i].
type EnvoyPolicyRule struct {
	// Policy is zero for a rule that no AuthorizationPolicy stands behind.
	Policy Ref
	Rule   int
	// Provider is the external authorizer of a CUSTOM rule.
	Provider string
	Name     string // as the filter has it
}

// String is the rule in words: "shop/orders rule 0".
func (r EnvoyPolicyRule) String() string {
	if r.Policy.IsZero() {
		return r.Name
	}
	return fmt.Sprintf("%s rule %d", r.Policy.NamespacedName(), r.Rule)
}

// EnvoyJWTProvider is one issuer whose tokens a chain accepts. Keys are never
// kept.
type EnvoyJWTProvider struct {
	Name, Issuer string
	Audiences    []string
	// Optional tells that a request without a token passes, as a
	// RequestAuthentication alone has it.
	Optional bool
}

// EnvoySecret is a certificate by name and expiry; keys are never read.
type EnvoySecret struct {
	Name string
	// Type is certificate, roots or other.
	Type  string
	State EnvoyState
	// Updated is when Envoy took it.
	Updated time.Time
	// Identity is the SPIFFE ID of a certificate, empty for roots.
	Identity string
	Chain    []Certificate
}
