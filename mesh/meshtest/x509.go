package meshtest

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/url"
	"time"
)

// dumpedCertificate is a certificate as a ztunnel prints it: of an identity, or
// a root for the empty one. Every one is signed by the same key, which nobody
// trusts.
func dumpedCertificate(identity string, serial int64) dumpX509 {
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: Now.Add(-6 * time.Hour), NotAfter: Now.Add(18 * time.Hour)}
	if identity == "" {
		template.Subject = pkix.Name{Organization: []string{"cluster.local"}}
		template.NotAfter = Now.AddDate(10, 0, 0)
	} else if name, err := url.Parse(identity); err == nil {
		template.URIs = []*url.URL{name}
	}
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return dumpX509{
		Expiration: template.NotAfter.Format(time.RFC3339), ValidFrom: template.NotBefore.Format(time.RFC3339), Serial: template.SerialNumber.String(),
		PEM: base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
	}
}
