package views

import (
	"cmp"
	"slices"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// PoliciesModel is the posture of each namespace and every policy.
type PoliciesModel struct {
	Starting bool
	Notices  []SourceNotice
	Posture  []PostureRow
	Table    ui.Table
	Rows     []PolicyRow
	Empty    EmptyList
}

// PolicyRow is one policy in the list.
type PolicyRow struct {
	ID        string
	Link      ObjectLink
	Namespace string
	Action    string
	Places    []PolicyPlace
	Applies   string // "3 pods"
	// Condition is istiod's word on it, empty for none.
	Condition string
	Findings  FindingsCell
}

var policyKeys = []string{"ns", "name", "kind", "action", "enforced", "finding"}

// policyKinds are the kinds the page lives from.
var policyResources = []string{
	mesh.ResourceAuthorizationPolicies, mesh.ResourcePeerAuthentications, mesh.ResourceRequestAuthentications, mesh.ResourcePods, mesh.ResourceNamespaces,
}

// NewPolicies builds the page.
func NewPolicies(r *analysis.Report, q Query) PoliciesModel {
	if starting(r.Snap) {
		return PoliciesModel{Starting: true}
	}
	m := PoliciesModel{Notices: sourceNotices(r.Snap, policyResources...)}
	e := newEnforcement(r.Snap, q)
	m.Posture = postureRows(e)
	total := 0
	for _, sh := range r.Snap.Shards {
		if !q.InScope(sh.Namespace) {
			continue
		}
		for _, p := range policiesOf(sh) {
			total++
			if row := newPolicyRow(r, e, p); q.Filter.Match(row.fields) {
				m.Rows = append(m.Rows, row)
			}
		}
	}
	SortRows(m.Rows, q.Sort, policyOrders)
	m.Table = policiesTable(q, len(m.Rows), total)
	m.Table.Note = scopeNote(r.Snap)
	m.Table.Incomplete = incomplete(r.Snap, q, mesh.ResourceAuthorizationPolicies, mesh.ResourcePeerAuthentications, mesh.ResourceRequestAuthentications)
	m.Empty = EmptyList{"No policies", "Whoever can reach a pod or a waypoint may call it, with or without an identity."}.watched(r.Snap, q, "policies")
	if total > 0 {
		m.Empty = EmptyList{"No policy matches the filter", "Clear it to see all " + number(total) + "."}
	}
	return m
}

// policiesOf lists the policies of a namespace, those that admit or refuse
// first.
func policiesOf(sh *mesh.Shard) []mesh.Object {
	out := make([]mesh.Object, 0, len(sh.Authorizations)+len(sh.PeerAuths)+len(sh.RequestAuths))
	for _, p := range sh.Authorizations {
		out = append(out, p)
	}
	for _, p := range sh.PeerAuths {
		out = append(out, p)
	}
	for _, p := range sh.RequestAuths {
		out = append(out, p)
	}
	return out
}

var policyOrders = map[string]func(a, b PolicyRow) int{
	"name":     By(func(p PolicyRow) string { return p.Link.Name }),
	"ns":       By(func(p PolicyRow) string { return p.Namespace }),
	"kind":     By(func(p PolicyRow) string { return p.Link.Kind }),
	"action":   func(a, b PolicyRow) int { return cmp.Compare(a.Action, b.Action) },
	"findings": By(func(p PolicyRow) int { return p.Findings.Worst }),
}

func policiesTable(q Query, shown, total int) ui.Table {
	l, path := q.Links(), string(PagePolicies)
	return ui.Table{
		ID: "policies", Caption: "Policies and where they are enforced", Noun: "policies", Shown: shown, Total: total,
		Filter: l.FilterBox(path, q, policyKeys...),
		Columns: []ui.Column{
			l.Column(path, q, "name", "Policy", ""), l.Column(path, q, "ns", "Namespace", ""), l.Column(path, q, "action", "Action", ""),
			{Label: "Enforced at, and what it does there", Class: "wide"},
			{Label: "Applies to"},
			{Label: "istiod says", Hint: "the reason of its condition"},
			l.Column(path, q, "findings", "Findings", ""),
		},
	}
}

func newPolicyRow(r *analysis.Report, e *enforcement, o mesh.Object) PolicyRow {
	meta := o.Metadata()
	v := e.view(o)
	link := NewObjectLink(r.Snap, e.query, o.Ref())
	link.Name = meta.Name
	return PolicyRow{
		ID: ui.ID("policy", meta.Kind, meta.Namespace, meta.Name), Link: link, Namespace: meta.Namespace, Action: v.action,
		Places: v.places, Applies: v.applies, Condition: conditionReason(v.conditions), Findings: newFindingsCell(r.About(o.Ref())),
	}
}

// conditionReason is istiod's verdict in a word; the status alone says less.
func conditionReason(list mesh.Conditions) string {
	for _, typ := range []string{mesh.ConditionZtunnelAccepted, mesh.ConditionWaypointAccepted} {
		if c := list.Find(typ); c != nil {
			return string(c.Status) + ", " + c.Reason
		}
	}
	return ""
}

func (p *PolicyRow) fields(key string) ([]string, bool) {
	switch key {
	case "":
		return append([]string{p.Namespace + "/" + p.Link.Name, p.Link.Kind, p.Action}, p.enforcers()...), true
	case "ns":
		return []string{p.Namespace}, true
	case "name":
		return []string{p.Link.Name}, true
	case "kind":
		return []string{p.Link.Kind}, true
	case "action":
		return []string{p.Action}, true
	case "enforced":
		return p.enforcers(), true
	case "finding":
		return p.Findings.filterWords(), true
	}
	return nil, false
}

func (p *PolicyRow) enforcers() []string {
	var out []string
	for _, place := range p.Places {
		out = append(out, string(place.Enforcer))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
