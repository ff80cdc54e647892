package logline

import (
	"fmt"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// diagnostic explains a line whose message has a text in it.
type diagnostic struct {
	text    string
	explain func(l *mesh.LogLine) mesh.LogExplanation
}

// diagnostics are lines of ztunnel, istio-cni, istiod and agents that matter
// (istio.md A.12, D; field.md 1.9), the specific before the general.
var diagnostics = []diagnostic{
	// ztunnel
	{"certificate fetch failed", certificateFetch},
	{"unable to prefetch cert for", certificateFetch},
	{"XDS client connection error", disconnected},
	{"XDS client error", disconnected},
	{"timed out waiting for workload", unknownLocal},
	{"failed to connect to the Istio CNI node agent", says(CodeCNINotReady, "This ztunnel does not reach the istio-cni agent of its node, and is told of no pods.", "the istio-cni-node pod of the node, and its log")},
	{"skipping unknown policy", says(CodeXDSNotSynced, "A policy that a workload refers to has not reached this ztunnel, which goes on without it: {message}.", "this ztunnel's connection to istiod, and whether the policy still exists")},
	{"closed because it's no longer allowed after a policy update", says(mesh.CodePolicyChanged, "An established connection was cut after a change of the policies: {message}.", "what was changed in AuthorizationPolicies and PeerAuthentications just before")},
	{"drain duration expired with pending connections", says(mesh.CodeDrained, "Connections of {pod} were still open when their time to drain was over, and were cut.", "a rollout of ztunnel, or the removal of the pod, at that moment")},
	{"deny policy match", policyMatch},
	{"no allow policies matched", noneMatched},
	{"allow policy match", says("", "The policy {policy} allows the connection.", "")},
	{"new log filter is", says("", "Somebody changed what this ztunnel logs: {message}.", "")},
	{"received signal SIGTERM", says("", "This proxy was told to stop.", "")},
	{"marking server ready", says("", "This ztunnel became ready.", "")},

	// istio-cni (D)
	{"Failed capturing pod, will not retry", cni(CodeNotCaptured, "was not captured and will not be tried again")},
	{"failed to update POD inpod", cni(CodeNotCaptured, "was not captured: its traffic rules could not be written")},
	{"failed to add pod to ztunnel: pod partially added", cni(CodeRedirectionPending, "has its traffic rules and no ztunnel took it: its traffic fails until one does")},
	{"Unable to send pod to ztunnel. Will retry", cni(CodeRedirectionPending, "waits for a ztunnel: none is connected on this node")},
	{"failed to add pod to addressSet", cni(CodeNotCaptured, "is not in the set of addresses that probes need: its health checks will fail")},
	{"has IP collision", cni(CodeNotCaptured, "has the address of another pod, is skipped, and its health checks will fail")},
	{"ztunnel responded with an ack error", cni(CodeRedirectionPending, "was refused by ztunnel")},
	{"got ack error", cni(CodeRedirectionPending, "was refused by ztunnel")},
	{"failed to reconcile inpod rules", cni(CodeNotCaptured, "has traffic rules of an older configuration; restarting it, or removing it from the mesh and adding it again, helps")},
	{"excluded by excludeNamespaces", says("", "The namespace asks for the mesh and istio-cni leaves it out (excludeNamespaces): {message}.", "excludeNamespaces of istio-cni")},
	{"failed to contact node Istio CNI agent", says(CodeCNINotReady, "A new pod could not start, since the istio-cni agent of its node does not answer.", "the istio-cni-node pod of the node")},
	{"removing pod from mesh", cniNotes("was taken out of the mesh")},
	{"adding pod to the mesh", cniNotes("is being added to the mesh")},

	// istiod and the agents of Envoys
	{"impersonation failed for identity", impersonation},
	{"failed to sign CSR", signing},
	{"CSR signing error", signing},
	{"CSR Signing error", signing},
	{"failed to validate CSR", signing},
	{"signing gRPC error", signing},
	{"JWKS fetch failed for issuer", says(mesh.CodeJWTInvalid, "istiod could not fetch the keys of an issuer, so that every token of it is refused: {message}.", "jwksUri of the RequestAuthentication, and whether istiod can reach it")},
	{"Failed to refresh JWT public key", noKeys},
	{"Failed to fetch public key from jwks URI", noKeys},
	{"Failed to GET from", noKeys},
	{"ACK ERROR", says(CodeXDSRejected, "A proxy refused the configuration istiod sent: {message}.", "the object the error names; the proxy keeps what it had")},
	{"rejected config", says(CodeXDSRejected, "A proxy refused the configuration istiod sent: {message}.", "the object the error names; the proxy keeps what it had")},
	{"failed to connect to upstream", disconnected},
	{"upstream XDS connection", disconnected},
	{"failed to warm certificate", signing},
	{"Envoy proxy is NOT ready", says(CodeXDSNotSynced, "This Envoy has not had its configuration yet: {message}.", "this proxy's connection to istiod")},
}

func explainPlain(l *mesh.LogLine) mesh.LogExplanation {
	for i := range diagnostics {
		if d := &diagnostics[i]; strings.Contains(l.Message, d.text) {
			return d.explain(l)
		}
	}
	return mesh.LogExplanation{}
}

// says explains in a sentence with {message}, {policy} and {pod} in it.
func says(code, text, look string) func(*mesh.LogLine) mesh.LogExplanation {
	return func(l *mesh.LogLine) mesh.LogExplanation {
		words := strings.NewReplacer("{message}", strings.TrimRight(l.Message, ". "), "{policy}", extra(l, "policy"), "{pod}", spanPod(l))
		return mesh.LogExplanation{Code: code, Text: words.Replace(text), Look: look}
	}
}

// extra is the value of a further field of a line.
func extra(l *mesh.LogLine, name string) string {
	for _, f := range l.Extra {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// spanPod is the pod for which a ztunnel speaks: "proxy{wl=shop/web-1}".
func spanPod(l *mesh.LogLine) string {
	if pod := between(extra(l, "span"), "wl=", "}"); pod != "" {
		return pod
	}
	return "a pod"
}

// noKeys are istiod's lines of a jwksUri that it cannot read.
func noKeys(l *mesh.LogLine) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodeJWTInvalid, Text: fmt.Sprintf("istiod could not fetch the keys that tokens are checked with: %s.", strings.TrimRight(l.Message, ". ")),
		Look: "jwksUri of the RequestAuthentication, and whether istiod can reach it",
	}
}

// certificateFetch names the account, which stands in the id or the message.
func certificateFetch(l *mesh.LogLine) mesh.LogExplanation {
	who := extra(l, "id")
	if who == "" {
		who = between(l.Message, `"`, `"`)
	}
	if who == "" {
		who = "an account"
	}
	return mesh.LogExplanation{
		Code: mesh.CodeCertUnavailable, Text: fmt.Sprintf("ztunnel got no certificate for %s: %s.", account(who), strings.TrimRight(l.Message, ". ")),
		Look: "istiod's log for this identity (serverca), CA_TRUSTED_NODE_ACCOUNTS of istiod, and whether istiod is reachable",
	}
}

func disconnected(l *mesh.LogLine) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: CodeXDSDisconnected, Text: fmt.Sprintf("This proxy has lost istiod and goes on with what it last had: %s.", strings.TrimRight(l.Message, ". ")),
		Look: "istiod's pods and Service, and NetworkPolicies to port 15012",
	}
}

func unknownLocal(l *mesh.LogLine) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodeUnknownWorkload, Text: fmt.Sprintf("istiod has not told this ztunnel of a pod of its node: %s.", strings.TrimRight(l.Message, ". ")),
		Look: "this ztunnel's connection to istiod, and istiod's discoverySelectors",
	}
}

// policyMatch is a debug line of a decision; which one it was stands in policy.
func policyMatch(l *mesh.LogLine) mesh.LogExplanation {
	policy := extra(l, "policy")
	if strict := strictness(policy); strict != "" {
		return mesh.LogExplanation{
			Code: mesh.CodeStrictPlaintext, Denied: true, Text: fmt.Sprintf("A plaintext connection to %s was refused: %s asks for mutual TLS (STRICT).", spanPod(l), strict),
			Look: "why the caller is not in the mesh",
		}
	}
	return mesh.LogExplanation{
		Code: mesh.CodePolicyDenied, Denied: true, Text: fmt.Sprintf("The DENY policy %s matched a connection to %s.", policy, spanPod(l)), Look: "AuthorizationPolicy " + policy,
	}
}

// noneMatched is the debug line of what the access log tells as a failure.
func noneMatched(l *mesh.LogLine) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodeNoneAllowed, Denied: true, Text: fmt.Sprintf("ALLOW policies apply to %s and none allowed the connection.", spanPod(l)),
		Look: "the AuthorizationPolicies that select the pod",
	}
}

// cni explains what istio-cni could not do for the pod in ns= and name=.
func cni(code, text string) func(*mesh.LogLine) mesh.LogExplanation {
	return func(l *mesh.LogLine) mesh.LogExplanation {
		message := strings.TrimRight(l.Message, ". ")
		return mesh.LogExplanation{
			Code: code, Text: fmt.Sprintf("%s %s (%s).", cniPod(l), text, message),
			Look: "the istio-cni-node and ztunnel pods of this node, and the pod's annotation ambient.istio.io/redirection",
		}
	}
}

func cniNotes(text string) func(*mesh.LogLine) mesh.LogExplanation {
	return func(l *mesh.LogLine) mesh.LogExplanation {
		return mesh.LogExplanation{Text: fmt.Sprintf("%s %s.", cniPod(l), text)}
	}
}

func cniPod(l *mesh.LogLine) string {
	namespace, name := extra(l, "ns"), extra(l, "name")
	switch {
	case namespace != "" && name != "":
		return "Pod " + namespace + "/" + name
	case name != "":
		return "Pod " + name
	}
	return "A pod"
}

// impersonation names the identity and the ztunnel that istiod does not trust
// with it.
func impersonation(l *mesh.LogLine) mesh.LogExplanation {
	identity := account(between(l.Message, "identity ", ","))
	namespace, name := between(l.Message, "Namespace: ", ","), between(l.Message, "ServiceAccount: ", "}")
	if !strings.Contains(l.Message, "is not allowed to impersonate") || name == "" {
		return mesh.LogExplanation{
			Code: mesh.CodeCertUnavailable, Text: fmt.Sprintf("istiod gave no certificate for %s: %s.", identity, strings.TrimRight(l.Message, ". ")),
			Look: "whether istiod knows the ztunnel pod and a pod of the identity on its node (discoverySelectors)",
		}
	}
	return mesh.LogExplanation{
		Code: CodeTrustedAccount, Text: fmt.Sprintf("istiod gives ztunnel no certificate for %s: it does not trust account %s of %s with the identities of others.", identity, name, namespace),
		Look: fmt.Sprintf("CA_TRUSTED_NODE_ACCOUNTS of istiod, which needs %s/%s", namespace, name),
	}
}

func signing(l *mesh.LogLine) mesh.LogExplanation {
	return mesh.LogExplanation{
		Code: mesh.CodeCertUnavailable, Text: fmt.Sprintf("A certificate was not signed: %s.", strings.TrimRight(l.Message, ". ")),
		Look: "istiod's log (serverca), its CA certificate, and the token of the asking proxy",
	}
}
