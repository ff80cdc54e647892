package mesh

// TargetRef names what a policy is attached to at a waypoint or gateway. The
// group is kept apart since Service (core) and ServiceEntry differ by it.
type TargetRef struct {
	Group, Kind, Name string
	Namespace         string // the policy's own where not given
}

// Ref is the target as an object reference.
func (t TargetRef) Ref() Ref {
	r := Ref{Kind: t.Kind, Namespace: t.Namespace, Name: t.Name}
	if t.Kind == "GatewayClass" {
		r.Namespace = ""
	}
	return r
}

// AuthorizationPolicy as written. What of it is enforced where is decided by
// analysis/authz.
type AuthorizationPolicy struct {
	Meta
	// Action is ALLOW, DENY, AUDIT or CUSTOM.
	Action   string
	Provider string // of CUSTOM
	// Selector is nil when absent. Present and empty differs: it attaches to
	// no pod at ztunnel.
	Selector   *LabelSelector
	TargetRefs []TargetRef
	// Rules: none at all never matches (an ALLOW without rules denies
	// everything), one empty rule matches everything.
	Rules      []AuthorizationRule
	Conditions Conditions
}

// DryRun tells whether the policy is only tried out, by annotation: it decides
// without effect.
func (p *AuthorizationPolicy) DryRun() bool { return IsTrue(p.Annotations[AnnotationDryRun]) }

// AuthorizationRule matches when one of From, one of To and every When match;
// an absent list matches.
type AuthorizationRule struct {
	From []AuthorizationSource
	To   []AuthorizationOperation
	When []AuthorizationCondition
}

// AuthorizationSource is one from.source: fields are ANDed, values ORed.
type AuthorizationSource struct {
	Principals, NotPrincipals               []string
	RequestPrincipals, NotRequestPrincipals []string
	Namespaces, NotNamespaces               []string
	ServiceAccounts, NotServiceAccounts     []string
	IPBlocks, NotIPBlocks                   []string
	RemoteIPBlocks, NotRemoteIPBlocks       []string
	TrustDomains, NotTrustDomains           []string
}

// AuthorizationOperation is one to.operation.
type AuthorizationOperation struct {
	Hosts, NotHosts     []string
	Ports, NotPorts     []string
	Methods, NotMethods []string
	Paths, NotPaths     []string
}

// AuthorizationCondition is one when.
type AuthorizationCondition struct {
	Key               string
	Values, NotValues []string
}

// PeerAuthentication sets the mTLS mode. Modes are UNSET (also empty),
// DISABLE, PERMISSIVE or STRICT.
type PeerAuthentication struct {
	Meta
	Selector   *LabelSelector
	Mode       string
	PortModes  map[uint16]string
	Conditions Conditions
}

// Selects tells that the PeerAuthentication is meant for some pods only. An
// empty selector is as good as none here, unlike in an AuthorizationPolicy.
func (p *PeerAuthentication) Selects() bool { return p.Selector != nil && !p.Selector.Empty() }

// RequestAuthentication tells which tokens are valid.
type RequestAuthentication struct {
	Meta
	Selector   *LabelSelector
	TargetRefs []TargetRef
	Rules      []JWTRule
	Conditions Conditions
}

// JWTRule is one issuer.
type JWTRule struct {
	Issuer      string
	Audiences   []string
	JWKSURI     string
	InlineJWKS  bool // the keys themselves are not kept
	FromHeaders []string
	FromParams  []string
	FromCookies []string
}

// Telemetry configures logs, metrics and traces.
type Telemetry struct {
	Meta
	Selector   *LabelSelector
	TargetRefs []TargetRef
	// AccessLogging lists the providers logging is sent to; LoggingDisabled
	// is true where an entry turns it off. Both empty: nothing is said.
	AccessLogging   []AccessLogging
	MetricsDisabled bool
	Conditions      Conditions
}

// AccessLogging is one accessLogging entry of a Telemetry.
type AccessLogging struct {
	Providers []string
	Disabled  bool
	Mode      string // CLIENT, SERVER, CLIENT_AND_SERVER; empty for all
	Filter    string // CEL expression, empty for all
}

// EnvoyFilter as far as it concerns waypoints: where it is aimed and in which
// patch contexts.
type EnvoyFilter struct {
	Meta
	Selector   *LabelSelector
	TargetRefs []TargetRef
	Contexts   []string // one per patch
	Priority   int32
}

// WasmPlugin as far as attachment goes.
type WasmPlugin struct {
	Meta
	Selector   *LabelSelector
	TargetRefs []TargetRef
	URL        string
}

// TrafficExtension as far as attachment goes: a Wasm module or Lua code, the
// successor of WasmPlugin (Istio 1.31).
type TrafficExtension struct {
	Meta
	Selector   *LabelSelector
	TargetRefs []TargetRef
}
