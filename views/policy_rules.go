package views

import (
	"maps"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// policyRules prints the rules of a policy in words, as written: nothing is
// left out, and nothing is added but what the fields mean.
func policyRules(o mesh.Object) []RuleText {
	switch p := o.(type) {
	case *mesh.AuthorizationPolicy:
		return authorizationRules(p)
	case *mesh.PeerAuthentication:
		return peerRules(p)
	case *mesh.RequestAuthentication:
		return tokenRules(p)
	}
	return nil
}

func authorizationRules(p *mesh.AuthorizationPolicy) []RuleText {
	out := make([]RuleText, 0, len(p.Rules))
	for i := range p.Rules {
		r := &p.Rules[i]
		t := RuleText{Number: number(i + 1)}
		t.add("from", len(r.From), func(i int) []RuleFact { return sourceFacts(&r.From[i]) })
		t.add("to", len(r.To), func(i int) []RuleFact { return operationFacts(&r.To[i]) })
		for _, w := range r.When {
			t.Parts = append(t.Parts, RulePart{Name: "when", Any: [][]RuleFact{valueFacts(w.Key, w.Values, w.NotValues)}})
		}
		if fields := authz.HTTPFields(r); len(p.TargetRefs) == 0 && len(fields) > 0 {
			t.Unseen = unseenWords(p.Action, fields)
		}
		out = append(out, t)
	}
	return out
}

// unseenWords says what ztunnel makes of fields it does not support (istio.md
// C.3).
func unseenWords(action string, fields []string) string {
	list := strings.Join(fields, ", ")
	if action == authz.ActionDeny {
		return "ztunnel cannot see " + list + ": they are cut out, and a clause left empty by that never matches."
	}
	return "ztunnel cannot see " + list + ": it leaves this rule out, so the rule admits nobody."
}

func (t *RuleText) add(name string, n int, facts func(i int) []RuleFact) {
	if n == 0 {
		return
	}
	part := RulePart{Name: name}
	for i := range n {
		part.Any = append(part.Any, facts(i))
	}
	t.Parts = append(t.Parts, part)
}

// valueFacts is one field: any of its values, and none of the excluded ones.
func valueFacts(name string, values, not []string) []RuleFact {
	var out []RuleFact
	if len(values) > 0 {
		out = append(out, RuleFact{name, strings.Join(values, " or ")})
	}
	if len(not) > 0 {
		out = append(out, RuleFact{"not " + name, strings.Join(not, " nor ")})
	}
	return out
}

func sourceFacts(s *mesh.AuthorizationSource) []RuleFact {
	var out []RuleFact
	for _, f := range []struct {
		name        string
		values, not []string
	}{
		{"principal", s.Principals, s.NotPrincipals},
		{"service account", s.ServiceAccounts, s.NotServiceAccounts},
		{"namespace", s.Namespaces, s.NotNamespaces},
		{"trust domain", s.TrustDomains, s.NotTrustDomains},
		{"address", s.IPBlocks, s.NotIPBlocks},
		{"original client's address", s.RemoteIPBlocks, s.NotRemoteIPBlocks},
		{"token", s.RequestPrincipals, s.NotRequestPrincipals},
	} {
		out = append(out, valueFacts(f.name, f.values, f.not)...)
	}
	return orAny(out, "any caller")
}

func operationFacts(o *mesh.AuthorizationOperation) []RuleFact {
	var out []RuleFact
	for _, f := range []struct {
		name        string
		values, not []string
	}{
		{"host", o.Hosts, o.NotHosts},
		{"port", o.Ports, o.NotPorts},
		{"method", o.Methods, o.NotMethods},
		{"path", o.Paths, o.NotPaths},
	} {
		out = append(out, valueFacts(f.name, f.values, f.not)...)
	}
	return orAny(out, "any operation")
}

func orAny(facts []RuleFact, word string) []RuleFact {
	if len(facts) == 0 {
		return []RuleFact{{Label: word}}
	}
	return facts
}

func peerRules(p *mesh.PeerAuthentication) []RuleText {
	var out []RuleText
	for _, port := range slices.Sorted(maps.Keys(p.PortModes)) {
		out = append(out, RuleText{Number: number(len(out) + 1), Parts: []RulePart{{Name: "port " + number(int(port)), Any: [][]RuleFact{{{Label: "mode", Text: p.PortModes[port]}}}}}})
	}
	return out
}

func tokenRules(p *mesh.RequestAuthentication) []RuleText {
	var out []RuleText
	for i, r := range p.Rules {
		facts := []RuleFact{{"issuer", r.Issuer}}
		facts = append(facts, valueFacts("audience", r.Audiences, nil)...)
		if r.JWKSURI != "" {
			facts = append(facts, RuleFact{"keys from", r.JWKSURI})
		}
		if r.InlineJWKS {
			facts = append(facts, RuleFact{"keys", "written into the policy"})
		}
		facts = append(facts, valueFacts("token in header", r.FromHeaders, nil)...)
		facts = append(facts, valueFacts("token in parameter", r.FromParams, nil)...)
		facts = append(facts, valueFacts("token in cookie", r.FromCookies, nil)...)
		out = append(out, RuleText{Number: number(i + 1), Parts: []RulePart{{Name: "accepts", Any: [][]RuleFact{facts}}}})
	}
	return out
}
