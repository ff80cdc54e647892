package path

import (
	"fmt"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Codes of findings about certificates.
const (
	codeCertExpired = "CERT_EXPIRED"
)

// certificate looks at the certificate a node's ztunnel has for an identity,
// in its dump, else in what the background sweep kept of it. One that is
// missing is fetched when it is needed and no trouble.
func (q *question) certificate(node, principal string) trouble {
	var list []mesh.ZtunnelCertificate
	var at time.Time
	if d := q.ztunnelDump(node); d != nil {
		list, at = d.Certificates, d.At
	} else if e := q.snap.ZtunnelEvidence(node); e != nil {
		list, at = e.Certificates, e.At
	}
	for i := range list {
		if list[i].Identity == "spiffe://"+principal {
			return troubleOf(&list[i], node, at)
		}
	}
	return trouble{}
}

func troubleOf(c *mesh.ZtunnelCertificate, node string, at time.Time) trouble {
	t := trouble{evidence: []Evidence{{Source: "ztunnel/" + node, Object: mesh.Ref{Kind: "Node", Name: node}, Field: "certificates[" + c.Identity + "]", Text: c.State}}}
	text := &t.evidence[0].Text
	switch {
	case c.State != "Available":
		t.code, t.text = mesh.CodeCertUnavailable, fmt.Sprintf("the ztunnel on %s has no certificate for %s (%s)", node, c.Identity, c.State)
		if c.Reason != "" {
			*text += ": " + c.Reason
			t.text = fmt.Sprintf("the ztunnel on %s has no certificate for %s: %s", node, c.Identity, c.Reason)
		}
	case expired(c.Chain, at):
		t.code, t.text = codeCertExpired, fmt.Sprintf("the certificate that the ztunnel on %s has for %s expired at %s", node, c.Identity, c.Chain[0].NotAfter.UTC().Format(time.RFC3339))
		*text = "expired " + c.Chain[0].NotAfter.UTC().Format(time.RFC3339)
	default:
		return trouble{}
	}
	return t
}

// expired tells that the leaf was over when it was looked at.
func expired(chain []mesh.Certificate, at time.Time) bool {
	return len(chain) > 0 && !chain[0].NotAfter.IsZero() && !at.IsZero() && at.After(chain[0].NotAfter)
}

// waypointCertificate looks at the certificate of a waypoint's Envoy, with
// which it takes calls and sends them on.
func (q *question) waypointCertificate(pod *mesh.Workload) trouble {
	d := q.envoyDump(pod.Ref())
	if d == nil {
		return trouble{}
	}
	for i := range d.Secrets {
		s := &d.Secrets[i]
		if s.Type != "certificate" {
			continue
		}
		switch {
		case s.State == mesh.EnvoyWarming && len(s.Chain) == 0:
			return trouble{code: mesh.CodeCertUnavailable, text: fmt.Sprintf("%s has not got its certificate yet", pod.Name), evidence: []Evidence{{Source: envoySource(pod), Object: pod.Ref(), Field: "secrets[" + s.Name + "]", Text: "warming"}}}
		case expired(s.Chain, d.At):
			return trouble{code: codeCertExpired, text: fmt.Sprintf("the certificate of %s expired at %s", pod.Name, s.Chain[0].NotAfter.UTC().Format(time.RFC3339)), evidence: []Evidence{{Source: envoySource(pod), Object: pod.Ref(), Field: "secrets[" + s.Name + "]", Text: "expired"}}}
		}
	}
	return trouble{}
}

func envoySource(pod *mesh.Workload) string { return "envoy/" + pod.Namespace + "/" + pod.Name }
