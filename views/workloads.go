package views

import (
	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// WorkloadsModel is the list of workloads by what people deploy.
type WorkloadsModel struct {
	Starting bool
	Notices  []SourceNotice
	Table    ui.Table
	Groups   []WorkloadGroup
	// ListPods tells that each group's pods are listed under it; in a long
	// list they are left to the page of one owner.
	ListPods bool
	Empty    EmptyList
}

// WorkloadGroup is an owner with its pods.
type WorkloadGroup struct {
	ID        string
	Owner     ObjectLink // leads to the list of its pods
	Namespace string
	// Pods are listed where the list is short; a pod that is alone always is.
	Pods     []PodRow
	Ready    CountCell
	AskedFor FactTally
	Claimed  FactTally
	Seen     FactTally
	Proven   FactTally
	Nodes    string
	Identity string
	// Out says why pods are not captured, one reason each; empty when all are.
	Out      []string
	Findings FindingsCell
}

// PodRow is one pod or WorkloadEntry of a group.
type PodRow struct {
	ID, Namespace, Name string
	URL                 templ.SafeURL
	Ready               mesh.Fact
	Trouble             string // why it is not ready; empty if it is
	Identity            string
	Findings            FindingsCell
	Node                ObjectLink
	AskedFor            mesh.Fact
	Claimed             mesh.Fact
	Seen                mesh.Fact
	Proven              mesh.Fact
	Out                 string
}

// podsListed is how many pods a list shows one by one.
const podsListed = 300

var workloadKeys = []string{"ns", "name", "owner", "kind", "node", "account", "ip", "asked", "claimed", "exempt", "finding"}

// NewWorkloads builds the list.
func NewWorkloads(r *analysis.Report, q Query) WorkloadsModel {
	if starting(r.Snap) {
		return WorkloadsModel{Starting: true}
	}
	m := WorkloadsModel{Notices: sourceNotices(r.Snap, mesh.ResourcePods, mesh.ResourceWorkloadEntries, mesh.ResourceNamespaces)}
	b := &workloadGroups{report: r, snap: r.Snap, query: q, links: q.Links(), at: make(map[mesh.Ref]int)}
	for _, sh := range r.Snap.Shards {
		if q.InScope(sh.Namespace) {
			b.addShard(sh)
		}
	}
	m.Groups, m.ListPods = b.finish(), b.listPods()
	SortRows(m.Groups, q.Sort, workloadOrders)
	m.Table = workloadsTable(q, b.shown, b.total)
	m.Table.Note = orWord(scopeNote(r.Snap), plural(len(m.Groups), "owner"))
	m.Table.Incomplete = incomplete(r.Snap, q, mesh.ResourcePods, mesh.ResourceWorkloadEntries)
	m.Empty = emptyWorkloads(q, b.total)
	if b.total == 0 {
		m.Empty = m.Empty.watched(r.Snap, q, "workloads")
	}
	return m
}

var workloadOrders = map[string]func(a, b WorkloadGroup) int{
	"name":     By(func(g WorkloadGroup) string { return g.Owner.Name }),
	"ns":       By(func(g WorkloadGroup) string { return g.Namespace }),
	"ready":    By(func(g WorkloadGroup) int { return g.Ready.Ready }),
	"claimed":  By(func(g WorkloadGroup) int { return g.Claimed.rank() }),
	"findings": By(func(g WorkloadGroup) int { return g.Findings.Worst }),
}

func workloadsTable(q Query, shown, total int) ui.Table {
	l, path := q.Links(), string(PageWorkloads)
	return ui.Table{
		ID: "workloads", Caption: "Workloads by owner", Noun: "workloads", Shown: shown, Total: total,
		Filter: l.FilterBox(path, q, workloadKeys...),
		Columns: []ui.Column{
			l.Column(path, q, "name", "Workload", ""),
			l.Column(path, q, "ns", "Namespace", ""),
			l.Column(path, q, "ready", "Ready", ""),
			{Label: "Asked for", Hint: "the labels select it, by istio-cni's own selector"},
			withHint(l.Column(path, q, "claimed", "Claimed", ""), "istio-cni wrote its annotation"),
			{Label: "Seen", Hint: "the node's ztunnel has it"},
			{Label: "Proven", Hint: "a connection of it was counted or logged"},
			{Label: "Node"},
			{Label: "Identity"},
			{Label: "Why out"},
			l.Column(path, q, "findings", "Findings", ""),
		},
	}
}

func withHint(c ui.Column, hint string) ui.Column {
	c.Hint = hint
	return c
}

func emptyWorkloads(q Query, total int) EmptyList {
	if total > 0 {
		return EmptyList{"No workload matches the filter", "Clear it to see all " + number(total) + "."}
	}
	if q.Namespace != "" {
		return EmptyList{"No workload in namespace " + q.Namespace, "Nothing runs there, and nothing is registered by a WorkloadEntry."}
	}
	return EmptyList{"No workloads", "Nothing runs in this cluster."}
}
