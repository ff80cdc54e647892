package logline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// exchange is a request, or a connection of a TCP port, as an Envoy tells of
// it, with words for it.
type exchange struct{ *mesh.RequestLog }

// Clusters and addresses that have a meaning of their own in a waypoint
// (istio.md E).
const (
	originate       = "connect_originate"
	originatePrefix = "envoy://" + originate + "/"
	openTunnel      = "CONNECT" // the method
)

// tunnel tells that the line is of the tunnel to a pod, not of a user's request.
func (x exchange) tunnel() bool { return x.UpstreamCluster == originate }

// connect tells that the line is of a tunnel that a client opened.
func (x exchange) connect() bool { return x.Method == openTunnel }

// upstream is the address that was called at last, of the pod itself where a
// tunnel leads to it; empty if none was chosen.
func (x exchange) upstream() string {
	if x.tunnel() && x.DownstreamLocal != "" {
		return x.DownstreamLocal
	}
	return strings.TrimPrefix(x.UpstreamHost, originatePrefix)
}

// tunnelled tells that the pod is reached over HBONE.
func (x exchange) tunnelled() bool {
	return x.tunnel() || strings.HasPrefix(x.UpstreamHost, originatePrefix) || port(x.UpstreamHost) == hbonePort
}

// service is the host of the cluster, as "reviews.bookinfo.svc.cluster.local";
// else what the client called.
func (x exchange) service() string {
	if i := strings.LastIndexByte(x.UpstreamCluster, '|'); i >= 0 {
		return x.UpstreamCluster[i+1:]
	}
	for _, name := range [...]string{x.Authority, x.DownstreamLocal, x.upstream()} {
		if name != "" {
			return name
		}
	}
	return "the destination"
}

// what names the request: "GET /reviews/1", "the tunnel to 10.0.0.1:80".
func (x exchange) what() string {
	switch {
	case x.tunnel():
		return "the tunnel to " + x.upstream()
	case x.connect():
		return "a client's tunnel to " + x.service()
	case x.Method == "":
		return "a connection to " + x.service()
	}
	return x.Method + " " + x.Path
}

// pod is where it was sent, as the end of a sentence.
func (x exchange) pod() string {
	if up := x.upstream(); up != "" {
		return "pod " + up + " of " + x.service()
	}
	return x.service()
}

// caller is the address of the client.
func (x exchange) caller() string {
	if x.DownstreamRemote == "" || strings.HasPrefix(x.DownstreamRemote, "envoy://") {
		return "a client"
	}
	return host(x.DownstreamRemote)
}

func (x exchange) has(flag string) bool { return slices.Contains(x.Flags, flag) }

// failed is an explanation of a failure.
func (x exchange) failed(code, look, text string, words ...any) mesh.LogExplanation {
	return mesh.LogExplanation{Code: code, Text: fmt.Sprintf(text, words...), Look: look}
}

func explainRequest(r *mesh.RequestLog) mesh.LogExplanation {
	x := exchange{r}
	if e, ok := x.byTunnel(); ok {
		return e
	}
	for _, details := range [...]string{r.Details, r.Termination} {
		if e, ok := x.byDetails(details); ok {
			return e
		}
	}
	if e, ok := x.byFlags(); ok {
		return e
	}
	return x.byStatus()
}

// byStatus explains an answer without a word about where it came from.
func (x exchange) byStatus() mesh.LogExplanation {
	switch {
	case x.Status <= 0 && x.Method == "":
		return mesh.LogExplanation{Text: fmt.Sprintf("A connection from %s went to %s.", x.caller(), x.pod())}
	case x.Status < 0:
		return mesh.LogExplanation{Text: fmt.Sprintf("%s went to %s; the line does not say what became of it.", x.what(), x.pod())}
	case x.Status == 0:
		return x.failed(mesh.CodeAppReset, "the client's timeouts", "%s of %s to %s ended without an answer.", x.what(), x.caller(), x.service())
	case x.Status >= 500:
		return x.failed(mesh.CodeAppError, "the application's own log", "%s answered %d to %s.", x.pod(), x.Status, x.what())
	}
	return mesh.LogExplanation{Text: fmt.Sprintf("%s answered %d to %s.", x.pod(), x.Status, x.what())}
}

// lookAtDestination is where the reason of a tunnel that broke is written.
const lookAtDestination = "the ztunnel on the destination's node, at the same moment; then the application's log"

// byTunnel explains what became of the tunnel to a pod: what its other end
// answered, or why there was none.
func (x exchange) byTunnel() (mesh.LogExplanation, bool) {
	reason := x.TransportFailure
	status, ok := strings.CutPrefix(reason, "tunnel_response:")
	switch {
	case ok:
		e := answered(strings.Trim(status, " _"), "the ztunnel of "+host(x.upstream()), x.upstream(), false)
		e.Text = "The waypoint asked for a tunnel: " + e.Text + "."
		return e, true
	case reason == "":
		return mesh.LogExplanation{}, false
	case strings.Contains(reason, "Secret_is_not_supplied"), strings.Contains(reason, "Secret is not supplied"):
		return x.failed(mesh.CodeCertUnavailable, "the agent's and istiod's log about certificates", "This Envoy has no certificate yet for %s.", x.what()), true
	case strings.Contains(reason, "SAN"):
		return x.failed(mesh.CodePeerIdentityMismatch, "the ServiceAccount of the destination, and whether its address was given to a new pod",
			"%s is not who it should be: %s.", x.pod(), reason), true
	case strings.Contains(reason, "TLS_error"), strings.Contains(reason, "CERTIFICATE"), strings.Contains(reason, "SSL"):
		return x.failed(mesh.CodeTLSFailed, "expiry and root of the certificates at both ends", "The TLS handshake with %s failed: %s.", x.pod(), reason), true
	}
	return x.unreachable(reason), true
}

// unreachable explains a connection that could not be made.
func (x exchange) unreachable(reason string) mesh.LogExplanation {
	refused := strings.Contains(reason, "onnection_refused") || strings.Contains(reason, "onnection refused")
	switch {
	case x.tunnelled() && refused:
		return x.failed(mesh.CodeHBONEBlocked, "the pod's annotation ambient.istio.io/redirection, and the ztunnel on its node",
			"Port 15008 of %s is closed: the mesh takes the pod for captured, and no ztunnel listens in it.", x.pod())
	case x.tunnelled():
		e := x.failed(mesh.CodeHBONEBlocked, "NetworkPolicies between waypoint and pod, which must admit TCP 15008; then "+lookAtDestination,
			"No tunnel could be made to %s%s.", x.pod(), inBrackets(reason))
		e.Elsewhere = reason == "" && !x.tunnel() // the tunnel has a line of its own
		return e
	}
	return x.failed(mesh.CodeAppRefused, "what port the application listens on, and targetPort of the Service",
		"%s could not be connected to%s.", x.pod(), inBrackets(reason))
}

func inBrackets(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}
