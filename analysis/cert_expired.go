package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var certExpired = Check{
	Code: "CERT_EXPIRED", Severity: Critical, Class: Breaks,
	Subject: "Node",
	Title:   "A ztunnel uses certificates that have expired",
	Explanation: "ztunnel renews a certificate at half of its life. One that has run out could not be renewed for a long time, and peers refuse it: connections of the pods under that account fail in the TLS handshake. " +
		"Look at why ztunnel does not get new ones from istiod.",
	Fires:         "The leaf certificate of an identity that captured pods of the node have was past its expirationTime when the dump was read.",
	Silent:        "No captured pod of the node has the identity; the dump gives no dates.",
	Doubt:         "The clock of the node, or that of Waylight, may be wrong.",
	Needs:         []string{mesh.ResourcePods, readZtunnels},
	ConsequenceOf: []string{"CA_TRUSTED_ACCOUNT_MISMATCH", "CERT_UNAVAILABLE"},
	Mesh:          judgeExpired,
}

func judgeExpired(in *Input) []Finding {
	return perNode(in.doubtfulCertificates(nodeCertificate.expired), tellExpiry, func(f *Finding, node string, identities []string) {
		f.Summary = fmt.Sprintf("On node %s the certificate of %s has expired.", node, identitiesInWords(identities))
		f.Detail = "New connections of these pods through the mesh fail in the TLS handshake, in both directions; those that stand go on."
		f.Fix = advise("Find out why ztunnel gets no new certificate: its log and istiod's say so. Renewal follows by itself once that works.").askTheCA(in, node)
	})
}

func tellExpiry(f *Finding, c nodeCertificate) {
	f.Evidence = append(f.Evidence, c.expiry())
}
