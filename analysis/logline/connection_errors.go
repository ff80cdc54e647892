package logline

import (
	"strings"

	"github.com/waylight/waylight/mesh"
)

// connectionError explains an error that has a text in it; rest is what stands
// behind that text.
type connectionError struct {
	text    string
	explain func(c call, rest string) mesh.LogExplanation
}

// connectionErrors are the errors of ztunnel (istio.md A.12; ztunnel's
// proxy.rs), the specific before those that wrap them.
var connectionErrors = []connectionError{
	{"policy rejection: explicitly denied by: ", explicitlyDenied},
	{"policy rejection: allow policies exist, but none allowed", noneAllowed},
	{"policy rejection: workload not found", unknownDestination},
	{"policy rejection: workload mismatch", unknownDestination},
	{"policy rejection", refused},
	{"due to policy change", as(mesh.CodePolicyChanged, "The established connection from {from} to {to} was cut: after a change, the policies no longer allow it.", "what was changed in AuthorizationPolicies and PeerAuthentications just before")},
	{"NetworkPolicy is blocking HBONE port 15008", hboneTimedOut},
	{"http status: ", tunnelStatus},
	{"unknown waypoint: ", unknownWaypoint},
	{"no healthy upstream", as(mesh.CodeNoHealthyEndpoint, "ztunnel knows {to} and has no endpoint for it that it may use: none is ready, or the port is not one of the service.", "the EndpointSlices of the service, readiness of its pods, and its ports")},
	{"unknown network gateway", noGateway},
	{"no gateway address", noGateway},
	{"no service or workload for hostname", as(mesh.CodeNoService, "ztunnel knows neither a service nor a workload of the name that {from} called: {rest}.", "whether the Service or ServiceEntry exists, and istiod's discoverySelectors")},
	{"no service for target address", as(mesh.CodeNoService, "ztunnel knows no service with the address that {from} called.", "whether the Service exists, and istiod's discoverySelectors")},
	{"found, but cannot resolve port", portNotOnService},
	{"found, but has no IP addresses", as(mesh.CodeNoService, "The service that {from} called has no address ztunnel could send to: it is headless, or a ServiceEntry without addresses.", "spec.addresses and status.addresses of the ServiceEntry")},
	{"no valid routing destination for workload", as(mesh.CodeNoHealthyEndpoint, "The workload that {from} called has no address, no gateway and no hostname.", "the WorkloadEntry")},
	{"no ip addresses were resolved for workload", noName},
	{"ip addresses were resolved", noName},
	{"no valid authority pseudo header", foreignClient},
	{"no valid service port in authority header", foreignClient},
	{"expected method CONNECT", foreignClient},
	{"invalid CONNECT address", foreignClient},
	{"failed to fetch information about local workload", localUnknown},
	{"unknown source", localUnknown},
	{"peer did not present the expected SAN", wrongPeer},
	{"identity verification error", wrongPeer},
	{"the identity is no longer needed", podGone},
	{"workload is unknown", podGone},
	{"signing gRPC error", noCertificate},
	{"identity error: ", noCertificate},
	{"certificate revoked", as(mesh.CodeTLSFailed, "A certificate between {from} and {to} is on the revocation list.", "the revocation list, and the certificates of both pods")},
	{"invalid peer certificate", tlsFailed},
	{"received fatal alert", tlsFailed},
	{"tls handshake error", tlsFailed},
	{"tls error", tlsFailed},
	{"http2 handshake failed", as(mesh.CodeTLSFailed, "The tunnel from {from} to {to} could not be set up: HTTP/2 was not agreed on.", "what stands between the nodes (a middlebox on port 15008), and whether the destination's ztunnel just restarted")},
	{"h2 failed", as(mesh.CodeDrained, "The tunnel from {from} to {to} broke.", "restarts of the destination, its ztunnel or the waypoint at that moment, and middleboxes between the nodes")},
	{"pool draining", as(mesh.CodeDrained, "The tunnels of {from} are drained: its pod is going away.", "whether the caller's pod was deleted at that moment")},
	{"due to connection drain", drained},
	{"failed to drain within the timeout", drained},
	{"destination disconnected before all data was written", as(mesh.CodeAppReset, "{to} closed the connection before it had taken all that {from} sent.", "the log and restarts of the destination's application")},
	{"client disconnected before all data was written", as(mesh.CodeAppReset, "{from} closed the connection before it had taken all that {to} sent.", "timeouts and restarts of the client's application")},
	{"attempted recursive call to ourselves", as(mesh.CodeAppError, "The application of {from} called one of ztunnel's own ports (15001, 15006, 15008).", "what address the application is configured with")},
	{"ip mismatch", as(mesh.CodeNoService, "The tunnel asks for an address that is not that of the pod it reached: {from} has an old address of its destination.", "whether the destination's pod was replaced just before, and its address given to another")},
	{"unsupported feature", as(mesh.CodeNoService, "ztunnel has no support for what this call asks: {rest}.", "the versions of istiod and ztunnel")},
	{"dns response had no valid IP addresses", noName},
	{"dns: ", unresolved},
	{"dns lookup", unresolved},
	{"Connection refused", connectionRefused},
	{"No route to host", noRoute},
	{"Network is unreachable", noRoute},
	{"reset by peer", as(mesh.CodeAppReset, "The connection between {from} and {to} was reset by one of the applications.", "the logs and restarts of both applications")},
	{"Broken pipe", as(mesh.CodeAppReset, "One of the applications closed the connection between {from} and {to} while data was on the way.", "the logs and restarts of both applications")},
	{"unexpected end of file", as(mesh.CodeAppReset, "The connection between {from} and {to} ended without a farewell.", "restarts of both ends")},
	{"deadline has elapsed", timedOut},
	{"timed out", timedOut},
}

// as explains an error in a sentence with {from}, {to} and {rest} in it: the
// caller, what was called, and how the error goes on.
func as(code, text, look string) func(call, string) mesh.LogExplanation {
	return func(c call, rest string) mesh.LogExplanation {
		words := strings.NewReplacer("{from}", c.from(), "{to}", c.to(), "{rest}", detail(rest))
		return mesh.LogExplanation{Code: code, Text: words.Replace(text), Look: look}
	}
}
