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

// findCertificates lists the certificates in use of every ztunnel that was read,
// by node.
func (in *Input) findCertificates() []nodeCertificate {
	captured := make(map[string][]*mesh.Workload)
	for _, n := range in.shared.nodes() {
		captured[n.Node] = n.Captured
	}
	known := in.memory.holders
	in.memory.holders = make(map[string]nodeHolders, len(known))
	var out []nodeCertificate
	for _, z := range in.shared.proxies().ztunnels {
		h := nodeHolders{z.ZtunnelEvidence, captured[z.Node], in.Snap.TrustDomain(), nil}
		if was := known[z.Node]; was.from(h) {
			h = was
		} else {
			h.byIdentity = h.find()
		}
		in.memory.holders[z.Node] = h
		for i := range z.Certificates {
			c := &z.Certificates[i]
			if pods := h.byIdentity[c.Identity]; len(pods) > 0 {
				out = append(out, nodeCertificate{c, z, pods})
			}
		}
	}
	return out
}

// nodeHolders are the pods of a node that were captured well before its
// ztunnel's dump was read, by their identity, with what that was found from.
type nodeHolders struct {
	dump        *mesh.ZtunnelEvidence
	captured    []*mesh.Workload
	trustDomain string
	byIdentity  map[string][]*mesh.Workload
}

// from tells whether the holders were found from the same.
func (h nodeHolders) from(now nodeHolders) bool {
	return h.dump == now.dump && h.trustDomain == now.trustDomain && slices.Equal(h.captured, now.captured)
}

func (h nodeHolders) find() map[string][]*mesh.Workload {
	out := make(map[string][]*mesh.Workload)
	for _, w := range h.captured {
		if h.dump.At.Sub(enrolmentTouched(w)) >= settlingTime {
			identity := "spiffe://" + w.Principal(h.trustDomain)
			out[identity] = append(out[identity], w)
		}
	}
	return out
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
func (c nodeCertificate) expiry(leaf mesh.Certificate) Evidence {
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
