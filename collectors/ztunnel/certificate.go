package ztunnel

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// rawCertificate is the certificate state of one identity (istio.md A.8).
type rawCertificate struct {
	Identity  string    `json:"identity"`
	State     string    `json:"state"`
	CertChain []rawX509 `json:"certChain"`
	RootCerts []rawX509 `json:"rootCerts"`
}

type rawX509 struct {
	PEM            string `json:"pem"`
	SerialNumber   string `json:"serialNumber"`
	ValidFrom      string `json:"validFrom"`
	ExpirationTime string `json:"expirationTime"`
}

// certificate tells "Unavailable: <why>" apart, and the root, which releases
// before 1.26 appended to the chain.
func (w *walker) certificate(_ string, raw *rawCertificate) (mesh.ZtunnelCertificate, bool) {
	state, reason, _ := strings.Cut(raw.State, ": ")
	chain, roots := raw.CertChain, raw.RootCerts
	if roots == nil && len(chain) > 1 {
		chain, roots = chain[:len(chain)-1], chain[len(chain)-1:]
	}
	return mesh.ZtunnelCertificate{Identity: raw.Identity, State: state, Reason: reason, Chain: x509s(chain), Roots: x509s(roots)}, true
}

func x509s(raw []rawX509) []mesh.Certificate {
	out := make([]mesh.Certificate, 0, len(raw))
	for _, r := range raw {
		c := mesh.Certificate{Serial: r.SerialNumber, NotBefore: moment(r.ValidFrom), NotAfter: moment(r.ExpirationTime)}
		if parsed := parse(r.PEM); parsed != nil {
			c.Subject = parsed.Subject.String()
		}
		out = append(out, c)
	}
	return out
}

// parse reads a certificate in PEM, or in base64 of PEM as real dumps have it;
// nil if it is neither.
func parse(text string) *x509.Certificate {
	raw := []byte(text)
	if !strings.HasPrefix(text, "-----") {
		decoded, err := base64.StdEncoding.DecodeString(text)
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

// moment reads a time; the zero time says that there was none.
func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
