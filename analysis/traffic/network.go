package traffic

import (
	"maps"
	"slices"
)

// flows are what was measured somewhere. complete tells that whoever counts
// there was read, so that nothing means that there was nothing.
type flows[F comparable] struct {
	list     []F
	complete bool
}

// network finds the flows of legs from those of nodes.
type network[F comparable] struct {
	legs []legKey
	// end is a node that answers for itself: not all that comes in goes on.
	end   string
	nodes map[string]*flows[F]
	found map[legKey]*flows[F]
}

// measure adds flows to a node.
func (n *network[F]) measure(id string, complete bool, list ...F) {
	if n.nodes == nil {
		n.nodes = make(map[string]*flows[F])
	}
	if n.nodes[id] == nil {
		n.nodes[id] = &flows[F]{complete: complete}
	}
	n.nodes[id].list = append(n.nodes[id].list, list...)
}

// infer gives a leg the flows of one of its ends, where it is the only one
// there: of what arrives where it leads to, else of what leaves where it comes
// from. A node that was not measured passes on what all its legs bring.
func (n *network[F]) infer() {
	n.found = make(map[legKey]*flows[F])
	measured := maps.Clone(n.nodes)
	if measured == nil {
		return
	}
	for again := true; again; {
		again = false
		for _, l := range n.legs {
			if f := n.atAnEnd(l, measured); f != nil && n.found[l] == nil {
				n.found[l], again = f, true
			}
		}
		for _, l := range n.legs {
			if f := n.through(l.to); f != nil && measured[l.to] == nil {
				measured[l.to], again = f, true
			}
		}
	}
}

// atAnEnd are the flows of a leg that is the only one at one of its ends.
func (n *network[F]) atAnEnd(l legKey, measured map[string]*flows[F]) *flows[F] {
	switch {
	case measured[l.to] != nil && n.only(func(o legKey) bool { return o.to == l.to }):
		return measured[l.to]
	case measured[l.from] != nil && l.from != n.end && n.only(func(o legKey) bool { return o.from == l.from }):
		return measured[l.from]
	}
	return nil
}

// only tells that one leg of a kind is there.
func (n *network[F]) only(kind func(legKey) bool) bool {
	first := slices.IndexFunc(n.legs, kind)
	return !slices.ContainsFunc(n.legs[first+1:], kind)
}

// through is what all legs bring to a node, nil where that is not known.
func (n *network[F]) through(id string) *flows[F] {
	if id == n.end {
		return nil
	}
	out := &flows[F]{complete: true}
	for _, l := range n.legs {
		if l.to != id {
			continue
		}
		f := n.found[l]
		if f == nil {
			return nil
		}
		out.list, out.complete = append(out.list, f.list...), out.complete && f.complete
	}
	return out
}
