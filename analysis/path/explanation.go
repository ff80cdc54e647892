package path

import (
	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// Request is one call as somebody asks about it, in the words of the command
// line and of URLs (design 4.3). How To is written decides how the call is
// addressed, and so which waypoint it passes.
type Request struct {
	// From is ns/pod, ns/<kind>/name, ingress:ns/gateway or outside.
	From string
	// To is ns/service:port, ns/pod:port, ns/pod/name:port, host:port, ip:port
	// or a URL.
	To string
	// Method and Path are GET and / where empty.
	Method, Path string
	// Headers in the order given; names compare without case.
	Headers []Header
	Token   authz.Token

	// tls tells of a URL with https: where a port's protocol is detected, a
	// waypoint detects TLS and sees no request.
	tls bool
}

// Header is one header of a request.
type Header struct{ Name, Value string }

// BadRequestError is a request that cannot be answered because it makes no
// sense in this mesh: an unknown pod, a port the service has not, a malformed
// header. Its text is one sentence for the person who asked.
type BadRequestError struct {
	Text string
	// Unread is set where the request may make sense and nobody knows: whether
	// there is what it names cannot be told.
	Unread *mesh.Unread
}

// Error implements error.
func (e *BadRequestError) Error() string { return e.Text }

// Dumps is what proxies were found to have in their memory. What it answers
// beats what the API declares: a proxy enforces what it has. Nil answers mean
// that a proxy was not read.
type Dumps interface {
	Ztunnel(node string) *mesh.ZtunnelDump
	Envoy(pod mesh.Ref) *mesh.EnvoyDump
}

// Logs is what Dumps implement that also hold what the proxies wrote lately.
type Logs interface {
	// Lines are the decoded lines of a source, oldest first; nil where its log
	// was not read.
	Lines(source mesh.LogSource) []*mesh.LogLine
}

// Proxies are those that know something about a call, in the order it meets
// them.
type Proxies struct {
	Nodes     []string   // of ztunnels
	Waypoints []mesh.Ref // pods
}

// Explanation is what becomes of one call, hop by hop (design 4.3).
type Explanation struct {
	Request Request
	Verdict Verdict
	// Code explains a verdict other than Reachable; Summary is the verdict in
	// one sentence.
	Code, Summary string
	Outcome       Outcome
	// Hops are common to all branches; where backends differ each is a branch.
	Hops     []Hop
	Branches []Branch
}

// Outcome is what the client sees.
type Outcome struct {
	Kind   OutcomeKind
	Status int    // of HTTP, 0 for none
	Text   string // in words
}

// OutcomeKind is how a call ends for the client.
type OutcomeKind string

// The kinds of an outcome.
const (
	OutcomeOK      OutcomeKind = "ok"   // the application's own answer
	OutcomeHTTP    OutcomeKind = "http" // an answer of the mesh's own
	OutcomeReset   OutcomeKind = "reset"
	OutcomeTimeout OutcomeKind = "timeout"
	OutcomeRefused OutcomeKind = "refused"
	OutcomeUnknown OutcomeKind = "unknown"
)

// Hop is one place that handles the call.
type Hop struct {
	Kind HopKind
	// Name and Node say where; Ref is the object behind it, zero if none.
	Name, Node string
	Ref        mesh.Ref
	// Transport is how the call arrives here.
	Transport Transport
	// Identity is whom this hop sees as the caller: past a waypoint the
	// waypoint's own. Empty without one.
	Identity string
	Result   HopResult
	Code     string
	// DecidedBy is the object that decided, zero if none did.
	DecidedBy mesh.Ref
	Explain   string
	Basis     Basis
	// Contradiction says where what the proxy has and what the API declares
	// differ about this call; empty where they agree or one is not known.
	Contradiction string
	// Proof is what lines of logs show of the hop; nil for nothing.
	Proof    *Proof
	Evidence []Evidence
	// Commands are read-only ones that show more.
	Commands []string
}

// Proof are lines that agree with what a hop is said to do with the call. The
// newest one there is of this call is among them, and nothing it rests on is
// known to have changed since.
type Proof struct {
	Lines  int
	Newest *mesh.LogLine
}

// HopKind is what kind of place a hop is.
type HopKind string

// The kinds of a hop.
const (
	HopClient             HopKind = "client"
	HopDNS                HopKind = "dns"
	HopSidecar            HopKind = "sidecar"
	HopSourceZtunnel      HopKind = "source-ztunnel"
	HopIngressGateway     HopKind = "ingress-gateway"
	HopWaypoint           HopKind = "waypoint"
	HopDestinationZtunnel HopKind = "destination-ztunnel"
	HopBackend            HopKind = "backend"
)

// HopResult is what a hop does with the call.
type HopResult string

// The results. A skipped hop is one the call does not pass although somebody
// would expect it to: a bypassed waypoint is news.
const (
	HopPass    HopResult = "pass"
	HopDeny    HopResult = "deny"
	HopFail    HopResult = "fail"
	HopSkipped HopResult = "skipped"
	HopUnknown HopResult = "unknown"
)

// Evidence is what a statement about a hop rests on: a field of an object, an
// entry of a dump, a line of a log.
type Evidence struct {
	// Source is the source's name (design 3): kubernetes, ztunnel/<node>, …
	Source string
	Object mesh.Ref
	Field  string
	Text   string
	Time   string // RFC3339, empty where it has none
}

// Branch is one of several ways a call can go.
type Branch struct {
	Label string
	// Weight is the branch's part of such calls in percent.
	Weight        float64
	Verdict       Verdict
	Code, Summary string
	Outcome       Outcome
	Hops          []Hop
}
