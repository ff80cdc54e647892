package views

import (
	"strings"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// eSecret is one certificate of a secret, or a secret that has none.
type eSecret struct {
	*mesh.EnvoySecret
	// kind is Leaf, Intermediate or Root; cert is nil and kind empty for a
	// secret without a certificate.
	kind string
	cert *mesh.Certificate
}

// secretsPart lists every certificate: the columns of istioctl proxy-config
// secrets. Keys are never read.
var secretsPart = dumpPart[*envoyBook, eSecret]{
	tab: TabSecrets, noun: "certificates",
	rows:      secretRows,
	namespace: func(*eSecret) string { return "" },
	id:        func(s *eSecret) []string { return []string{s.Name, string(s.State), s.kind, serialHex(s.cert)} },
	only: func(s *eSecret) string {
		return exactly("name", s.Name) + " " + exactly("serial", orWord(serialHex(s.cert), "none"))
	},
	item:   newSecretItem,
	itemOf: func(s *eSecret) any { return s.EnvoySecret },
	ref:    func(*envoyBook, *eSecret) mesh.Ref { return mesh.Ref{Kind: "Secret"} },
	keys:   []string{"name", "type", "status", "valid", "identity", "serial"},
	fields: secretFields,
	columns: []dumpColumn[*envoyBook, eSecret]{
		{key: "name", label: "Resource name", cell: func(_ *envoyBook, s *eSecret) DumpCell { return monoCell(s.Name) }, compare: compareBy(func(s *eSecret) string { return s.Name })},
		{key: "type", label: "Type", cell: func(_ *envoyBook, s *eSecret) DumpCell { return DumpCell{Text: s.certType()} }, compare: compareBy(func(s *eSecret) string { return s.certType() })},
		{key: "status", label: "Status", cell: func(_ *envoyBook, s *eSecret) DumpCell { return secretState(s.State) }, compare: compareBy(func(s *eSecret) string { return string(s.State) })},
		{key: "valid", label: "Valid cert", hint: "at the moment the dump was read", cell: func(b *envoyBook, s *eSecret) DumpCell { return validCell(s.cert, b.dump.At) }},
		{key: "serial", label: "Serial number", cell: func(_ *envoyBook, s *eSecret) DumpCell { return monoCell(serialHex(s.cert)) }, compare: compareBy(func(s *eSecret) string { return serialHex(s.cert) })},
		{key: "notAfter", label: "Not after", cell: func(b *envoyBook, s *eSecret) DumpCell { return notAfterCell(s.cert, b.dump.At) }, compare: func(a, b *eSecret) int { return certificate(a.cert).NotAfter.Compare(certificate(b.cert).NotAfter) }},
		{key: "notBefore", label: "Not before", cell: func(_ *envoyBook, s *eSecret) DumpCell { return DumpCell{Time: certificate(s.cert).NotBefore} }, compare: func(a, b *eSecret) int { return certificate(a.cert).NotBefore.Compare(certificate(b.cert).NotBefore) }},
		{key: "identity", label: "Identity", cell: func(_ *envoyBook, s *eSecret) DumpCell { return monoCell(s.Identity) }, compare: compareBy(func(s *eSecret) string { return s.Identity })},
		{key: "subject", folded: true, label: "Subject", cell: func(_ *envoyBook, s *eSecret) DumpCell { return monoCell(certificate(s.cert).Subject) }, compare: compareBy(func(s *eSecret) string { return certificate(s.cert).Subject })},
		{key: "updated", folded: true, label: "Taken", hint: "when Envoy took it", cell: func(_ *envoyBook, s *eSecret) DumpCell { return DumpCell{Time: s.Updated} }, compare: func(a, b *eSecret) int { return a.Updated.Compare(b.Updated) }},
	},
}

func secretRows(b *envoyBook) []eSecret {
	var out []eSecret
	for i := range b.dump.Secrets {
		s := &b.dump.Secrets[i]
		for j := range s.Chain {
			kind := "Intermediate"
			switch {
			case s.Type == "roots":
				kind = "Root"
			case j == 0:
				kind = "Leaf"
			}
			out = append(out, eSecret{s, kind, &s.Chain[j]})
		}
		if len(s.Chain) == 0 {
			out = append(out, eSecret{EnvoySecret: s})
		}
	}
	return out
}

// certType is istioctl's word for the type, with the place in the chain.
func (s *eSecret) certType() string {
	word := map[string]string{"certificate": "Cert Chain", "roots": "CA"}[s.Type]
	if word == "" {
		word = cellText(s.Type)
	}
	if s.kind == "" || s.kind == "Root" {
		return word
	}
	return word + ", " + strings.ToLower(s.kind)
}

func secretFields(b *envoyBook, s *eSecret, key string) ([]string, bool) {
	switch key {
	case "":
		return []string{s.Name, s.Identity, certificate(s.cert).Subject, serialHex(s.cert)}, true
	case "name":
		return []string{s.Name}, true
	case "type":
		return []string{s.Type, orWord(s.kind, "none")}, true
	case "status":
		return []string{string(s.State)}, true
	case "valid":
		return []string{string(validAt(s.cert, b.dump.At))}, true
	case "identity":
		return []string{orWord(s.Identity, "none"), strings.TrimPrefix(s.Identity, "spiffe://")}, true
	case "serial":
		return []string{orWord(serialHex(s.cert), "none")}, true
	}
	return nil, false
}

// secretState is in capitals, as istioctl has it.
func secretState(state mesh.EnvoyState) DumpCell {
	c := DumpCell{Text: strings.ToUpper(cellText(string(state)))}
	if state == mesh.EnvoyWarming {
		c.Tone, c.Note = ui.ToneWarn, "asked for and not there yet"
	}
	return c
}
