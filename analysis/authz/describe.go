package authz

import (
	"fmt"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// maxValues bounds how many values of a field a description names.
const maxValues = 4

// Effect says in words what a policy does at this hop: "allows sa/web: GET or
// POST on /api/*".
func (h *Hop) Effect(a Attached) string {
	p := a.Policy
	switch {
	case a.Idle != "":
		return "does nothing here: " + a.Idle
	case h.Loaded:
		return h.loadedEffect(a)
	case len(p.Rules) == 0 && p.Action == ActionDeny:
		return "denies nothing: it has no rules"
	case len(p.Rules) == 0 && p.Action == ActionCustom:
		return "asks nobody: it has no rules"
	case len(p.Rules) == 0:
		return "allows nobody: what no other policy allows is refused"
	case a.Void():
		return h.voidEffect(p)
	}
	return h.verb(p) + " " + h.rules(a) + h.lost(a)
}

// loadedEffect is what a policy does that a proxy has in memory.
func (h *Hop) loadedEffect(a Attached) string {
	switch {
	case a.Void() && a.Policy.Action == ActionDeny:
		return "denies nothing: no call matches it"
	case a.Void() && a.Policy.Action == ActionAllow:
		return "allows nobody: what no other policy allows is refused"
	}
	if a.compiled.words != nil {
		return h.verb(a.Policy) + " " + few(a.compiled.words, "; and ")
	}
	var rules []string
	for i := range a.compiled.rules {
		rules = append(rules, fmt.Sprintf("rule %d", max(a.compiled.rules[i].number, 1)))
	}
	return h.verb(a.Policy) + " what " + few(rules, " and ") + " say"
}

func (h *Hop) voidEffect(p *mesh.AuthorizationPolicy) string {
	switch {
	case p.Action == ActionDeny:
		return "denies nothing: every rule asks for something that cannot match at " + h.here()
	case h.Enforcer == Ztunnel:
		return "allows nobody: every rule asks for HTTP, which ztunnel cannot see, and is dropped"
	}
	return "allows nobody: every rule asks for HTTP, which this port does not carry"
}

func (h *Hop) here() string {
	if h.Enforcer == Ztunnel {
		return "ztunnel"
	}
	return "the waypoint"
}

func (h *Hop) verb(p *mesh.AuthorizationPolicy) string {
	switch p.Action {
	case ActionDeny:
		return "denies"
	case ActionCustom:
		return fmt.Sprintf("asks the external authorizer %q about", p.Provider)
	}
	return "allows"
}

// rules describes the rules that can match here.
func (h *Hop) rules(a Attached) string {
	var out []string
	for i := range a.compiled.rules {
		r := &a.compiled.rules[i]
		if r.never() {
			continue
		}
		out = append(out, describeRule(&a.Policy.Rules[r.number-1], a.Policy.Namespace, h.Enforcer == Waypoint))
	}
	return few(out, "; and ")
}

// lost tells how many rules of a policy have no effect here.
func (h *Hop) lost(a Attached) string {
	held := 0
	for i := range a.compiled.rules {
		if !a.compiled.rules[i].never() {
			held++
		}
	}
	switch n := len(a.Policy.Rules) - held; n {
	case 0:
		return ""
	case 1:
		return "; 1 rule has no effect at " + h.here()
	default:
		return fmt.Sprintf("; %d rules have no effect at %s", n, h.here())
	}
}

func describeRule(r *mesh.AuthorizationRule, namespace string, l7 bool) string {
	var who, what []string
	for i := range r.From {
		who = appendUnlessEmpty(who, describeSource(&r.From[i], namespace, l7))
	}
	for i := range r.To {
		what = appendUnlessEmpty(what, describeOperation(&r.To[i], l7))
	}
	out := "any caller"
	if len(who) > 0 {
		out = few(who, ", or ")
	}
	if len(what) > 0 {
		out += ": " + few(what, ", or ")
	}
	for _, w := range r.When {
		if l7 || l4WhenKeys[w.Key] != nil {
			out += " when " + w.Key + describeValues(w)
		}
	}
	return out
}

func appendUnlessEmpty(list []string, s string) []string {
	if s == "" {
		return list
	}
	return append(list, s)
}

func describeSource(s *mesh.AuthorizationSource, namespace string, l7 bool) string {
	var who, not description
	add := func(prefix string, values, nots []string) {
		who.add(prefix, values, nil)
		not.add(prefix, nots, nil)
	}
	add("", shortAll(s.Principals, namespace), shortAll(s.NotPrincipals, namespace))
	add("namespace ", s.Namespaces, s.NotNamespaces)
	add("account ", s.ServiceAccounts, s.NotServiceAccounts)
	add("address ", s.IPBlocks, s.NotIPBlocks)
	if l7 {
		add("trust domain ", s.TrustDomains, s.NotTrustDomains)
		add("client address ", s.RemoteIPBlocks, s.NotRemoteIPBlocks)
		add("", tokens(s.RequestPrincipals), tokens(s.NotRequestPrincipals))
	}
	if len(not) == 0 {
		return strings.Join(who, " with ")
	}
	if len(who) == 0 {
		who = description{"any caller"}
	}
	return strings.Join(who, " with ") + " except " + strings.Join(not, " or ")
}

func tokens(values []string) []string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		if v == "*" {
			out = append(out, "any valid token")
			continue
		}
		out = append(out, "a token of "+v)
	}
	return out
}

func shortAll(principals []string, namespace string) []string {
	out := make([]string, 0, len(principals))
	for _, p := range principals {
		if p == "*" {
			out = append(out, "any identity")
			continue
		}
		out = append(out, ShortPrincipal(p, namespace))
	}
	return out
}

func describeOperation(op *mesh.AuthorizationOperation, l7 bool) string {
	var d description
	if l7 {
		d.add("", op.Methods, op.NotMethods)
		d.add("on ", op.Paths, op.NotPaths)
		d.add("at host ", op.Hosts, op.NotHosts)
	}
	d.add("on port ", op.Ports, op.NotPorts)
	return strings.Join(d, " ")
}

func describeValues(w mesh.AuthorizationCondition) string {
	var parts []string
	if len(w.Values) > 0 {
		parts = append(parts, few(w.Values, " or "))
	}
	if len(w.NotValues) > 0 {
		parts = append(parts, "not "+few(w.NotValues, " or "))
	}
	return " is " + list(parts)
}

// description collects the parts of a source or operation.
type description []string

func (d *description) add(prefix string, values, nots []string) {
	if len(values) > 0 {
		*d = append(*d, prefix+few(values, " or "))
	}
	if len(nots) > 0 {
		*d = append(*d, prefix+"other than "+few(nots, " or "))
	}
}

// few joins up to maxValues values and counts the rest.
func few(values []string, separator string) string {
	if len(values) <= maxValues {
		return strings.Join(values, separator)
	}
	return fmt.Sprintf("%s and %d more", strings.Join(values[:maxValues], separator), len(values)-maxValues)
}
