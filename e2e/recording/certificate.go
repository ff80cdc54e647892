package recording

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"regexp"
	"time"
)

// inlineCertificate is a chain of certificates in an Envoy's dump, in base64 of PEM.
var inlineCertificate = regexp.MustCompile(`("inline_bytes":\s*")LS0t[^"]*(")`)

// renewCertificates puts certificates that have a day to live in place of those of an Envoy's dump, whose times are part of
// what is signed.
func renewCertificates(dump []byte, now time.Time) []byte {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return dump
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(now.Unix()), NotBefore: now.Add(-time.Minute), NotAfter: now.Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return dump
	}
	text := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return inlineCertificate.ReplaceAll(dump, []byte("${1}"+text+"${2}"))
}
