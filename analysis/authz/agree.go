package authz

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// ZtunnelAgrees compares the rules a ztunnel has in memory with those istiod
// makes of a policy for it, whatever the order of rules, clauses, matches and
// values. It is unknown where the ztunnel has a field or value that nobody here
// knows, or the policy one that older releases of istiod do not convert.
func ZtunnelAgrees(p *mesh.AuthorizationPolicy, loaded *mesh.ZtunnelPolicy) mesh.Fact {
	declared, idle := forZtunnel(p)
	if idle != "" {
		return mesh.FactUnknown
	}
	held := compileLoaded(loaded, origin{ref: p.Ref()})
	switch {
	case slices.Equal(spelledRules(declared), spelledRules(held)):
		return mesh.FactYes
	case hasUnknowable(held) || namesAccounts(p):
		return mesh.FactUnknown
	}
	return mesh.FactNo
}

// DescribeForZtunnel says what istiod makes of a policy for ztunnel, and
// DescribeLoaded what a ztunnel has of one: "2 rules: …", in the same words.
func DescribeForZtunnel(p *mesh.AuthorizationPolicy) string {
	declared, _ := forZtunnel(p)
	var words []string
	if declared != nil {
		for i := range declared.rules {
			words = append(words, describeRule(&p.Rules[declared.rules[i].number-1], p.Namespace, false))
		}
	}
	return ruleList(words)
}

// DescribeLoaded is described at DescribeForZtunnel.
func DescribeLoaded(p *mesh.ZtunnelPolicy) string {
	var words []string
	for _, r := range p.Rules {
		words = append(words, describeLoaded(r, p.Namespace))
	}
	return ruleList(words)
}

func ruleList(words []string) string {
	switch len(words) {
	case 0:
		return "no rules"
	case 1:
		return "1 rule: " + words[0]
	}
	return fmt.Sprintf("%d rules: %s", len(words), few(words, "; and "))
}

// spelledRules writes each rule so that the order of what is ORed or ANDed in it
// does not count.
func spelledRules(p *policy) []string {
	out := make([]string, 0, len(p.rules))
	for i := range p.rules {
		var clauses []string
		for _, cl := range p.rules[i].clauses {
			var alternatives []string
			for j := range cl {
				alternatives = append(alternatives, spelledAlternative(&cl[j]))
			}
			clauses = append(clauses, spelledSet(alternatives, " or "))
		}
		out = append(out, spelledSet(clauses, " and "))
	}
	slices.Sort(out)
	return out
}

func spelledAlternative(a *alternative) string {
	if a.void {
		return "never"
	}
	var fields []string
	for _, f := range a.fields {
		if len(f.values)+len(f.nots) > 0 {
			fields = append(fields, spelledConditions(f.values)+" but "+spelledConditions(f.nots))
		}
	}
	return spelledSet(fields, " with ")
}

func spelledConditions(list []condition) string {
	var out []string
	for _, c := range list {
		out = append(out, spelledCondition(c))
	}
	return spelledSet(out, ", ")
}

// spelledCondition is a condition with its kind and value.
func spelledCondition(c condition) string {
	switch c := c.(type) {
	case sourceIn:
		return "from " + c.block.String()
	case destinationIn:
		return "to " + c.block.String()
	}
	return fmt.Sprintf("%T %+v", c, c)
}

func spelledSet(words []string, separator string) string {
	slices.Sort(words)
	return "(" + strings.Join(slices.Compact(words), separator) + ")"
}

func hasUnknowable(p *policy) bool {
	found := false
	p.conditions(func(c condition) {
		if _, is := c.(unknowable); is {
			found = true
		}
	})
	return found
}

// namesAccounts tells of serviceAccounts, which istiod converts from 1.25 on.
func namesAccounts(p *mesh.AuthorizationPolicy) bool {
	return slices.ContainsFunc(p.Rules, func(r mesh.AuthorizationRule) bool {
		return slices.ContainsFunc(r.From, func(s mesh.AuthorizationSource) bool { return len(s.ServiceAccounts)+len(s.NotServiceAccounts) > 0 })
	})
}
