package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// comparePolicies compares the policies attached to a port with the filters of
// its chains.
func (c *envoyComparison) comparePolicies(s *served) {
	if why := c.unreadPolicies(s, mesh.ResourceAuthorizationPolicies); why != "" {
		c.unknown(Pair{Object: s.ref, Part: PartPolicy, Name: s.name()}, why)
		return
	}
	if s.http != nil {
		c.comparePoliciesOf(s, s.http, s.port)
	}
	if s.tcp != nil {
		c.comparePoliciesOf(s, s.tcp, mesh.ServicePort{Port: s.port.Port, Name: "tcp"})
	}
}

// unreadPolicies says which place was not readable where something attached to
// a port can be; empty for none.
func (c *envoyComparison) unreadPolicies(s *served, resource string) string {
	for _, ns := range []string{c.snap.RootNamespace(), c.gateway.Namespace, s.ref.Namespace} {
		if !c.snap.Readable(resource, ns) {
			return resource + " in " + ns + " were not readable."
		}
	}
	return ""
}

// held is what a chain has of one policy.
type held struct {
	action string
	shadow bool
	rules  []int // from 1
}

func (h held) String() string {
	if h.action == "" {
		return ""
	}
	text := h.action + ", " + ruleCount(len(h.rules))
	if h.shadow {
		text += ", as a dry run"
	}
	return text
}

// heldBy lists the policies of a chain. Rules that no policy stands behind are
// left out: an EnvoyFilter can add some.
func heldBy(ch *mesh.EnvoyChain) map[mesh.Ref]held {
	out := make(map[mesh.Ref]held)
	for _, set := range ch.RBAC {
		for _, r := range set.Policies {
			if r.Policy.IsZero() {
				continue
			}
			h := out[r.Policy]
			if h.action = set.Action; r.Provider != "" {
				h.action = authz.ActionCustom // DENY, where the authorizer could not be set up
			}
			h.shadow = set.Shadow && h.action != authz.ActionCustom
			if number := r.Rule + 1; !slices.Contains(h.rules, number) {
				h.rules = append(h.rules, number)
			}
			out[r.Policy] = h
		}
	}
	return out
}

func (c *envoyComparison) comparePoliciesOf(s *served, ch *mesh.EnvoyChain, port mesh.ServicePort) {
	if slices.ContainsFunc(ch.RBAC, func(r mesh.EnvoyRBAC) bool { return r.Action == mesh.EnvoyRBACUnread }) {
		c.unknown(Pair{Object: s.ref, Part: PartPolicy, Name: s.name()}, "An authorization filter of the chain has rules of a form that is not known.")
		return
	}
	loaded := heldBy(ch)
	hop := authz.AtWaypoint(c.snap, c.gateway, authz.Target{Service: s.ref, Port: port})
	name := s.of()
	if ch.Protocol != "" && s.http != nil && s.tcp != nil {
		name += " as " + strings.ToUpper(ch.Protocol)
	}
	for _, a := range hop.Attached {
		ref := a.Policy.Ref()
		c.comparePolicy(s, a, loaded[ref], name)
		delete(loaded, ref)
	}
	for ref, h := range loaded {
		from := []*mesh.Meta{s.meta, c.namespace(s.ref.Namespace)}
		if p, ok := c.snap.Lookup(ref).(*mesh.AuthorizationPolicy); ok {
			from = append(from, &p.Meta)
		}
		c.add(Pair{Object: ref, Part: PartPolicy, Name: name, Loaded: h.String()}, false, from...)
	}
}

// comparePolicy compares one policy that is attached with what a chain has of
// it.
func (c *envoyComparison) comparePolicy(s *served, a authz.Attached, got held, name string) {
	p := Pair{Object: a.Policy.Ref(), Part: PartPolicy, Name: name, Loaded: got.String()}
	action := a.Policy.Action
	if action == "" {
		action = authz.ActionAllow
	}
	rules := a.Rules()
	p.Declared = fmt.Sprintf("%s, %s", action, ruleCount(len(rules)))
	from := []*mesh.Meta{s.meta, c.namespace(s.ref.Namespace), &a.Policy.Meta}
	switch {
	case a.Policy.Labels[mesh.LabelRevision] != "":
		c.unknown(p, "It is for one revision of istiod only.")
	case a.Idle != "" && (got.action == "" || got.shadow || action == authz.ActionAudit):
		p.Declared = "not enforced: " + a.Idle
		c.unknown(p, "Whether such a policy is sent depends on istiod's settings.")
	case a.Idle != "":
		p.Declared = "not enforced: " + a.Idle
		c.add(p, false, from...)
	case len(rules) == 0 && len(a.Policy.Rules) > 0:
		c.unknown(p, "None of its rules can be expressed here.")
	case len(rules) == 0: // istiod makes one that never matches
		p.Declared = action + " without rules"
		c.add(p, got.action == action, from...)
	default:
		c.add(p, got.action == action && !got.shadow && slices.Equal(rules, sortedInts(got.rules)), from...)
	}
}

func sortedInts(list []int) []int {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// compareTokens compares the issuers of RequestAuthentications with those that
// the chain knows.
func (c *envoyComparison) compareTokens(s *served) {
	if why := c.unreadPolicies(s, mesh.ResourceRequestAuthentications); why != "" {
		c.unknown(Pair{Object: s.ref, Part: PartToken, Name: s.name()}, why)
		return
	}
	loaded := make(map[string]bool)
	for _, p := range s.http.JWT {
		loaded[p.Issuer] = true
	}
	known := make(map[string]bool)
	from := []*mesh.Meta{s.meta, c.namespace(s.ref.Namespace)}
	for _, r := range authz.RequestAuthentications(c.snap, c.gateway, s.ref) {
		from = append(from, &r.Meta)
		for _, rule := range r.Rules {
			p := Pair{Object: r.Ref(), Part: PartToken, Name: "issuer " + rule.Issuer + " for " + s.of(), Declared: rule.Issuer}
			if known[rule.Issuer] = true; loaded[rule.Issuer] {
				p.Loaded = rule.Issuer
			}
			switch {
			case rule.Issuer == "" || r.Labels[mesh.LabelRevision] != "":
				c.unknown(p, "Whether it is sent depends on istiod.")
			default:
				c.add(p, p.Loaded != "", s.meta, c.namespace(s.ref.Namespace), &r.Meta)
			}
		}
	}
	for issuer := range loaded {
		if known[issuer] {
			continue
		}
		p := Pair{Object: s.ref, Part: PartToken, Name: "issuer " + issuer + " for " + s.name(), Loaded: issuer}
		if c.patched != "" || known[""] {
			c.unknown(p, c.patched)
			continue
		}
		c.add(p, false, from...)
	}
}
