package mesh

import "time"

// Route is a routing object: HTTPRoute, GRPCRoute, TCPRoute, TLSRoute or
// VirtualService (Meta.Kind tells which). One type for all, since a waypoint
// treats them as one ordered list of rules.
type Route struct {
	Meta
	// Hosts are spec.hosts of a VirtualService or spec.hostnames.
	Hosts []string
	// Gateways of a VirtualService; empty means the mesh.
	Gateways []string
	ExportTo []string
	// Parents of a Gateway API route, with the status each controller wrote.
	Parents []RouteParent
	Rules   []RouteRule
}

// RouteParent is one parentRef and what its controllers said about it.
type RouteParent struct {
	Ref         Ref // namespace filled in
	SectionName string
	Port        uint16 // 0 for all
	Status      []ParentStatus
}

// ParentStatus is status.parents[] for one parent.
type ParentStatus struct {
	Controller string
	Conditions Conditions
}

// RouteRule is one rule. Protocol is http, tcp or tls.
type RouteRule struct {
	Name     string
	Protocol string
	Matches  []RouteMatch // empty matches everything
	Backends []Backend
	Mirrors  []Backend
	Redirect *Redirect
	Rewrite  *Rewrite
	// DirectResponse is the status answered by the proxy itself, 0 for none.
	DirectResponse int
	Timeout        *time.Duration // request
	BackendTimeout *time.Duration // per try, HTTPRoute backendRequest
	Retry          *Retry
	Fault          *Fault
	// HeaderChanges are request and response header operations in words.
	HeaderChanges []string
	// Filters names other filters in effect, e.g. ExtensionRef.
	Filters []string
	// Delegate of a VirtualService rule, zero if none.
	Delegate Ref
}

// StringMatch is Exact, Prefix or Regex (never more than one).
type StringMatch struct {
	Kind  MatchKind
	Value string
}

// MatchKind is how a StringMatch compares.
type MatchKind string

// The kinds of a StringMatch.
const (
	MatchExact  MatchKind = "exact"
	MatchPrefix MatchKind = "prefix"
	MatchRegex  MatchKind = "regex"
)

// RouteMatch is one match; all its parts must hold.
type RouteMatch struct {
	Name            string
	Path            *StringMatch
	Method          *StringMatch
	Authority       *StringMatch
	Scheme          *StringMatch
	Headers         []NamedMatch
	WithoutHeaders  []NamedMatch
	QueryParams     []NamedMatch
	IgnoreURICase   bool
	Port            uint16
	SourceLabels    map[string]string
	SourceNamespace string
	Gateways        []string
	SNIHosts        []string
	DestinationIPs  []string // destinationSubnets
	GRPCService     *StringMatch
	GRPCMethod      *StringMatch
}

// NamedMatch compares one header or query parameter; a nil Match asks only for
// presence.
type NamedMatch struct {
	Name  string
	Match *StringMatch
}

// Backend is where a rule sends. Ref is the Service or ServiceEntry of a
// Gateway API route, Host what a VirtualService wrote.
type Backend struct {
	Ref    Ref
	Host   string
	Subset string
	Port   uint16 // 0: the port called
	// Weight as written; 1 where the API defaults it. A VirtualService's single
	// destination without weight has 0 and gets everything.
	Weight int32
	// Percent applies to mirrors; 100 if not given.
	Percent float64
}

// Redirect of a rule.
type Redirect struct {
	Scheme, Host, Path string
	PrefixPath         bool
	Port               uint16
	Status             int
}

// Rewrite of a rule.
type Rewrite struct {
	Host, Path string
	PrefixPath bool
}

// Retry of a rule. Attempts do not count the first try.
type Retry struct {
	Attempts      int32
	PerTryTimeout *time.Duration
	On            string
	Backoff       *time.Duration
}

// Fault is injected delay or abort.
type Fault struct {
	Delay        *time.Duration
	DelayPercent float64
	AbortStatus  int
	AbortGRPC    string
	AbortPercent float64
}

// CatchAll tells that the rule matches every request that reaches it.
func (r *RouteRule) CatchAll() bool {
	if len(r.Matches) == 0 {
		return true
	}
	for i := range r.Matches {
		if r.Matches[i].catchAll() {
			return true
		}
	}
	return false
}

func (m *RouteMatch) catchAll() bool {
	path := m.Path == nil || (m.Path.Kind == MatchPrefix && m.Path.Value == "/")
	return path && m.Method == nil && m.Authority == nil && m.Scheme == nil && len(m.Headers) == 0 &&
		len(m.WithoutHeaders) == 0 && len(m.QueryParams) == 0 && m.Port == 0 && len(m.SourceLabels) == 0 &&
		m.SourceNamespace == "" && len(m.SNIHosts) == 0 && len(m.DestinationIPs) == 0 && m.GRPCService == nil && m.GRPCMethod == nil
}
