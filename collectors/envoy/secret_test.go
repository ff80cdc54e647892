package envoy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
)

// identity makes a certificate and its private key, both in PEM.
func identity(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(42), NotBefore: time.Unix(1000, 0), NotAfter: time.Unix(2000, 0),
		URIs: []*url.URL{{Scheme: "spiffe", Host: "cluster.local", Path: "/ns/shop/sa/waypoint"}},
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
}

func inline(text string) string {
	return fmt.Sprintf(`{"inline_bytes":%q}`, base64.StdEncoding.EncodeToString([]byte(text)))
}

func quoted(text string) string {
	raw, _ := json.Marshal(text)
	return string(raw)
}

// TestPrivateKeysAreNowhere plants a key wherever a broken or hostile proxy
// could put one, and looks for it in all that is kept.
func TestPrivateKeysAreNowhere(t *testing.T) {
	certificate, key := identity(t)
	secret := func(name, content string) string {
		return `{"name":"` + name + `","last_updated":"2026-11-23T08:00:00Z","secret":{"name":"` + name + `",` + content + `}}`
	}
	d := decode(t, `{"dynamic_active_secrets":[`+strings.Join([]string{
		secret("in its field", `"tls_certificate":{"certificate_chain":`+inline(certificate)+`,"private_key":`+inline(key)+`,"password":`+inline(key)+`}`),
		secret("in the chain", `"tls_certificate":{"certificate_chain":`+inline(key+certificate+key)+`}`),
		secret("as text", `"tls_certificate":{"certificate_chain":{"inline_string":`+quoted(certificate+key)+`},"private_key":{"inline_string":`+quoted(key)+`}}`),
		secret("not in base64", `"tls_certificate":{"certificate_chain":{"inline_bytes":`+quoted(key)+`}}`),
		secret("of a wrong shape", `"tls_certificate":`+quoted(key)),
		secret("in the roots", `"validation_context":{"trusted_ca":`+inline(certificate+key)+`}`),
		secret("of another kind", `"generic_secret":{"secret":`+inline(key)+`}`),
	}, ",")+`],"dynamic_warming_secrets":[{"name":"later","error_state":{"details":`+quoted(key)+`}}]}`+
		`,{"bootstrap":{"node":`+quoted(key)+`}}`+
		`,{"static_listeners":[{"listener":{"name":"l","filter_chains":[{"name":"c","transport_socket":{"typed_config":{"common_tls_context":{"tls_certificates":[{"private_key":`+inline(key)+`}]}}},"filters":`+quoted(key)+`}]}}]}`+
		`,{"static_clusters":[{"cluster":{"name":"c","type":[`+quoted(key)+`],"connect_timeout":`+quoted(key)+`}}]}`)
	kept := fmt.Sprintf("%+v", d)
	asJSON, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	body := strings.Split(key, "\n")[1]
	for _, piece := range []string{body, body[:20], base64.StdEncoding.EncodeToString([]byte(key))[:40], "PRIVATE"} {
		if strings.Contains(kept, piece) || strings.Contains(string(asJSON), piece) {
			t.Errorf("the private key is in what is kept: %s", kept)
		}
	}
	if len(d.Secrets) != 8 {
		t.Errorf("%d secrets are listed by name", len(d.Secrets))
	}
}

func TestSecretsByNameAndExpiry(t *testing.T) {
	certificate, _ := identity(t)
	d := decode(t, `{"dynamic_active_secrets":[
		{"name":"default","last_updated":"2026-11-23T08:00:00Z","secret":{"tls_certificate":{"certificate_chain":`+inline(certificate+certificate)+`}}},
		{"name":"ROOTCA","secret":{"validation_context":{"trusted_ca":`+inline(certificate)+`}}}],
		"dynamic_warming_secrets":[{"name":"waiting"}],"static_secrets":[{"secret":{"name":"inside","session_ticket_keys":{}}}]}`)
	leaf := d.Secrets[0]
	if leaf.Type != "certificate" || len(leaf.Chain) != 2 || leaf.Chain[0].Serial != "42" || !leaf.Chain[0].NotAfter.Equal(time.Unix(2000, 0)) ||
		leaf.Identity != "spiffe://cluster.local/ns/shop/sa/waypoint" || leaf.State != mesh.EnvoyActive || leaf.Updated.Hour() != 8 {
		t.Errorf("%+v", leaf)
	}
	if roots := d.Secrets[1]; roots.Type != "roots" || len(roots.Chain) != 1 || roots.Identity != "" {
		t.Errorf("%+v", roots)
	}
	if waiting := d.Secrets[2]; waiting.State != mesh.EnvoyWarming || waiting.Type != "other" || len(waiting.Chain) != 0 {
		t.Errorf("%+v", waiting)
	}
	if inside := d.Secrets[3]; inside.Name != "inside" || inside.State != mesh.EnvoyStatic {
		t.Errorf("%+v", inside)
	}
}
