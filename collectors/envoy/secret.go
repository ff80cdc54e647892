package envoy

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

// rawSecret names what is public of a secret. There is no field for a private
// key, a password or a session ticket key: Envoy blanks them before it answers,
// and what is not decoded cannot leak when something else answered.
type rawSecret struct {
	Name        string         `json:"name"`
	LastUpdated string         `json:"last_updated"`
	Secret      jsontext.Value `json:"secret"`
}

type rawSecretContent struct {
	Name           string `json:"name"`
	TLSCertificate *struct {
		CertificateChain rawData `json:"certificate_chain"`
	} `json:"tls_certificate"`
	ValidationContext *struct {
		TrustedCA rawData `json:"trusted_ca"`
	} `json:"validation_context"`
}

// rawData is a file's content; a name of a file is not followed.
type rawData struct {
	InlineBytes  string `json:"inline_bytes"`
	InlineString string `json:"inline_string"`
}

func (d *decoding) secret(state mesh.EnvoyState) func(*rawSecret) {
	return func(raw *rawSecret) {
		out := mesh.EnvoySecret{Name: raw.Name, Type: "other", State: state, Updated: moment(raw.LastUpdated)}
		content := one[rawSecretContent](d.walker, "secret", raw.Secret)
		if content == nil {
			content = new(rawSecretContent)
		}
		if out.Name == "" {
			out.Name = content.Name
		}
		switch {
		case content.TLSCertificate != nil:
			out.Type = "certificate"
			out.Chain, out.Identity = d.certificates(&content.TLSCertificate.CertificateChain)
		case content.ValidationContext != nil:
			out.Type = "roots"
			out.Chain, _ = d.certificates(&content.ValidationContext.TrustedCA)
		}
		d.dump.Secrets = append(d.dump.Secrets, out)
	}
}

// certificates keeps of each certificate what is public and useful, and the
// SPIFFE ID of the first. Blocks of other kinds are passed over.
func (d *decoding) certificates(data *rawData) (chain []mesh.Certificate, identity string) {
	text := []byte(data.InlineString)
	if data.InlineBytes != "" {
		decoded, err := base64.StdEncoding.DecodeString(data.InlineBytes)
		if err != nil {
			d.skip("certificate of an unknown shape")
			return nil, ""
		}
		text = decoded
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			d.skip("certificate of an unknown shape")
			continue
		}
		if len(chain) == 0 && len(c.URIs) > 0 {
			identity = c.URIs[0].String()
		}
		chain = append(chain, mesh.Certificate{Serial: c.SerialNumber.String(), Subject: c.Subject.String(), NotBefore: c.NotBefore, NotAfter: c.NotAfter})
	}
	return chain, identity
}
