package mesh

import "time"

// EnvoyTextKind is how a text is compared.
type EnvoyTextKind string

// The kinds of a text match. Any is a text that is there, whatever it says;
// unknown is a kind of a later Envoy, which nobody here can evaluate.
const (
	EnvoyExact    EnvoyTextKind = "exact"
	EnvoyPrefix   EnvoyTextKind = "prefix"
	EnvoySuffix   EnvoyTextKind = "suffix"
	EnvoyContains EnvoyTextKind = "contains"
	EnvoyRegex    EnvoyTextKind = "regex" // of the whole text
	EnvoyAny      EnvoyTextKind = "any"
	EnvoyUnknown  EnvoyTextKind = "unknown"
)

// EnvoyTextMatch compares a text (Envoy's StringMatcher).
type EnvoyTextMatch struct {
	Kind       EnvoyTextKind
	Text       string
	IgnoreCase bool // not for a regex
}

// EnvoyHeaderMatch compares one header. A header that is not there matches only
// Absent, or with MissingIsEmpty what an empty one does; Invert does not change
// that (Envoy's HeaderUtility).
type EnvoyHeaderMatch struct {
	Name string // in lower case; :method, :authority and :path are parts of the request
	Text EnvoyTextMatch
	// Absent matches where the header is not there.
	Absent bool
	// Range is [from, to) for a header that holds a number, in place of Text.
	Range          *EnvoyRange
	Invert         bool
	MissingIsEmpty bool
}

// EnvoyRange is a half-open range of numbers.
type EnvoyRange struct{ From, To int64 }

// EnvoyQueryMatch compares one parameter of a query.
type EnvoyQueryMatch struct {
	Name   string
	Text   EnvoyTextMatch
	Absent bool
}

// EnvoyPathKind is how a route compares the path, which is without its query.
type EnvoyPathKind string

// The kinds of a path match. Below is a path or what follows it after a slash;
// connect takes CONNECT requests alone.
const (
	EnvoyPathPrefix   EnvoyPathKind = "prefix"
	EnvoyPathExact    EnvoyPathKind = "exact"
	EnvoyPathBelow    EnvoyPathKind = "below"
	EnvoyPathRegex    EnvoyPathKind = "regex"
	EnvoyPathTemplate EnvoyPathKind = "template"
	EnvoyPathConnect  EnvoyPathKind = "connect"
	EnvoyPathUnknown  EnvoyPathKind = "unknown"
)

// EnvoyRouteMatch is what a request must be for a route to take it. All parts
// must match.
type EnvoyRouteMatch struct {
	PathKind   EnvoyPathKind
	Path       string
	IgnoreCase bool
	// GRPC takes requests of gRPC alone.
	GRPC    bool
	Headers []EnvoyHeaderMatch
	Query   []EnvoyQueryMatch
	// Share is the percentage of matching requests the route takes, nil for all.
	Share *float64
	// Unknown names parts nobody here can evaluate, as Envoy calls them.
	Unknown []string
}

// EnvoyFault is what a route does to requests before it passes them on.
type EnvoyFault struct {
	// AbortPercent of requests are answered with AbortStatus, or where that is 0
	// with gRPC's AbortGRPC, which is 200 to HTTP.
	AbortPercent float64
	AbortStatus  int
	AbortGRPC    uint32
	// DelayPercent of them wait for Delay first.
	DelayPercent float64
	Delay        time.Duration
	// Asked tells that a header of the request decides about both.
	Asked bool
	// Headers must match for a request to be concerned at all.
	Headers []EnvoyHeaderMatch
}
