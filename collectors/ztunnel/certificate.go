package ztunnel

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

// certificate reads the state of one identity's certificate (istio.md A.8). It
// tells "Unavailable: <why>" apart, and the root, which releases before 1.26
// appended to the chain.
func (w *walker) certificate(string) error {
	if w.dec.PeekKind() != '{' {
		return w.wrong("an object")
	}
	out := mesh.ZtunnelCertificate{}
	hasRoots := false
	err := w.object(func(key []byte) error {
		switch string(key) {
		case "identity":
			return w.own(&out.Identity)
		case "state":
			return w.own(&out.State)
		case "certChain":
			return w.x509s(&out.Chain)
		case "rootCerts":
			hasRoots = w.dec.PeekKind() != 'n'
			return w.x509s(&out.Roots)
		}
		return w.dec.SkipValue()
	})
	if err != nil {
		return err
	}
	out.State, out.Reason, _ = strings.Cut(out.State, ": ")
	if last := len(out.Chain) - 1; !hasRoots && last > 0 {
		out.Chain, out.Roots = out.Chain[:last:last], out.Chain[last:]
	}
	w.visit.Certificate(out)
	return w.keep(costEntry)
}

func (w *walker) x509s(into *[]mesh.Certificate) error {
	list := []mesh.Certificate{}
	err := w.list(func() error {
		var c mesh.Certificate
		err := w.object(func(key []byte) error { return w.x509(&c, string(key)) })
		list = append(list, c)
		return firstOf(err, w.keep(costEntry))
	})
	*into = list
	return err
}

func (w *walker) x509(out *mesh.Certificate, key string) error {
	var text string
	switch key {
	case "serialNumber":
		return w.own(&out.Serial)
	case "validFrom":
		err := w.own(&text)
		out.NotBefore = moment(text)
		return err
	case "expirationTime":
		err := w.own(&text)
		out.NotAfter = moment(text)
		return err
	case "pem":
		return w.string(&out.Subject, w.subject)
	}
	return w.dec.SkipValue()
}

// subject is whom a certificate names, empty where it cannot be parsed. The
// root is the same for every identity.
func (w *walker) subject(value jsontext.Value) string {
	text := w.unquote(value)
	known, ok := w.subjects[string(text)]
	if ok {
		return known
	}
	name := ""
	if parsed := parse(text); parsed != nil {
		name = parsed.Subject.String()
	}
	w.subjects[string(text)] = name
	return name
}

// parse reads a certificate in PEM, or in base64 of PEM as real dumps have it;
// nil if it is neither.
func parse(raw []byte) *x509.Certificate {
	if !bytes.HasPrefix(raw, []byte("-----")) {
		decoded, err := base64.StdEncoding.AppendDecode(nil, raw)
		if err != nil {
			return nil
		}
		raw = decoded
	}
	block, _ := pem.Decode(raw)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil
	}
	return c
}

// moment reads a time; the zero time says that there was none. No encoding of
// times can write a year of more than four digits.
func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if t = t.UTC(); err != nil || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}
