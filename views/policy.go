package views

import (
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// PolicyModel is one policy.
type PolicyModel struct {
	Kind, Namespace, Name, Crumb string
	Tags                         []HeadTag
	// Says is the policy as a whole in one sentence.
	Says       string
	Places     []PolicyPlace
	Applies    string
	Selector   string // "" for none
	Targets    []string
	Rules      []RuleText
	Pods       []ObjectLink
	MorePods   int
	Conditions []ui.Condition
	ChangedBy  mesh.Change
	Findings   []FindingCard
}

// RuleText is one rule in words: every part must hold.
type RuleText struct {
	Number string
	// Parts are the clauses; none means that the rule matches every call.
	Parts []RulePart
	// Unseen are fields that a ztunnel does not support, for a policy that is
	// sent to one.
	Unseen string
}

// RulePart is one clause of a rule with its alternatives, of which one must
// hold.
type RulePart struct {
	Name string // "from", "to", "when"
	// Any are alternatives; each is a list of conditions that all must hold.
	Any [][]RuleFact
}

// podsNamed is how many pods a policy's page lists.
const podsNamed = 50

// NewPolicy builds the page of a policy, and false if the snapshot holds none.
// kind is as it stands in the address, in lower case.
func NewPolicy(r *analysis.Report, kind, namespace, name string, q Query) (PolicyModel, bool) {
	o := findPolicy(r.Snap, kind, namespace, name)
	if o == nil {
		return PolicyModel{}, false
	}
	e := newEnforcement(r.Snap, q)
	v := e.view(o)
	m := PolicyModel{
		Kind: o.Ref().Kind, Namespace: namespace, Name: name, Crumb: namespace + " / policies", Places: v.places, Applies: v.applies,
		Tags: []HeadTag{{Text: o.Ref().Kind}, {Text: v.action}}, Rules: policyRules(o), Says: policySays(o),
		ChangedBy: o.Metadata().SpecChange, Findings: findingCards(r, q, o.Ref()),
	}
	if v.selector != nil {
		m.Selector = selectorWords(v.selector)
	}
	for _, t := range v.targets {
		m.Targets = append(m.Targets, strings.TrimSpace(t.Kind+" "+t.Name))
	}
	if len(v.targets) == 0 {
		m.listPods(e, q, e.selected(namespace, v.selector))
	}
	for i := range v.conditions {
		m.Conditions = append(m.Conditions, policyCondition(&v.conditions[i], v, o.Metadata().Generation))
	}
	return m, true
}

func (m *PolicyModel) listPods(e *enforcement, q Query, pods []*mesh.Workload) {
	for i, w := range pods {
		if i == podsNamed {
			m.MorePods = len(pods) - podsNamed
			return
		}
		m.Pods = append(m.Pods, NewObjectLink(e.snap, q, w.Ref()))
	}
}

func findPolicy(s *mesh.Snapshot, kind, namespace, name string) mesh.Object {
	for _, o := range policiesOf(s.Shard(namespace)) {
		if strings.EqualFold(o.Ref().Kind, kind) && o.Ref().Name == name {
			return o
		}
	}
	return nil
}

// policyCondition takes istiod's word for what the spec says of it: Accepted
// does not mean that the policy does anything (istio.md C.2).
func policyCondition(c *mesh.Condition, v policyView, generation int64) ui.Condition {
	out := ui.Condition{Condition: *c, Stale: outdated(c, generation), Tone: toneWhen(c, mesh.ConditionTrue)}
	if out.Tone != ui.ToneGood {
		return out
	}
	i := slices.IndexFunc(v.places, func(p PolicyPlace) bool { return p.Tone == ui.ToneBad || p.Tone == ui.ToneWarn })
	switch {
	case i >= 0:
		out.Tone, out.Note = ui.ToneWarn, "Accepted, and all the same: "+v.places[i].Effect+"."
	case c.Reason != "Accepted":
		out.Tone = ui.ToneWarn
	}
	return out
}

// policySays is the sentence that is right about the policy whatever its rules
// are.
func policySays(o mesh.Object) string {
	switch p := o.(type) {
	case *mesh.PeerAuthentication:
		return "Sets what mTLS the ztunnel before a pod asks of callers: " + strings.ToUpper(orWord(p.Mode, authz.ModeUnset)) + ". It means nothing at a waypoint, which takes nothing but mTLS."
	case *mesh.RequestAuthentication:
		return "Says which tokens are valid. It " + tokenWords(p) + "."
	case *mesh.AuthorizationPolicy:
		return authorizationSays(p)
	}
	return ""
}

func authorizationSays(p *mesh.AuthorizationPolicy) string {
	action := orWord(p.Action, authz.ActionAllow)
	switch {
	case action == authz.ActionAllow && len(p.Rules) == 0:
		return "ALLOW without rules: it admits nobody, and so refuses whatever no other ALLOW policy admits."
	case action == authz.ActionAllow:
		return "ALLOW: a call that matches one rule is admitted; what no ALLOW policy admits is refused."
	case action == authz.ActionDeny && len(p.Rules) == 0:
		return "DENY without rules: it refuses nothing."
	case action == authz.ActionDeny:
		return "DENY: a call that matches one rule is refused, whatever other policies say."
	case action == authz.ActionCustom:
		return "CUSTOM: a request that matches one rule is put to the external authorizer " + orWord(p.Provider, "(none named)") + "."
	}
	return "AUDIT: it only marks requests for logging."
}
