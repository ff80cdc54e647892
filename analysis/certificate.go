package analysis

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// nodeCertificate is a certificate of a ztunnel that pods of its node need.
type nodeCertificate struct {
	*mesh.ZtunnelCertificate
	Said ztunnelSaid
	// Pods are the captured pods of the node that have the identity and have
	// had it for a while. A certificate nobody uses harms nobody.
	Pods []*mesh.Workload
}

// ztunnelCertificates are the certificates of one ztunnel that was read.
type ztunnelCertificates struct {
	certificatesFrom
	// doubtful are those in use that some check may have a word about; mostly
	// none.
	doubtful []nodeCertificate
	// roots are what it trusts: distinct, those that have dates, first to end
	// first.
	roots []mesh.Certificate
}

// certificatesFrom is all that the certificates of a ztunnel follow from.
type certificatesFrom struct {
	said ztunnelSaid
	// captured are the captured pods of its node.
	captured    []*mesh.Workload
	trustDomain string
}

func (f certificatesFrom) equal(o certificatesFrom) bool {
	return f.said == o.said && f.trustDomain == o.trustDomain && slices.Equal(f.captured, o.captured)
}

// findCertificates looks at the certificates of every ztunnel that was read, by
// node; again only where something they follow from is another than before.
func (in *Input) findCertificates() []ztunnelCertificates {
	captured := make(map[string][]*mesh.Workload)
	for _, n := range in.shared.nodes() {
		captured[n.Node] = n.Captured
	}
	known := in.memory.certificates
	in.memory.certificates = make(map[string]ztunnelCertificates, len(known))
	var out []ztunnelCertificates
	for _, z := range in.shared.proxies().ztunnels {
		from := certificatesFrom{z, captured[z.Node], in.Snap.TrustDomain()}
		c, ok := known[z.Node]
		if !ok || !c.equal(from) {
			c = ztunnelCertificates{from, from.doubtful(), trustedRoots(z)}
		}
		in.memory.certificates[z.Node] = c
		out = append(out, c)
	}
	return out
}

// doubtfulCertificates are the certificates in use that fit, by node.
func (in *Input) doubtfulCertificates(fits func(nodeCertificate) bool) []nodeCertificate {
	var out []nodeCertificate
	for _, z := range in.shared.certificates() {
		for _, c := range z.doubtful {
			if fits(c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// doubtful finds the certificates that are not plainly in order and that pods
// need which were captured well before the dump was read.
func (f certificatesFrom) doubtful() []nodeCertificate {
	byIdentity := make(map[string][]*mesh.Workload)
	for _, w := range f.captured {
		if f.said.At.Sub(enrolmentTouched(w)) >= settlingTime {
			identity := "spiffe://" + w.Principal(f.trustDomain)
			byIdentity[identity] = append(byIdentity[identity], w)
		}
	}
	var out []nodeCertificate
	for i := range f.said.Certificates {
		c := nodeCertificate{ZtunnelCertificate: &f.said.Certificates[i], Said: f.said}
		c.Pods = byIdentity[c.Identity]
		if len(c.Pods) > 0 && (c.lacking() || c.expired() || c.endsSoon()) {
			out = append(out, c)
		}
	}
	return out
}

// lacking tells that ztunnel has not got the certificate.
func (c nodeCertificate) lacking() bool { return c.State == "Unavailable" || c.State == "Initializing" }

// expired tells that it had run out when the dump was read.
func (c nodeCertificate) expired() bool {
	leaf, ok := c.leaf()
	return ok && !leaf.NotAfter.After(c.Said.At)
}

// endsSoon tells that less than a quarter of its life was left then, and
// something was.
func (c nodeCertificate) endsSoon() bool {
	leaf, ok := c.leaf()
	life, left := leaf.NotAfter.Sub(leaf.NotBefore), leaf.NotAfter.Sub(c.Said.At)
	return ok && !leaf.NotBefore.IsZero() && life > 0 && left > 0 && left < life/4
}

// leaf is the certificate itself; false where there is none or it has no
// dates.
func (c nodeCertificate) leaf() (mesh.Certificate, bool) {
	if c.State != "Available" || len(c.Chain) == 0 || c.Chain[0].NotAfter.IsZero() {
		return mesh.Certificate{}, false
	}
	return c.Chain[0], true
}

// identity is the name without the scheme, as policies write it.
func (c nodeCertificate) identity() string { return strings.TrimPrefix(c.Identity, "spiffe://") }

func (c nodeCertificate) evidence(field, text string) Evidence {
	return saidEvidence(c.Said.source(), c.Said.Pod, "certificates["+c.Identity+"]."+field, text, c.Said.At)
}

// expiry is the evidence of a leaf's end.
func (c nodeCertificate) expiry() Evidence {
	leaf, _ := c.leaf()
	return c.evidence("certChain[0].expirationTime", fmt.Sprintf("%s, serial number %s, valid from %s", timeText(leaf.NotAfter), leaf.Serial, timeText(leaf.NotBefore)))
}

// perNode makes one finding for each node with certificates in trouble.
func perNode(list []nodeCertificate, tell func(f *Finding, c nodeCertificate), conclude func(f *Finding, node string, identities []string)) []Finding {
	var out []Finding
	for start := 0; start < len(list); {
		end := start
		node := list[start].Said.Node
		f := Finding{Subject: mesh.Ref{Kind: "Node", Name: node}}
		var identities []string
		for ; end < len(list) && list[end].Said.Node == node; end++ {
			c := list[end]
			tell(&f, c)
			identities = append(identities, c.identity())
			f.Affects = append(f.Affects, refs(c.Pods)...)
		}
		f.Evidence = shorten(f.Evidence)
		conclude(&f, node, identities)
		out = append(out, f)
		start = end
	}
	return out
}

// identitiesInWords names one identity and counts the others.
func identitiesInWords(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return fmt.Sprintf("%s and %d more", list[0], len(list)-1)
}

// askTheCA is what to look at when a ztunnel gets no certificates.
func (f Fix) askTheCA(in *Input, node string) Fix {
	for _, z := range in.Snap.Ztunnels(node) {
		f = f.read("-n", z.Namespace, "logs", kubectlName(z.Ref()), "--since=1h")
	}
	for _, istiod := range in.Snap.Istiods() {
		f = f.read("-n", istiod.Namespace, "logs", kubectlName(istiod.Ref()), "--since=1h")
	}
	return f.read("get", "pods", "-A", "-l", "app=istiod", "-o", "wide")
}

// upFor is how long a ztunnel had been running when its dump was read; a long
// time where that is not known.
func (in *Input) upFor(z ztunnelSaid) time.Duration {
	w, ok := in.Snap.Lookup(z.Pod).(*mesh.Workload)
	if !ok {
		return settlingTime
	}
	started := w.Started
	for i := range w.Containers {
		if at := w.Containers[i].StartedAt; at.After(started) {
			started = at
		}
	}
	return z.At.Sub(started)
}
