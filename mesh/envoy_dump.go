package mesh

import (
	"fmt"
	"strings"
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

// Beginnings of reasons in EnvoyDump.Skipped for what leaves the rest whole: the
// counters of endpoints, and filters that are not Envoy's own, of which only the
// name is known.
const (
	EnvoySkippedCounters = "counters: "
	EnvoySkippedFilter   = "filter of type "
)

// Lost counts the parts of a dump that were not decoded and can be missed.
func (d *EnvoyDump) Lost() int {
	n := 0
	for reason, times := range d.Skipped {
		if !strings.HasPrefix(reason, EnvoySkippedCounters) && !strings.HasPrefix(reason, EnvoySkippedFilter) {
			n += times
		}
	}
	return n
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
	// Authorizers are asked about what rules under CUSTOM match.
	Authorizers []EnvoyAuthorizer
	// HTTP tells that the chain understands HTTP; the next three are how it tidies
	// paths before anything looks at them. EscapedSlashes is Envoy's name of what
	// becomes of %2F and %5C, KEEP_UNCHANGED by default.
	HTTP, NormalizePath, MergeSlashes bool
	EscapedSlashes                    string
	// RouteConfig names the chain's routes; Cluster is where a TCP chain goes,
	// Weighted where one with several destinations goes.
	RouteConfig, Cluster string
	Weighted             []EnvoyWeightedCluster
}

// EnvoyRBAC is one set of rules of an authorization filter.
type EnvoyRBAC struct {
	// Action is ALLOW, DENY, LOG, or CUSTOM where an external authorizer is
	// asked about what the rules match; EnvoyRBACUnread where the rules are of a
	// form nobody here knows.
	Action string
	// Policies are the rules by name. None under ALLOW denies everything.
	Policies []EnvoyPolicyRule
	Network  bool // a TCP filter, not an HTTP one
	Shadow   bool // dry run: evaluated and not enforced
}

// EnvoyRBACUnread is the action of a filter whose rules could not be read.
const EnvoyRBACUnread = "UNREAD"

// EnvoyPolicyRule is one rule of an AuthorizationPolicy as istiod names it in
// an RBAC filter: ns[NS]-policy[NAME]-rule[i].
type EnvoyPolicyRule struct {
	// Policy is zero for a rule that no AuthorizationPolicy stands behind.
	Policy Ref
	Rule   int
	// Provider is the external authorizer of a CUSTOM rule.
	Provider string
	Name     string // as the filter has it
	// Permissions are what of a request is asked for, Principals what of its
	// sender: one of both must hold.
	Permissions, Principals []EnvoyExpression
	// Conditional tells of an expression in CEL besides, which is not read.
	Conditional bool
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
	// RequestAuthentication alone has it; Lenient that one with a token that is
	// not valid passes as well.
	Optional, Lenient bool
}

// EnvoyAuthorizer is an external authorizer that a chain asks.
type EnvoyAuthorizer struct {
	// Provider is its name in meshConfig; empty where one filter asks about every
	// CUSTOM rule, as releases did that knew one provider only.
	Provider string
	Cluster  string
	// FailOpen admits requests about which it cannot be asked; otherwise they are
	// answered with ErrorStatus, which is 0 where Envoy's name of it is not known.
	FailOpen    bool
	ErrorStatus int
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
