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
}

// NodeRow is one node.
type NodeRow struct {
	ID       string
	Name     string
	URL      templ.SafeURL
	Ztunnel  mesh.Fact
	CNI      mesh.Fact
	Captured string
	// Needed tells that pods there depend on ztunnel, so that its absence is
	// an outage and not a choice.
	Needed bool
}

const rowsShown = 12

func newDataPlane(s *mesh.Snapshot, l Links) DataPlane {
	d := DataPlane{All: l.Page(PageNodes)}
	if !s.Readable(mesh.ResourceNodes, "") {
		d.Unknown = "Nodes could not be read: " + s.Sources.Kind(mesh.ResourceNodes).Detail
		return d
	}
	captured := capturedByNode(s)
	ready := 0
	for _, n := range s.Nodes {
		row := newNodeRow(s, l, n, captured[n.Name])
		if row.rank() > 0 {
			ready++
		}
		d.Rows = append(d.Rows, row)
	}
	slices.SortStableFunc(d.Rows, func(a, b NodeRow) int { return cmp.Compare(a.rank(), b.rank()) })
	d.Summary = fmt.Sprintf("%d of %s without fault", ready, plural(len(d.Rows), "node"))
	if len(d.Rows) > rowsShown {
		d.Rows, d.More = d.Rows[:rowsShown], len(d.Rows)-rowsShown
	}
	return d
}

func newNodeRow(s *mesh.Snapshot, l Links, n *mesh.Node, captured int) NodeRow {
	return NodeRow{
		ID: ui.ID("node", n.Name), Name: n.Name, URL: l.Node(n.Name), Needed: captured > 0,
		Ztunnel: componentReady(s, s.Ztunnels(n.Name)), CNI: componentReady(s, s.CNINodes(n.Name)),
		Captured: fmt.Sprintf("%d captured", captured),
	}
}

// rank orders rows: outages first, then what is unknown, then the rest.
func (r NodeRow) rank() int {
	switch {
	case r.Needed && (r.Ztunnel == mesh.FactNo || r.CNI == mesh.FactNo):
		return 0
	case r.Ztunnel == mesh.FactUnknown || r.CNI == mesh.FactUnknown:
		return 0
	}
	return 1
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

// capturedByNode counts the running pods whose traffic is redirected.
func capturedByNode(s *mesh.Snapshot) map[string]int {
	out := make(map[string]int, len(s.Nodes))
	for _, sh := range s.Shards {
		for _, w := range sh.Workloads {
			if w.Node != "" && w.Captured() && !w.Finished() {
				out[w.Node]++
			}
		}
	}
	return out
}
