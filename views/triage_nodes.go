package views

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// DataPlane is the state of what carries traffic on each node.
type DataPlane struct {
	// Summary counts all nodes; Rows show the worst first, at most rowsShown.
	Summary string
	Rows    []NodeRow
	More    int
	All     templ.SafeURL
	// Unknown says why nothing is known of the nodes; empty when it is.
	Unknown string
	// Proxies say how far what proxies have was read.
	Proxies []ProxyReads
}

// NodeRow is one node.
type NodeRow struct {
	ID       string
	Name     string
	URL      templ.SafeURL
	Ztunnel  mesh.Fact
	CNI      mesh.Fact
	Captured string
	// Needed is set where a component is missing and pods depend on it, because
	// they are captured or ask to be: an outage, and no choice.
	Needed bool
}

const rowsShown = 12

func newDataPlane(s *mesh.Snapshot, l Links) DataPlane {
	d := DataPlane{All: l.Page(PageNodes), Proxies: newProxyReads(s, s.Sources)}
	if !s.Readable(mesh.ResourceNodes, "") {
		d.Unknown = "Nodes could not be read: " + s.Sources.Kind(mesh.ResourceNodes).Detail
		return d
	}
	faultless := 0
	for _, n := range s.Nodes {
		row := newNodeRow(s, l, n)
		if row.faultless() {
			faultless++
		}
		d.Rows = append(d.Rows, row)
	}
	slices.SortStableFunc(d.Rows, func(a, b NodeRow) int { return cmp.Compare(a.rank(), b.rank()) })
	unknown := unreadable(s, mesh.ResourcePods, "") != ""
	d.Summary = fmt.Sprintf("%d of %s without fault", faultless, plural(len(d.Rows), "node"))
	if unknown {
		d.Summary = plural(len(d.Rows), "node") + ", not all of their pods are known"
	}
	if len(d.Rows) > rowsShown {
		d.Rows, d.More = d.Rows[:rowsShown], len(d.Rows)-rowsShown
	}
	for i := range d.Rows {
		d.Rows[i].Captured = fmt.Sprintf("%d captured", captured(s, d.Rows[i].Name))
		if unknown {
			d.Rows[i].Captured = "captured: unknown"
		}
	}
	return d
}

// newNodeRow leaves Captured to be filled in for rows that are shown: counting
// pods is what costs on a large mesh.
func newNodeRow(s *mesh.Snapshot, l Links, n *mesh.Node) NodeRow {
	row := NodeRow{
		ID: ui.ID("node", n.Name), Name: n.Name, URL: l.Node(n.Name),
		Ztunnel: componentReady(s, s.Ztunnels(n.Name)), CNI: componentReady(s, s.CNINodes(n.Name)),
	}
	if row.Ztunnel == mesh.FactNo || row.CNI == mesh.FactNo {
		row.Needed = needed(s, n.Name)
	}
	return row
}

// faultless tells that nothing is wrong or unknown. A node without ztunnel on
// which nothing needs it is as somebody wanted it.
func (r NodeRow) faultless() bool {
	known := r.Ztunnel != mesh.FactUnknown && r.CNI != mesh.FactUnknown
	return known && !r.Needed
}

// rank orders rows: faults and what is unknown first.
func (r NodeRow) rank() int {
	if r.faultless() {
		return 1
	}
	return 0
}

// componentReady tells whether one of a node's component pods is ready. That
// there is none means something only where all pods are known.
func componentReady(s *mesh.Snapshot, pods []*mesh.Workload) mesh.Fact {
	if mesh.ReadyPod(pods) != nil {
		return mesh.FactYes
	}
	if len(pods) == 0 && !s.Readable(mesh.ResourcePods, "") {
		return mesh.FactUnknown
	}
	return mesh.FactNo
}

// needed tells that a running pod of a node is captured or asks for the mesh.
func needed(s *mesh.Snapshot, node string) bool {
	for _, sh := range s.Shards {
		for _, w := range sh.OnNode(node) {
			if !w.Running() {
				continue
			}
			if e := s.Enrolment(w); w.Captured() || e.Exempt == mesh.ExemptNone && e.AskedFor == mesh.FactYes {
				return true
			}
		}
	}
	return false
}

// captured counts the running pods of a node whose traffic is redirected.
func captured(s *mesh.Snapshot, node string) int {
	n := 0
	for _, sh := range s.Shards {
		for _, w := range sh.OnNode(node) {
			if w.Captured() && !w.Finished() {
				n++
			}
		}
	}
	return n
}
