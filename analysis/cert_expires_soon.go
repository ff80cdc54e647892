package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var certExpiresSoon = Check{
	Code: "CERT_EXPIRES_SOON", Severity: Warning, Class: Risk,
	Subject: "Node",
	Title:   "Certificates of a node were not renewed in time",
	Explanation: "ztunnel renews a certificate at half of its life. One with less than a quarter left has missed that: istiod refuses, or does not answer. Traffic passes until it runs out, " +
		"and then fails for every pod under the account.",
	Fires:         "The leaf certificate of an identity that captured pods of the node have had less than a quarter of its life left when the dump was read.",
	Silent:        "It has expired already (CERT_EXPIRED); no captured pod of the node has the identity; the dump gives no dates.",
	Doubt:         "The renewal may be under way.",
	Needs:         []string{mesh.ResourcePods, readZtunnels},
	ConsequenceOf: []string{"CA_TRUSTED_ACCOUNT_MISMATCH"},
	Mesh:          judgeExpiresSoon,
}

func judgeExpiresSoon(in *Input) []Finding {
	return perNode(in.doubtfulCertificates(nodeCertificate.endsSoon), tellExpiry, func(f *Finding, node string, identities []string) {
		f.Summary = fmt.Sprintf("On node %s the certificate of %s is near its end and was not renewed.", node, identitiesInWords(identities))
		f.Detail = "Calls pass for now. Once it has run out, connections of these pods through the mesh fail."
		f.Fix = advise("Find out why ztunnel gets no new certificate: its log and istiod's say so. Renewal follows by itself once that works.").askTheCA(in, node)
	})
}
