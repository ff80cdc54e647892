package logline

import (
	"fmt"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// detail is the end of an error without the punctuation it begins with.
func detail(rest string) string {
	rest = strings.Trim(rest, " :,.")
	if rest == "" {
		return "no more is said"
	}
	return rest
}

// explicitlyDenied names the policy that matched; istiod makes policies of
// PeerAuthentications, which are no policy of a user's (SHARP EDGES 23).
func explicitlyDenied(c call, policy string) mesh.LogExplanation {
	if strict := strictness(policy); strict != "" {
		return mesh.LogExplanation{
			Code: mesh.CodeStrictPlaintext, Denied: true,
			Text: fmt.Sprintf("%s called %s in plaintext, where %s asks for mutual TLS (STRICT).", c.from(), c.to(), strict),
			Look: "why the caller is not in the mesh: the label istio.io/dataplane-mode of its namespace and pod, the annotation ambient.istio.io/redirection, hostNetwork",
		}
	}
	text := fmt.Sprintf("The DENY policy %s matched the call from %s to %s.", policy, c.from(), c.to())
	if c.Source.Identity == "" && c.inbound() {
		text += " The caller proved no identity, so that rules on principals and namespaces see none."
	}
	return mesh.LogExplanation{Code: mesh.CodePolicyDenied, Denied: true, Text: text, Look: "AuthorizationPolicy " + policy}
}

// strictness names what made the policy that istiod wrote for a STRICT
// PeerAuthentication; empty for a policy of a user.
func strictness(policy string) string {
	namespace, name, _ := strings.Cut(policy, "/")
	if name == "istio_converted_static_strict" {
		return "the PeerAuthentication in effect"
	}
	if name, ok := strings.CutPrefix(name, "converted_peer_authentication_"); ok {
		return "PeerAuthentication " + namespace + "/" + name
	}
	return ""
}

// noneAllowed tells callers that a policy leaves out from callers that no rule
// on principals can match, since they prove none.
func noneAllowed(c call, _ string) mesh.LogExplanation {
	if c.Source.Identity == "" && c.inbound() {
		return mesh.LogExplanation{
			Code: mesh.CodeNoIdentity, Denied: true,
			Text: fmt.Sprintf("ALLOW policies apply to %s and none allows %s, which proved no identity: no rule on principals or namespaces can match it.", c.to(), c.from()),
			Look: "why the caller has no identity (not enrolled, hostNetwork, no certificate), not the principals of the policies",
		}
	}
	return mesh.LogExplanation{
		Code: mesh.CodeNoneAllowed, Denied: true,
		Text: fmt.Sprintf("ALLOW policies apply to %s and none allows %s, which is %s.", c.to(), c.from(), account(c.Source.Identity)),
		Look: "the AuthorizationPolicies without targetRefs that select the pod; a call through a waypoint arrives with the waypoint's account",
	}
}

func refused(c call, rest string) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodePolicyDenied, Denied: true, Text: fmt.Sprintf("The policies at %s refused %s: %s.", c.to(), c.from(), detail(rest)),
		Look: "the AuthorizationPolicies that select the pod",
	}
}

func unknownDestination(c call, _ string) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodeUnknownWorkload, Denied: true,
		Text: fmt.Sprintf("This ztunnel does not know the pod behind %s, or knows another one with its address, and so refused %s.", c.to(), c.from()),
		Look: "whether istiod reaches this ztunnel, and whether the address was given to a new pod just before",
	}
}

func hboneTimedOut(c call, _ string) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodeHBONEBlocked,
		Text: fmt.Sprintf("Port 15008 of %s did not answer %s within 10 seconds.", c.end(), c.from()),
		Look: "NetworkPolicies and firewalls between both pods, which must admit TCP 15008; then the ztunnel and the node of the destination",
	}
}

// tunnelStatus explains what the other end of the tunnel answered; why stands
// in its log only.
func tunnelStatus(c call, rest string) mesh.LogExplanation {
	status, _, _ := strings.Cut(rest, " ")
	x := answered(status, c.end(), c.to(), c.viaWaypoint())
	x.Text = fmt.Sprintf("%s (called by %s)", x.Text, c.from())
	x.Text += "."
	return x
}

// answered explains the status with which the end of a tunnel refused it.
func answered(status, end, to string, waypoint bool) mesh.LogExplanation {
	x := mesh.LogExplanation{Elsewhere: true, Look: "the log of the ztunnel on the destination's node, at the same moment"}
	if waypoint {
		x.Look = "the log of the waypoint, at the same moment"
	}
	switch status {
	case "401", "403":
		x.Code, x.Denied = mesh.CodePolicyDenied, true
		x.Text = fmt.Sprintf("%s refused the tunnel to %s: a policy there denies it, which one its own log tells", end, to)
	case "503":
		x.Code, x.Text = mesh.CodeAppRefused, fmt.Sprintf("%s took the tunnel and could not reach %s behind it: nothing listens there, or the port is unknown", end, to)
		if waypoint {
			x.Code = mesh.CodeWaypointUnreachable
		}
	case "400":
		x.Code, x.Text = mesh.CodeNoService, fmt.Sprintf("%s does not take tunnels to %s: the address is not its own, which is an endpoint that has moved on", end, to)
	case "404":
		x.Code, x.Text = mesh.CodeRouteNotFound, fmt.Sprintf("%s has no route to %s", end, to)
	case "504":
		x.Code, x.Text = mesh.CodeTimeout, fmt.Sprintf("%s reached %s too late", end, to)
	default:
		x.Code, x.Text = CodeConnectionsFailing, fmt.Sprintf("%s refused the tunnel to %s with status %s", end, to, status)
	}
	return x
}

// unknownWaypoint names the waypoint, which ztunnel prints as an address or as
// the Debug form of a hostname.
func unknownWaypoint(c call, rest string) mesh.LogExplanation {
	name := between(rest, `hostname: "`, `"`)
	if name == "" {
		name = strings.TrimPrefix(between(rest+"\n", "waypoint ", " not found"), "waypoint ")
	}
	if name == "" {
		name = "the waypoint"
	}
	return mesh.LogExplanation{
		Code: mesh.CodeWaypointUnreachable,
		Text: fmt.Sprintf("%s is bound to waypoint %s, which has no endpoint ztunnel knows: calls fail, and nothing goes around it.", c.to(), name),
		Look: "the waypoint's pods and their readiness, its Service and EndpointSlice; do not remove the binding, which would skip its policies",
	}
}

func noGateway(c call, _ string) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodeNoService, Text: fmt.Sprintf("%s is on another network, and ztunnel knows no gateway to that network.", c.to()),
		Look: "the east-west Gateway of that network, and its label topology.istio.io/network",
	}
}

func portNotOnService(c call, _ string) mesh.LogExplanation {
	service := between(c.Error, "requested service ", " found")
	if service == "" {
		service = c.to()
	}
	return mesh.LogExplanation{
		Code: mesh.CodePortNotOnService, Text: fmt.Sprintf("The service of %s exists and does not have that port (called by %s).", service, c.from()),
		Look: "the ports of the Service and the port the caller uses",
	}
}

func noName(c call, _ string) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodeNoHealthyEndpoint, Text: fmt.Sprintf("The hostname behind %s did not resolve to an address.", c.to()),
		Look: "the hostname in the ServiceEntry or WorkloadEntry, and the cluster's DNS",
	}
}

// unresolved is a question that an application put to ztunnel's DNS proxy.
func unresolved(c call, _ string) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodeNoService, Text: fmt.Sprintf("The DNS proxy of ztunnel could not answer %s.", c.from()), Look: "the name that was asked for, and the cluster's own DNS",
	}
}

func foreignClient(c call, _ string) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodeNoService, Text: fmt.Sprintf("%s spoke to port 15008 of %s and did not ask for a tunnel as HBONE does.", c.from(), peerName(&c.Destination)),
		Look: "what the caller is: no ztunnel and no waypoint of this mesh",
	}
}

func localUnknown(c call, rest string) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodeUnknownWorkload, Text: fmt.Sprintf("istiod has not told this ztunnel of its own pod, %s, and so it sends nothing for it.", detail(rest)),
		Look: "this ztunnel's connection to istiod, and istiod's discoverySelectors",
	}
}

func wrongPeer(c call, rest string) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodePeerIdentityMismatch, Text: fmt.Sprintf("The pod that %s reached for %s is not who it should be: %s.", c.from(), c.to(), detail(rest)),
		Look: "the ServiceAccount of the destination, an address that was given to a new pod, and trust domains",
	}
}

func podGone(c call, _ string) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodeDrained, Text: fmt.Sprintf("A pod went away while its certificate was asked for; the connection from %s to %s ended with it.", c.from(), c.to()),
		Look: "whether one of the pods was deleted at that moment",
	}
}

// noCertificate tells whose certificate is missing: a ztunnel asks for those of
// the pods of its own node.
func noCertificate(c call, _ string) mesh.LogExplanation {
	who := &c.Source
	if c.inbound() {
		who = &c.Destination
	}
	_, reason, _ := strings.Cut(c.Error, "signing gRPC error")
	return mesh.LogExplanation{
		Code: mesh.CodeCertUnavailable, Text: fmt.Sprintf("ztunnel has no certificate for %s, as the certificate authority gave none: %s.", peerName(who), detail(reason)),
		Look: "istiod's log for this identity (serverca), CA_TRUSTED_NODE_ACCOUNTS of istiod, and whether istiod is reachable",
	}
}

func tlsFailed(c call, rest string) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodeTLSFailed, Text: fmt.Sprintf("The TLS handshake between %s and %s failed: %s.", c.from(), c.to(), detail(rest)),
		Look: "whether the caller is in the mesh at all, and the expiry and root of the certificates at both ends",
	}
}

func drained(c call, _ string) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodeDrained, Text: fmt.Sprintf("The established connection from %s to %s was cut as this ztunnel let go of the pod.", c.from(), c.to()),
		Look: "a rollout of ztunnel on this node, or the removal of the pod, at that moment",
	}
}

// connectionRefused is the application's closed port where a ztunnel reaches
// for it, and a closed port 15008 where it reaches for the other end.
func connectionRefused(c call, _ string) mesh.LogExplanation {
	switch {
	case c.viaWaypoint():
		return mesh.LogExplanation{
			Code: mesh.CodeWaypointUnreachable, Text: fmt.Sprintf("Port 15008 of %s is closed: calls of %s to %s fail there.", c.end(), c.from(), c.to()),
			Look: "the waypoint's pods: whether they are ready, and restarts",
		}
	case !c.inbound() && c.tunnelled():
		return mesh.LogExplanation{
			Code: mesh.CodeHBONEBlocked, Text: fmt.Sprintf("Port 15008 of %s is closed: the mesh takes it for captured, and no ztunnel listens in it.", c.end()),
			Look: "the pod's annotation ambient.istio.io/redirection, and the ztunnel on its node",
		}
	}
	return mesh.LogExplanation{
		Code: mesh.CodeAppRefused, Text: fmt.Sprintf("The application of %s refused the connection of %s: nothing listens on that port.", c.to(), c.from()),
		Look: "what port the application listens on (on the pod's address, not only on localhost), and targetPort of the Service",
	}
}

func noRoute(c call, _ string) mesh.LogExplanation {
	code := mesh.CodeAppRefused
	switch {
	case c.viaWaypoint():
		code = mesh.CodeWaypointUnreachable
	case !c.inbound() && c.tunnelled():
		code = mesh.CodeHBONEBlocked
	}
	return mesh.LogExplanation{
		Code: code, Text: fmt.Sprintf("There is no route in the network from %s to %s.", c.from(), c.to()),
		Look: "whether the destination's pod and node still exist, and the CNI",
	}
}

func timedOut(c call, _ string) mesh.LogExplanation {
	if !c.inbound() && c.tunnelled() {
		return hboneTimedOut(c, "")
	}
	return mesh.LogExplanation{
		Code: mesh.CodeTimeout, Text: fmt.Sprintf("%s did not answer %s in time.", c.to(), c.from()),
		Look: "the application, and NetworkPolicies in front of it",
	}
}
