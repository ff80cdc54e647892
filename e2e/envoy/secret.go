package envoy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/url"
	"time"
)

// Lifetime is how long the waypoint's certificate is valid from the start.
const Lifetime = 24 * time.Hour

// secretType is the type of what secrets are sent as.
const secretType = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"

// newSecrets makes, by their names, what an istio-agent has for a waypoint: its certificate with the key, and the root it trusts. The
// certificate is its own root, since nobody connects.
func newSecrets() (map[string]object, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), NotBefore: now.Add(-time.Minute), NotAfter: now.Add(Lifetime),
		URIs: []*url.URL{{Scheme: "spiffe", Host: "cluster.local", Path: "/ns/shop/sa/waypoint"}},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	certificate := inline("CERTIFICATE", der)
	return map[string]object{
		"default": {"@type": secretType, "name": "default", "tls_certificate": object{
			"certificate_chain": certificate, "private_key": inline("PRIVATE KEY", private),
		}},
		"ROOTCA": {"@type": secretType, "name": "ROOTCA", "validation_context": object{"trusted_ca": certificate}},
	}, nil
}

func inline(kind string, der []byte) object {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	return object{"inline_bytes": base64.StdEncoding.EncodeToString(text)}
}
