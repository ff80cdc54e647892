package path

import (
	"fmt"
	"maps"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// ztunnelColumn is the cards for the ztunnels of several nodes: one each, or
// where they are many one for all that run and one for all that are missing.
type ztunnelColumn struct {
	drawing *drawing
	stage   Stage
	nodes   []string
	grouped bool
	missing int
}

func (d *drawing) newColumn(stage Stage, nodes []string) *ztunnelColumn {
	c := &ztunnelColumn{drawing: d, stage: stage, nodes: nodes, grouped: len(nodes) > d.opts.maxCards()}
	for _, n := range nodes {
		if d.plan.ztunnelMissing(n) {
			c.missing++
		}
	}
	return c
}

func (c *ztunnelColumn) side() string {
	if c.stage == StageSource {
		return "On the client side"
	}
	return "On the destination side"
}

func (c *ztunnelColumn) prefix() string {
	if c.stage == StageSource {
		return "source"
	}
	return "destination"
}

// id is the card a node's ztunnel is on.
func (c *ztunnelColumn) id(node string) string {
	switch {
	case !c.grouped:
		return key(c.prefix(), "node", node)
	case c.drawing.plan.ztunnelMissing(node):
		return key(c.prefix(), "missing")
	}
	return key(c.prefix(), "ready")
}

// card draws the ztunnel of a node, or the group it is in.
func (c *ztunnelColumn) card(node string) Node {
	p := c.drawing.plan
	n := Node{ID: c.id(node), Stage: c.stage}
	pod := mesh.ReadyPod(p.snap.Ztunnels(node))
	switch {
	case p.ztunnelMissing(node):
		n.State, n.Code, n.Title, n.Lines = StateBad, codeZtunnelMissing, "no ztunnel", []string{node}
		n.Explain = fmt.Sprintf("Node %s has no ready ztunnel: captured pods there can neither call nor be called.", node)
		n.Ref = mesh.Ref{Kind: "Node", Name: node}
		if c.grouped {
			n.Title, n.Lines, n.Ref = "no ztunnel on "+count(c.missing, "node"), nil, mesh.Ref{}
			n.Explain = fmt.Sprintf("%s: %s.", c.side(), n.Title)
		}
	case c.grouped:
		n.Title = "ztunnel on " + count(len(c.nodes)-c.missing, "node")
		n.Explain = fmt.Sprintf("%s: %s.", c.side(), n.Title)
	case pod == nil:
		n.State, n.Title, n.Lines = StateUnknown, "ztunnel", []string{node}
		n.Explain = fmt.Sprintf("Whether node %s has a ztunnel is unknown: its pods were not readable.", node)
	default:
		n.Title, n.Lines, n.Ref = pod.Name, []string{node}, pod.Ref()
		n.Explain = fmt.Sprintf("%s, %s on %s.", c.side(), pod.Name, node)
	}
	return n
}

// sourceNodes are the nodes of captured callers that the first hop lets on;
// where it lets none on, of all captured callers.
func (p *plan) sourceNodes() []string {
	seen := p.newNodeSet()
	someone := p.anyAdmittedAtFirst()
	for i := range p.callers {
		c := &p.callers[i]
		if c.Entry == EntryZtunnel && (!someone || c.admittedAtFirst()) && seen.addAll(c.Pods) {
			break
		}
	}
	return seen.sorted()
}

func (p *plan) anyAdmittedAtFirst() bool {
	for i := range p.callers {
		if c := &p.callers[i]; c.Entry != EntryNone && c.admittedAtFirst() {
			return true
		}
	}
	return false
}

// destinationNodes are the nodes of captured backends.
func (p *plan) destinationNodes() []string {
	seen := p.newNodeSet()
	for _, b := range p.served() {
		if b.entrance == throughZtunnel {
			seen.add(b.node)
		}
	}
	return seen.sorted()
}

// nodeSet collects the nodes of pods. Callers can be all pods of the mesh, so
// it tells when every node is in it and no more need be looked at.
type nodeSet struct {
	nodes map[string]bool
	all   int
}

func (p *plan) newNodeSet() nodeSet {
	return nodeSet{nodes: make(map[string]bool), all: len(p.snap.Nodes)}
}

// add leaves pods out that are on no node yet.
func (s nodeSet) add(node string) {
	if node != "" && !s.nodes[node] {
		s.nodes[node] = true
	}
}

// addAll tells whether all nodes of the cluster are in.
func (s nodeSet) addAll(pods []*mesh.Workload) (full bool) {
	for _, w := range pods {
		s.add(w.Node)
	}
	return s.all > 0 && len(s.nodes) >= s.all
}

func (s nodeSet) sorted() []string { return slices.Sorted(maps.Keys(s.nodes)) }
