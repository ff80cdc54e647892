package views

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// NodeModel is one node.
type NodeModel struct {
	Name       string
	Tags       []HeadTag
	Line       NodeLine
	ZtunnelURL templ.SafeURL
	Kubelet    string
	Addresses  string
	BootID     string
	Conditions []ui.Condition
	Notices    []SourceNotice
	Table      ui.Table
	Pods       []NodePod
	Findings   []FindingCard
}

// NodePod is a pod on the node.
type NodePod struct {
	PodRow
	Namespace string
	Owner     ObjectLink
}

// NewNode builds the page of a node, and false if the snapshot has none of
// that name.
func NewNode(r *analysis.Report, name string, q Query) (NodeModel, bool) {
	n := r.Snap.Node(name)
	if n == nil {
		return NodeModel{}, false
	}
	line := newNodeLines(r, q).line(n)
	m := NodeModel{
		Name: name, Line: line, ZtunnelURL: q.Links().Ztunnel(name, "", ""), Tags: append(nodeTags(n), logsTag(q.Links(), LogsAsk{Node: name}, "of this node's ztunnel and istio-cni")), Kubelet: n.KubeletVersion, Addresses: strings.Join(n.InternalIPs, ", "), BootID: n.BootID,
		Conditions: nodeConditions(n), Notices: sourceNotices(r.Snap, mesh.ResourcePods), Pods: podsOnNode(r.Snap, q, name),
		Findings: findingCards(r, q, n.Ref()),
	}
	m.Table = ui.Table{
		ID: "pods", Caption: "Pods on " + name, Noun: "pods", Shown: len(m.Pods), Total: len(m.Pods),
		Columns: []ui.Column{{Label: "Pod"}, {Label: "Namespace"}, {Label: "Owner"}, {Label: "Asked for"}, {Label: "Claimed"}, {Label: "Why out"}},
	}
	return m, true
}

func nodeTags(n *mesh.Node) []HeadTag {
	tags := []HeadTag{readyTag(n.Ready)}
	if n.Unschedulable {
		tags = append(tags, HeadTag{Text: "unschedulable", Title: "no new pod is put here", Tone: ui.ToneWarn})
	}
	if zone := strings.Trim(n.Region+" "+n.Zone, " "); zone != "" {
		tags = append(tags, HeadTag{Text: zone, Title: "region and zone"})
	}
	return tags
}

func readyTag(f mesh.Fact) HeadTag {
	switch f {
	case mesh.FactYes:
		return HeadTag{Text: "ready", Tone: ui.ToneGood}
	case mesh.FactNo:
		return HeadTag{Text: "not ready", Tone: ui.ToneBad}
	}
	return HeadTag{Text: "readiness unknown", Tone: ui.ToneUnknown}
}

// nodeConditions judges what the kubelet says: only Ready is well when True,
// all others name a trouble.
func nodeConditions(n *mesh.Node) []ui.Condition {
	out := make([]ui.Condition, 0, len(n.Conditions))
	for _, c := range n.Conditions {
		well := c.Status == mesh.ConditionFalse
		if c.Type == "Ready" {
			well = c.Status == mesh.ConditionTrue
		}
		tone := ui.ToneBad
		switch {
		case well:
			tone = ui.ToneGood
		case c.Status == mesh.ConditionUnknown:
			tone = ui.ToneUnknown
		}
		out = append(out, ui.Condition{Condition: c, Tone: tone})
	}
	return out
}

func podsOnNode(s *mesh.Snapshot, q Query, node string) []NodePod {
	var out []NodePod
	for _, w := range s.OnNode(node) {
		if w.Finished() || !q.InScope(w.Namespace) {
			continue
		}
		e, owner := s.Enrolment(w), s.ControllerOf(w)
		out = append(out, NodePod{Namespace: w.Namespace, Owner: ObjectLink{Kind: owner.Kind, Name: owner.Name, URL: q.Links().Object(s, owner)}, PodRow: PodRow{
			ID: ui.ID("pod", w.Namespace, w.Name), Name: w.Name, URL: q.Links().Workload(w.Namespace, w.Name), Trouble: podTrouble(w),
			AskedFor: e.AskedFor, Claimed: e.Claimed, Out: outWords(e),
		}})
	}
	// Pods that are asked for and not captured are what one comes here for.
	slices.SortStableFunc(out, func(a, b NodePod) int { return missing(a) - missing(b) })
	return out
}

func missing(p NodePod) int {
	if p.AskedFor == mesh.FactYes && p.Claimed != mesh.FactYes {
		return 0
	}
	return 1
}
