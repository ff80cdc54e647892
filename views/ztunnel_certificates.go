package views

import (
	"strings"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// zCertificate is one certificate of an identity, or an identity that has none.
type zCertificate struct {
	of *mesh.ZtunnelCertificate
	// kind is Leaf, Intermediate or Root, as istioctl says; cert is nil and kind
	// empty for an identity without a certificate.
	kind string
	cert *mesh.Certificate
}

// certificatesPart lists every certificate of every identity of the node: the
// columns of istioctl ztunnel-config certificate, and the text of an error.
var certificatesPart = dumpPart[*ztunnelBook, zCertificate]{
	tab: TabCertificates, noun: "certificates",
	rows:      certificateRows,
	namespace: func(c *zCertificate) string { ns, _ := c.account(); return ns },
	id:        func(c *zCertificate) []string { return []string{c.of.Identity, c.kind, serialHex(c.cert)} },
	only:      func(c *zCertificate) string { return exactly("identity", c.of.Identity) },
	item:      certificateItemOf,
	itemOf:    func(c *zCertificate) any { return c.of },
	ref:       func(_ *ztunnelBook, _ *zCertificate) mesh.Ref { return mesh.Ref{Kind: "Certificate"} },
	keys:      []string{"ns", "identity", "account", "type", "status", "valid"},
	fields:    certificateFields,
	columns: []dumpColumn[*ztunnelBook, zCertificate]{
		{key: "identity", label: "Identity", cell: func(_ *ztunnelBook, c *zCertificate) DumpCell { return monoCell(c.of.Identity) }, compare: compareBy(func(c *zCertificate) string { return c.of.Identity })},
		{key: "type", label: "Type", cell: func(_ *ztunnelBook, c *zCertificate) DumpCell { return textCell(c.kind) }, compare: compareBy(func(c *zCertificate) string { return c.kind })},
		{key: "status", label: "Status", cell: func(_ *ztunnelBook, c *zCertificate) DumpCell { return certificateStatus(c.of) }, compare: compareBy(func(c *zCertificate) string { return c.of.State })},
		{key: "valid", label: "Valid", hint: "at the moment the dump was read", cell: func(b *ztunnelBook, c *zCertificate) DumpCell { return validCell(c.cert, b.dump.At) }},
		{key: "serial", label: "Serial number", cell: func(_ *ztunnelBook, c *zCertificate) DumpCell { return monoCell(serialHex(c.cert)) }, compare: compareBy(func(c *zCertificate) string { return serialHex(c.cert) })},
		{key: "notAfter", label: "Not after", cell: func(b *ztunnelBook, c *zCertificate) DumpCell { return notAfterCell(c.cert, b.dump.At) }, compare: func(a, b *zCertificate) int {
			return certificate(a.cert).NotAfter.Compare(certificate(b.cert).NotAfter)
		}},
		{key: "notBefore", label: "Not before", cell: func(_ *ztunnelBook, c *zCertificate) DumpCell { return DumpCell{Time: certificate(c.cert).NotBefore} }, compare: func(a, b *zCertificate) int {
			return certificate(a.cert).NotBefore.Compare(certificate(b.cert).NotBefore)
		}},
		{key: "subject", folded: true, label: "Subject", cell: func(_ *ztunnelBook, c *zCertificate) DumpCell { return monoCell(certificate(c.cert).Subject) }, compare: compareBy(func(c *zCertificate) string { return certificate(c.cert).Subject })},
	},
}

func certificateRows(b *ztunnelBook) []zCertificate {
	var out []zCertificate
	for i := range b.dump.Certificates {
		of := &b.dump.Certificates[i]
		before := len(out)
		for j := range of.Chain {
			kind := "Intermediate"
			if j == 0 {
				kind = "Leaf"
			}
			out = append(out, zCertificate{of, kind, &of.Chain[j]})
		}
		for j := range of.Roots {
			out = append(out, zCertificate{of, "Root", &of.Roots[j]})
		}
		if len(out) == before {
			out = append(out, zCertificate{of: of})
		}
	}
	return out
}

func certificateFields(b *ztunnelBook, c *zCertificate, key string) ([]string, bool) {
	ns, account := c.account()
	switch key {
	case "":
		return []string{c.of.Identity, c.of.Reason, certificate(c.cert).Subject, serialHex(c.cert)}, true
	case "ns":
		return []string{orWord(ns, "none")}, true
	case "account":
		return []string{orWord(account, "none")}, true
	case "identity":
		return []string{c.of.Identity, strings.TrimPrefix(c.of.Identity, "spiffe://")}, true
	case "type":
		return []string{orWord(c.kind, "none")}, true
	case "status":
		return []string{c.of.State}, true
	case "valid":
		return []string{string(validAt(c.cert, b.dump.At))}, true
	}
	return nil, false
}

// account is the namespace and service account of the identity; empty for one
// of another form than Kubernetes' service accounts have.
func (c *zCertificate) account() (namespace, name string) {
	parts := strings.Split(strings.TrimPrefix(c.of.Identity, "spiffe://"), "/")
	if len(parts) == 5 && parts[1] == "ns" && parts[3] == "sa" {
		return parts[2], parts[4]
	}
	return "", ""
}

// certificateStatus has the error's text in full, which carries what the CA
// answered.
func certificateStatus(c *mesh.ZtunnelCertificate) DumpCell {
	cell := DumpCell{Text: cellText(c.State), Note: cellText(c.Reason)}
	switch c.State {
	case "Available":
		cell.Tone = ui.ToneGood
	case "Initializing":
		cell.Tone = ui.ToneWarn
	default:
		cell.Tone = ui.ToneBad
	}
	return cell
}

// certificateItemOf is the whole identity: its certificates make one item.
func certificateItemOf(c *zCertificate, head DumpItem) any {
	ns, account := c.account()
	state := c.of.State
	if c.of.Reason != "" {
		state += ": " + c.of.Reason
	}
	return certificatesItem{head, ns, account, c.of.Identity, state, certificateItems(c.of.Chain), certificateItems(c.of.Roots)}
}
