package drift

import (
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// compareSecrets compares the certificates with the identity that the waypoint
// should have, and with the time.
func (c *envoyComparison) compareSecrets() {
	at := c.before.Add(settlingTime)
	for i := range c.dump.Secrets {
		s := &c.dump.Secrets[i]
		p := Pair{Object: c.dump.Pod, Part: PartSecret, Name: s.Name, Declared: "valid"}
		if s.Type == "certificate" {
			if c.pod != nil {
				p.Declared = "spiffe://" + c.pod.Principal(c.snap.TrustDomain())
			}
			p.Loaded = s.Identity
		}
		switch {
		case s.State == mesh.EnvoyWarming:
			c.add(Pair{Object: p.Object, Part: p.Part, Name: p.Name, Declared: p.Declared, Loaded: "none: it waits for it"}, s.Type != "certificate", c.secretSource())
		case len(s.Chain) == 0 || s.Chain[0].NotAfter.IsZero():
			c.unknown(p, "The certificate could not be read.")
		case s.Chain[0].NotAfter.Before(at):
			p.Loaded = "expired " + s.Chain[0].NotAfter.Format(time.RFC3339)
			c.add(p, false)
		case s.Type != "certificate":
			p.Loaded = p.Declared
			c.add(p, true)
		case c.pod == nil || s.Identity == "":
			c.unknown(p, "The identity is not known on both sides.")
		default:
			c.add(p, account(s.Identity) == account(p.Declared))
		}
	}
}

func (c *envoyComparison) secretSource() *mesh.Meta {
	if c.pod == nil {
		return nil
	}
	return &c.pod.Meta
}

// account is a SPIFFE ID without its trust domain, whose name the API does not
// always tell.
func account(identity string) string {
	_, rest, _ := strings.Cut(strings.TrimPrefix(identity, "spiffe://"), "/")
	return rest
}
