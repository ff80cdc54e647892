package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var certUnavailable = Check{
	Code: "CERT_UNAVAILABLE", Severity: Critical, Class: Breaks,
	Subject: "Node",
	Title:   "A ztunnel cannot get certificates for pods of its node",
	Explanation: "ztunnel asks istiod for one certificate per ServiceAccount of its node's pods, and could not get it. Without it a pod can neither call through the mesh nor be called. The state carries the CA's own words: " +
		"an authentication failure means that istiod does not trust ztunnel's account, a connection error that istiod is not reachable.",
	Fires:  "A certificate in the dump is Unavailable, or still Initializing although a captured pod of that account and ztunnel itself have been there for more than 60 s.",
	Silent: "No captured pod of the node has the identity any more; the pod is younger than 60 s, terminating or finished.",
	Doubt:  "ztunnel tries again with growing pauses, and may have its certificate by now.",
	Needs:  []string{mesh.ResourcePods, readZtunnels},
	// Whoever is not trusted gets no certificate.
	ConsequenceOf: []string{"CA_TRUSTED_ACCOUNT_MISMATCH"},
	Mesh:          judgeUnavailable,
}

func judgeUnavailable(in *Input) []Finding {
	refused := func(c nodeCertificate) bool {
		return c.lacking() && (c.State != "Initializing" || in.upFor(c.Said) >= settlingTime)
	}
	return perNode(in.doubtfulCertificates(refused), func(f *Finding, c nodeCertificate) {
		text := c.State
		if c.Reason != "" {
			text += ": " + c.Reason
		}
		f.Evidence = append(f.Evidence, c.evidence("state", fmt.Sprintf("%s (needed by %s)", text, names(refs(c.Pods)))))
	}, func(f *Finding, node string, identities []string) {
		f.Summary = fmt.Sprintf("The ztunnel of node %s has no certificate for %s.", node, identitiesInWords(identities))
		f.Detail = "Calls of these pods through the mesh fail, and so do calls to them: neither side can prove who it is."
		f.Fix = advise("Read the CA's words in the evidence and istiod's log. ztunnel asks again by itself; nothing has to be restarted once the cause is gone.").askTheCA(in, node)
	})
}
