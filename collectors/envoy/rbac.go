package envoy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

// What istiod calls the rules it makes (istio.md E; authz/builder/builder.go).
const (
	customRulePrefix = "istio-ext-authz-"
	customStatPrefix = "istio_ext_authz_"
)

// rawRBAC is the filter, which has the same fields for TCP and HTTP.
type rawRBAC struct {
	Rules                 jsontext.Value `json:"rules"`
	Matcher               jsontext.Value `json:"matcher"`
	ShadowRules           jsontext.Value `json:"shadow_rules"`
	ShadowMatcher         jsontext.Value `json:"shadow_matcher"`
	ShadowRulesStatPrefix string         `json:"shadow_rules_stat_prefix"`
}

type rawRules struct {
	Action   enum           `json:"action"`
	Policies jsontext.Value `json:"policies"`
}

// rbac reads the enforced and the shadow rules of a filter. For CUSTOM istiod
// turns them around: the shadow rules decide whether the authorizer is asked,
// and the others are those of policies in dry run.
func (d *decoding) rbac(config jsontext.Value, network bool) []mesh.EnvoyRBAC {
	raw := one[rawRBAC](d.walker, "RBAC filter", config)
	if raw == nil {
		return nil
	}
	custom := strings.HasPrefix(raw.ShadowRulesStatPrefix, customStatPrefix)
	var out []mesh.EnvoyRBAC
	if present(raw.Matcher) || present(raw.ShadowMatcher) {
		d.skip("RBAC filter with a matcher for rules")
	}
	if present(raw.Matcher) {
		out = append(out, mesh.EnvoyRBAC{Action: mesh.EnvoyRBACUnread, Network: network})
	}
	for _, set := range []struct {
		rules  jsontext.Value
		shadow bool
	}{{raw.Rules, custom}, {raw.ShadowRules, !custom}} {
		if !present(set.rules) {
			continue
		}
		rules := one[rawRules](d.walker, "RBAC rules", set.rules)
		if rules == nil {
			out = append(out, mesh.EnvoyRBAC{Action: mesh.EnvoyRBACUnread, Network: network, Shadow: set.shadow})
			continue
		}
		r := mesh.EnvoyRBAC{Action: rules.Action.or("ALLOW"), Policies: d.policies(rules.Policies), Network: network, Shadow: set.shadow}
		if custom {
			r.Action = "CUSTOM"
		}
		out = append(out, r)
	}
	return out
}

// policies are the keys of a map, which Envoy writes in no order and evaluates
// in that of their names.
func (d *decoding) policies(rules jsontext.Value) []mesh.EnvoyPolicyRule {
	var out []mesh.EnvoyPolicyRule
	members(d.walker, "RBAC policy", rules, func(name string, value *jsontext.Value) {
		out = append(out, d.policyRule(name, *value))
	})
	slices.SortFunc(out, func(a, b mesh.EnvoyPolicyRule) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// rawRBACPolicy has alternatives of each: one of both must match.
type rawRBACPolicy struct {
	Permissions      jsontext.Value `json:"permissions"`
	Principals       jsontext.Value `json:"principals"`
	Condition        jsontext.Value `json:"condition"`
	CheckedCondition jsontext.Value `json:"checked_condition"`
}

// policyRule reads one rule. An expression in CEL, which istiod never writes,
// makes it one that nobody here can evaluate.
func (d *decoding) policyRule(name string, value jsontext.Value) mesh.EnvoyPolicyRule {
	r := parseRule(name)
	raw := one[rawRBACPolicy](d.walker, "RBAC policy", value)
	if raw == nil {
		raw = &rawRBACPolicy{}
		r.Permissions = []mesh.EnvoyExpression{other("a rule of an unknown shape")}
	}
	r.Permissions = append(r.Permissions, d.expressions(raw.Permissions, 0)...)
	r.Principals = d.expressions(raw.Principals, 0)
	if present(raw.Condition) || present(raw.CheckedCondition) {
		d.skip("RBAC policy with a condition")
		r.Conditional = true
	}
	return r
}

// parseRule reads ns[NS]-policy[NAME]-rule[i] with istio-ext-authz-PROVIDER-
// before it for CUSTOM, of older releases without the provider, and nothing or a
// reason behind it.
func parseRule(name string) mesh.EnvoyPolicyRule {
	r := mesh.EnvoyPolicyRule{Name: name}
	rest := name
	if custom, ok := strings.CutPrefix(name, customRulePrefix); ok {
		provider, rule, ok := strings.Cut("-"+custom, "-ns[")
		if !ok {
			return r
		}
		r.Provider, rest = strings.TrimPrefix(provider, "-"), "ns["+rule
	}
	rest, ok := strings.CutPrefix(rest, "ns[")
	namespace, rest, ok1 := strings.Cut(rest, "]-policy[")
	policy, rest, ok2 := strings.Cut(rest, "]-rule[")
	index, _, ok3 := strings.Cut(rest, "]")
	n, err := strconv.Atoi(index)
	if !ok || !ok1 || !ok2 || !ok3 || err != nil || n < 0 {
		return r
	}
	r.Policy, r.Rule = mesh.Ref{Kind: "AuthorizationPolicy", Namespace: namespace, Name: policy}, n
	return r
}
