package path

import (
	"slices"

	"github.com/waylight/waylight/mesh"
)

// drawing turns a plan into nodes and legs.
type drawing struct {
	plan  *plan
	opts  Options
	graph *Graph
	index map[string]int // node ID to its place in the graph
	// sources and destinations are the two columns of ztunnels.
	sources, destinations *ztunnelColumn
	looks                 map[string]*look // by node ID
}

func (d *drawing) draw() {
	d.index = make(map[string]int)
	d.sources = d.newColumn(StageSource, d.plan.sources)
	d.destinations = d.newColumn(StageDestination, d.plan.destinationNodes())
	entries := d.drawDestinations()
	d.drawCallers(entries)
	d.propagate()
	slices.SortStableFunc(d.graph.Nodes, func(a, b Node) int { return int(a.Stage) - int(b.Stage) })
}

// add puts a node into the graph; one of the same ID is kept.
func (d *drawing) add(n Node) string {
	if !d.drawn(n.ID) {
		n.Basis = Expected
		if n.State == "" {
			n.State = StateOK
		}
		d.index[n.ID] = len(d.graph.Nodes)
		d.graph.Nodes = append(d.graph.Nodes, n)
	}
	return n.ID
}

func (d *drawing) drawn(id string) bool {
	_, ok := d.index[id]
	return ok
}

// join adds a leg; between two nodes there is one at most.
func (d *drawing) join(l Leg) {
	for i := range d.graph.Legs {
		if have := &d.graph.Legs[i]; have.From == l.From && have.To == l.To {
			return
		}
	}
	if l.State == "" {
		l.State = StateOK
	}
	d.graph.Legs = append(d.graph.Legs, l)
}

// declaredNothing is the share of a leg no route speaks of.
const declaredNothing = -1

// propagate finds what is not reached: nodes to which only broken or unreached
// ones lead. Legs lead from a stage to a later one, so one pass in that order
// is enough.
func (d *drawing) propagate() {
	order := make([]int, len(d.graph.Nodes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(d.graph.Nodes[a].Stage) - int(d.graph.Nodes[b].Stage) })
	incoming := make(map[string][]*Leg)
	outgoing := make(map[string][]*Leg)
	for i := range d.graph.Legs {
		l := &d.graph.Legs[i]
		incoming[l.To] = append(incoming[l.To], l)
		outgoing[l.From] = append(outgoing[l.From], l)
	}
	for _, i := range order {
		n := &d.graph.Nodes[i]
		settle(n, incoming[n.ID])
		for _, l := range outgoing[n.ID] {
			if n.State == StateBad || n.State == StateNotReached {
				l.State = endedState(n, l)
			}
		}
	}
}

// settle marks a node no living leg leads to, and legs that end at a broken
// one. What no leg leads to at all is drawn beside the line.
func settle(n *Node, incoming []*Leg) {
	if len(incoming) == 0 {
		return
	}
	alive := slices.ContainsFunc(incoming, func(l *Leg) bool { return l.State != StateBad && l.State != StateNotReached })
	if !alive {
		n.State, n.Code = StateNotReached, ""
		return
	}
	for _, l := range incoming {
		if n.State == StateBad && l.State == StateOK {
			l.State = StateBad
		}
	}
}

// endedState is what becomes of a leg behind a broken node; a refused caller's
// own leg is the refusal and stays.
func endedState(n *Node, l *Leg) State {
	if n.Stage == StageCaller && l.State == StateBad {
		return StateBad
	}
	return StateNotReached
}

// refOf is an owner as a page can link it, zero for none.
func refOf(owners []mesh.Ref) mesh.Ref {
	if len(owners) == 1 {
		return owners[0]
	}
	return mesh.Ref{}
}
