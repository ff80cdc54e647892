package views

import (
	"cmp"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// NodesModel is the list of nodes.
type NodesModel struct {
	Starting bool
	Notices  []SourceNotice
	Table    ui.Table
	Rows     []NodeLine
	Empty    EmptyList
}

// NodeLine is one node with what carries traffic on it.
type NodeLine struct {
	ID, Name string
	URL      templ.SafeURL
	Ready    mesh.Fact
	Ztunnel  Component
	CNI      Component
	// Needed tells that pods there depend on ztunnel, so that its absence is an
	// outage and not a choice.
	Needed   bool
	AskedFor CountCell
	Captured CountCell
	Zone     string
	Findings FindingsCell
	captured int
}

// Component is ztunnel or istio-cni on a node.
type Component struct {
	Ready    mesh.Fact
	Versions string // of its pods, by image tag
	Pods     []ObjectLink
	Restarts int32
	Trouble  string // why it is not ready; empty if it is
}

var nodeKeys = []string{"name", "zone", "ready", "ztunnel", "cni", "finding"}

// NewNodes builds the list.
func NewNodes(r *analysis.Report, q Query) NodesModel {
	if starting(r.Snap) {
		return NodesModel{Starting: true}
	}
	m := NodesModel{Notices: sourceNotices(r.Snap, mesh.ResourceNodes, mesh.ResourcePods)}
	b := newNodeLines(r, q)
	for _, n := range r.Snap.Nodes {
		if line := b.line(n); q.Filter.Match(line.fields) {
			m.Rows = append(m.Rows, line)
		}
	}
	SortRows(m.Rows, q.Sort, nodeOrders)
	m.Table = nodesTable(q, len(m.Rows), len(r.Snap.Nodes))
	m.Table.Note, m.Table.Incomplete = scopeNote(r.Snap), !r.Snap.Readable(mesh.ResourceNodes, "")
	m.Empty = EmptyList{"No nodes", "The cluster has no machine that pods could run on."}
	if len(r.Snap.Nodes) > 0 {
		m.Empty = EmptyList{"No node matches the filter", "Clear it to see all " + number(len(r.Snap.Nodes)) + "."}
	}
	return m
}

var nodeOrders = map[string]func(a, b NodeLine) int{
	"name":     By(func(n NodeLine) string { return n.Name }),
	"ztunnel":  func(a, b NodeLine) int { return cmp.Compare(a.Ztunnel.Ready, b.Ztunnel.Ready) },
	"cni":      func(a, b NodeLine) int { return cmp.Compare(a.CNI.Ready, b.CNI.Ready) },
	"captured": By(func(n NodeLine) int { return n.captured }),
	"findings": By(func(n NodeLine) int { return n.Findings.Worst }),
}

func nodesTable(q Query, shown, total int) ui.Table {
	l, path := q.Links(), string(PageNodes)
	return ui.Table{
		ID: "nodes", Caption: "Nodes and the data plane on them", Noun: "nodes", Shown: shown, Total: total,
		Filter: l.FilterBox(path, q, nodeKeys...),
		Columns: []ui.Column{
			l.Column(path, q, "name", "Node", ""),
			{Label: "Ready"},
			l.Column(path, q, "ztunnel", "ztunnel", ""), l.Column(path, q, "cni", "istio-cni", ""),
			{Label: "Pods asked for", Hint: "running pods that the labels select for the mesh"},
			withHint(l.Column(path, q, "captured", "Pods captured", ""), "claimed by istio-cni's annotation"),
			{Label: "Zone"},
			l.Column(path, q, "findings", "Findings", ""),
		},
	}
}

func (n *NodeLine) fields(key string) ([]string, bool) {
	switch key {
	case "":
		return []string{n.Name, n.Zone, n.Ztunnel.Versions, n.CNI.Versions}, true
	case "name":
		return []string{n.Name}, true
	case "zone":
		return []string{orWord(n.Zone, "none")}, true
	case "ready":
		return []string{string(n.Ready)}, true
	case "ztunnel":
		return []string{string(n.Ztunnel.Ready)}, true
	case "cni":
		return []string{string(n.CNI.Ready)}, true
	case "finding":
		return n.Findings.filterWords(), true
	}
	return nil, false
}

// nodeLines builds the lines; the pods of all nodes are counted once.
type nodeLines struct {
	report          *analysis.Report
	snap            *mesh.Snapshot
	query           Query
	asked, captured map[string]int
	unknown         string // why pods are not all known
}

func newNodeLines(r *analysis.Report, q Query) *nodeLines {
	b := &nodeLines{report: r, snap: r.Snap, query: q, asked: make(map[string]int), captured: make(map[string]int)}
	b.unknown = unreadable(r.Snap, mesh.ResourcePods, "")
	for _, sh := range r.Snap.Shards {
		for _, w := range sh.Workloads {
			if w.Node == "" || !w.Running() {
				continue
			}
			if e := r.Snap.Enrolment(w); e.Exempt == mesh.ExemptNone && e.AskedFor == mesh.FactYes {
				b.asked[w.Node]++
			}
			if w.Captured() {
				b.captured[w.Node]++
			}
		}
	}
	return b
}

func (b *nodeLines) line(n *mesh.Node) NodeLine {
	line := NodeLine{
		ID: ui.ID("node", n.Name), Name: n.Name, URL: b.query.Links().Node(n.Name), Ready: n.Ready, Zone: n.Zone,
		Ztunnel: b.component(b.snap.Ztunnels(n.Name)), CNI: b.component(b.snap.CNINodes(n.Name)),
		Needed: b.asked[n.Name]+b.captured[n.Name] > 0, captured: b.captured[n.Name],
		AskedFor: wordCell(number(b.asked[n.Name])), Captured: wordCell(number(b.captured[n.Name])),
		Findings: newFindingsCell(b.report.About(n.Ref())),
	}
	if b.unknown != "" {
		line.AskedFor, line.Captured = unknownCell(b.unknown), unknownCell(b.unknown)
	} else if b.captured[n.Name] < b.asked[n.Name] {
		line.Captured.Tone = ui.ToneWarn
	}
	return line
}

func (b *nodeLines) component(pods []*mesh.Workload) Component {
	c := Component{Ready: componentReady(b.snap, pods)}
	var versions []string
	for _, p := range pods {
		c.Pods = append(c.Pods, ObjectLink{Kind: "Pod", Name: p.Name, URL: b.query.Links().Workload(p.Namespace, p.Name)})
		c.Restarts += p.Restarts()
		versions = addOnce(versions, podVersion(p))
		if c.Trouble == "" {
			c.Trouble = podTrouble(p)
		}
	}
	slices.Sort(versions)
	c.Versions = strings.Join(versions, ", ")
	switch {
	case c.Ready == mesh.FactYes:
		c.Trouble = ""
	case c.Ready == mesh.FactNo && len(pods) == 0:
		c.Trouble = "no pod"
	}
	return c
}

// podVersion is the image tag of a component's proxy or agent container.
func podVersion(w *mesh.Workload) string {
	for i := range w.Containers {
		if v := imageTag(w.Containers[i].Image); v != "" {
			return v
		}
	}
	return "version unknown"
}

// imageTag cuts the tag out of an image reference; empty for one that has
// none, such as one named by digest alone.
func imageTag(image string) string {
	image, _, _ = strings.Cut(image, "@")
	name := image[strings.LastIndex(image, "/")+1:]
	_, tag, _ := strings.Cut(name, ":")
	return tag
}
