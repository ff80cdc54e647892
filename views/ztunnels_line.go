package views

import (
	"strings"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// CertificatesCell sums up the identities of a node.
type CertificatesCell struct {
	Text    string // "12 available"
	Tone    ui.Tone
	Unknown string // why; empty where they are known
	// Trouble is the first identity without a certificate, with what the CA
	// answered.
	Trouble string
	// Soonest is when the first certificate expires; zero for none.
	Soonest time.Time
	Expired bool
	// Word is what certificates: matches: available, unavailable, expired, none
	// or unknown.
	Word string
}

// ztunnelLines builds the lines; what several lines need is looked up once.
type ztunnelLines struct {
	nodes   *nodeLines
	snap    *mesh.Snapshot
	query   Query
	proxies *proxyConnections
}

func newZtunnelLines(r *analysis.Report, q Query) *ztunnelLines {
	return &ztunnelLines{nodes: newNodeLines(r, q), snap: r.Snap, query: q, proxies: newProxyConnections(r.Snap)}
}

// NewZtunnelLine is the line of one node.
func NewZtunnelLine(r *analysis.Report, node string, q Query) ZtunnelLine {
	return newZtunnelLines(r, q).line(node)
}

// State is how reading the node's ztunnel stands.
func (l *ZtunnelLine) State() mesh.SourceState { return l.state }

func (b *ztunnelLines) line(node string) ZtunnelLine {
	l := ZtunnelLine{
		ID: ui.ID("ztunnel", node), Node: node, URL: b.query.Links().Ztunnel(node, "", ""),
		Ztunnel: b.nodes.component(b.snap.Ztunnels(node)), Needed: b.nodes.asked[node]+b.nodes.captured[node] > 0,
		Findings: newFindingsCell(b.nodes.report.About(mesh.Ref{Kind: "Node", Name: node})), Connected: b.connected(node),
		Load: newZtunnelLoad(b.nodes.report, node),
	}
	l.Version, l.VersionNote = l.Ztunnel.Versions, "image tag"
	l.state, l.Unread, l.Tone = b.unreadWords(node)
	e := b.snap.ZtunnelEvidence(node)
	if e == nil {
		why := orWord(l.Unread, "not read")
		l.Workloads, l.Services, l.Policies, l.Differences = unknownCell(why), unknownCell(why), unknownCell(why), unknownCell(why)
		l.Certificates = CertificatesCell{Unknown: why, Word: "unknown"}
		return l
	}
	l.take(e)
	return l
}

// unreadWords says how reading a node's ztunnel stands, and where it was not
// read, why.
func (b *ztunnelLines) unreadWords(node string) (state mesh.SourceState, words string, tone ui.Tone) {
	st, ok := b.snap.Sources.Find("ztunnel/" + node)
	switch {
	case ok && st.State.Readable():
		return st.State, "", ui.ToneNone
	case ok && st.State == mesh.SourceForbidden:
		return st.State, "forbidden: " + cellText(st.Detail), ui.ToneWarn
	case ok:
		return st.State, strings.TrimSuffix(string(st.State)+": "+cellText(st.Detail), ": "), sourceTone(st.State)
	case b.snap.ZtunnelEvidence(node) != nil:
		return mesh.SourceOK, "", ui.ToneNone
	}
	return mesh.SourceStarting, "not read yet", ui.ToneUnknown
}

// take copies what a dump said.
func (l *ZtunnelLine) take(e *mesh.ZtunnelEvidence) {
	l.Read = e.At
	if v := versionWord(e.Version); v != "" {
		l.Version, l.VersionNote = v, "by the ztunnel itself"
	}
	l.Workloads, l.Services, l.Policies = countOnly(e.Workloads), countOnly(e.Services), countOnly(e.Policies)
	l.Differences = differencesCell(&e.Comparison)
	l.Certificates = newCertificatesCell(e)
	if e.Skipped > 0 {
		l.Partial = plural(e.Skipped, "entry", "entries") + " not decoded: " + cellText(e.FirstSkipped)
	}
}

// differencesCell counts what came of a comparison, which is unknown where
// nothing was compared.
func differencesCell(c *mesh.Comparison) CountCell {
	if !c.Compared {
		return unknownCell(orWord(cellText(c.Why), "not compared"))
	}
	cell := countOnly(c.DifferenceCount)
	if c.DifferenceCount > 0 {
		cell.Tone = ui.ToneWarn
	}
	return cell
}

func countOnly(n int) CountCell { return CountCell{Text: number(n), Ready: n} }

// connected looks for the node's ztunnels among the proxies that istiods name.
func (b *ztunnelLines) connected(node string) ConnectedCell {
	pods := b.snap.Ztunnels(node)
	if p := mesh.ReadyPod(pods); p != nil {
		pods = []*mesh.Workload{p}
	}
	switch {
	case len(pods) == 0 && componentReady(b.snap, pods) == mesh.FactNo:
		return ConnectedCell{Fact: mesh.FactNo, Why: "There is no ztunnel to connect."}
	case len(pods) == 0:
		return ConnectedCell{Fact: mesh.FactUnknown, Why: "The ztunnel of this node is not known."}
	}
	return b.proxies.of(pods)
}

// CertificateSum counts the identities of a node.
type CertificateSum struct {
	Total, Available int
	// Soonest is when the first leaf expires; zero for none.
	Soonest time.Time
}

// SumCertificates counts identities, those that have a certificate, and finds
// the leaf that expires first, which is what renewal goes by.
func SumCertificates(list []mesh.ZtunnelCertificate) CertificateSum {
	sum := CertificateSum{Total: len(list)}
	for i := range list {
		if list[i].State != "Available" {
			continue
		}
		sum.Available++
		if len(list[i].Chain) == 0 || list[i].Chain[0].NotAfter.IsZero() {
			continue
		}
		if end := list[i].Chain[0].NotAfter; sum.Soonest.IsZero() || end.Before(sum.Soonest) {
			sum.Soonest = end
		}
	}
	return sum
}

func newCertificatesCell(e *mesh.ZtunnelEvidence) CertificatesCell {
	sum := SumCertificates(e.Certificates)
	c := CertificatesCell{
		Text: number(sum.Available) + " of " + number(sum.Total) + " available", Word: "available",
		Soonest: sum.Soonest, Expired: !sum.Soonest.IsZero() && sum.Soonest.Before(e.At),
	}
	switch {
	case sum.Total == 0:
		c.Text, c.Word = "none", "none"
	case sum.Available < sum.Total:
		c.Tone, c.Word, c.Trouble = ui.ToneBad, "unavailable", certificateTrouble(e.Certificates)
	case c.Expired:
		c.Tone, c.Word = ui.ToneBad, "expired"
	}
	return c
}

// certificateTrouble is the first identity without a certificate, with what the
// CA answered.
func certificateTrouble(list []mesh.ZtunnelCertificate) string {
	for i := range list {
		if c := &list[i]; c.State != "Available" {
			return cellText(strings.TrimSuffix(c.Identity+": "+c.State+": "+c.Reason, ": "))
		}
	}
	return ""
}
