package authz

import "github.com/waylight/waylight/mesh"

// Cut is what istiod makes of one rule of a policy for ztunnel, which cannot
// see HTTP (istio.md C.3).
type Cut struct {
	// Rule counts from 1, as the policy is written.
	Rule int
	// Fields are those of the rule that ztunnel does not support.
	Fields []string
	// Dropped: a rule of an ALLOW, left out whole. Void: it is kept and can
	// never match. Wider: a rule of a DENY that matches more than is written.
	Dropped, Void, Wider bool
}

// Cuts lists the rules of a policy that ztunnel does not hold as they are
// written. It is nil for policies that are not sent to ztunnel at all.
func Cuts(p *mesh.AuthorizationPolicy) []Cut {
	sent, _ := forZtunnel(p)
	if sent == nil {
		return nil
	}
	var out []Cut
	for i := range p.Rules {
		c := Cut{Rule: i + 1, Fields: HTTPFields(&p.Rules[i]), Dropped: true}
		for j := range sent.rules {
			if sent.rules[j].number == c.Rule {
				c.Dropped, c.Void = false, sent.rules[j].never()
			}
		}
		c.Wider = p.Action == ActionDeny && len(c.Fields) > 0 && !c.Void && !c.Dropped
		if c.Dropped || c.Void || c.Wider {
			out = append(out, c)
		}
	}
	return out
}
