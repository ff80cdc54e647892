package mesh

import "time"

// LogKind says what a line was read as.
type LogKind string

// The kinds of lines (design 4.4).
const (
	LogZtunnelAccess LogKind = "ztunnel-access" // Connection is set
	LogEnvoyAccess   LogKind = "envoy-access"   // Request is set
	LogPlain         LogKind = "plain"
)

// LogLine is one line a container wrote. Once handed out it is shared by all
// who follow the container and must not be changed.
type LogLine struct {
	// ID is "<container id>/<timestamp>/<n>": n counts the lines of one
	// timestamp from 0. It is the same whenever the line is read again.
	ID string
	// Time is when the container runtime took the line.
	Time time.Time
	// From is who wrote it; never nil.
	From *LogTarget
	// Raw is the line without its timestamp, with control characters and ANSI
	// sequences taken out and invalid UTF-8 replaced. Cut counts the bytes that
	// were too many.
	Raw string
	Cut int

	// What a decoder made of Raw.

	Kind LogKind
	// Level is the line's own, empty where it does not say. What is graver than
	// an error (fatal, critical) is an error.
	Level LogLevel
	// Scope is the part of the program that speaks ("access", "xds",
	// "serverca"), Message the line without what is decoded.
	Scope, Message string
	// Connection is set for a LogZtunnelAccess line, Request for a
	// LogEnvoyAccess line.
	Connection *ConnectionLog
	Request    *RequestLog
	// Extra are further fields of the line, in its order.
	Extra []LogField
}

// LogField is a name and a value as the writer spells them.
type LogField struct{ Name, Value string }

// ConnectionLog is what a ztunnel writes of one connection (istio.md A.11).
// Strings are empty where the line does not say.
type ConnectionLog struct {
	// Event is "complete", "opened" or "failed".
	Event string
	// Direction is "outbound" at the client's ztunnel, "inbound" at the
	// destination's.
	Direction           string
	Source, Destination LogPeer
	// HBONEAddr is where the tunnel leads to: the address and port that were
	// called at a waypoint, the pod's own at a pod.
	HBONEAddr string
	// Service is the host that was called, whoever serves it.
	Service string
	// BytesSent and BytesReceived are from the point of view of the pod that
	// the ztunnel acts for; -1 where the line does not say.
	BytesSent, BytesReceived int64
	// Duration is negative where the line does not say.
	Duration time.Duration
	// Error is why it failed, unquoted; empty for a connection that did not.
	Error string
}

// LogPeer is one end of a connection. Addr is "ip:port"; Workload is the pod's
// name, or its canonical service's. Identity is a SPIFFE URI, and empty where
// the hop was not mTLS.
type LogPeer struct{ Addr, Workload, Namespace, Identity, Cluster string }

// RequestLog is what an Envoy writes of one request (istio.md E). Strings are
// empty where the line has "-" or no such field, numbers negative.
type RequestLog struct {
	Started                            time.Time
	Method, Path, Protocol             string
	Status                             int
	Flags                              []string
	Details                            string // RESPONSE_CODE_DETAILS
	Termination                        string // CONNECTION_TERMINATION_DETAILS
	TransportFailure                   string
	BytesReceived, BytesSent           int64
	Duration, UpstreamTime             time.Duration
	ForwardedFor, UserAgent, RequestID string
	Authority                          string
	UpstreamHost, UpstreamCluster      string
	UpstreamLocal                      string
	DownstreamLocal, DownstreamRemote  string
	ServerName, RouteName              string
}

// LogExplanation is what a line means.
type LogExplanation struct {
	// Code is one of the hop codes; empty for a line without a failure.
	Code string
	// Text says in a sentence what happened, Look where to look first.
	Text, Look string
	// Denied tells a refusal that a policy decided.
	Denied bool
	// Elsewhere tells that another proxy knows the reason: the one on the
	// destination's node, as for an outbound "401 Unauthorized".
	Elsewhere bool
}
