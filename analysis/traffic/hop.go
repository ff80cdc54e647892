package traffic

import (
	"cmp"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// FailingHop are failing edges with what they have in common.
type FailingHop struct {
	// Common is the workload they lead to or come from, or the one node that the
	// pods of all those workloads run on; From tells that it is on the callers'
	// side.
	Common mesh.Ref
	From   bool
	Edges  []Failing
}

// FailingHops groups failing edges by what most of them have in common, the
// most first. Every edge is in one group.
func (c *Counts) FailingHops() []FailingHop {
	if c == nil {
		return nil
	}
	rest := slices.Clone(c.Failing())
	var out []FailingHop
	for len(rest) > 0 {
		hop := c.commonest(rest)
		has := func(f Failing) bool { return slices.Contains(c.hopsOf(&f), hop) }
		g := FailingHop{Common: hop.ref, From: hop.from}
		for _, f := range rest {
			if has(f) {
				g.Edges = append(g.Edges, f)
			}
		}
		rest = slices.DeleteFunc(rest, has)
		out = append(out, g)
	}
	return out
}

// commonHop is something that edges can have in common.
type commonHop struct {
	ref  mesh.Ref
	from bool
}

// commonest is what most edges have, and of equals what stands first in
// hopsOf.
func (c *Counts) commonest(edges []Failing) commonHop {
	count, rank := make(map[commonHop]int), make(map[commonHop]int)
	var all []commonHop
	for i := range edges {
		for j, h := range c.hopsOf(&edges[i]) {
			if count[h] == 0 {
				rank[h], all = j, append(all, h)
			}
			count[h]++
		}
	}
	return slices.MinFunc(all, func(a, b commonHop) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(rank[a], rank[b]), a.ref.Compare(b.ref))
	})
}

// hopsOf is what an edge can have in common with others: where it leads to,
// where it comes from, and the nodes of either where there is one.
func (c *Counts) hopsOf(f *Failing) []commonHop {
	out := []commonHop{{f.Destination, false}, {f.Source, true}}
	for _, end := range out[:2] {
		if node := c.onlyNode(end.ref); node != "" {
			out = append(out, commonHop{mesh.Ref{Kind: "Node", Name: node}, end.from})
		}
	}
	return out
}

// onlyNode is where all pods of a workload run, empty where they run on several
// or it is not known.
func (c *Counts) onlyNode(owner mesh.Ref) string {
	node := ""
	for _, w := range OwnedBy(c.snap, owner) {
		if w.Node == "" || node != "" && w.Node != node {
			return ""
		}
		node = w.Node
	}
	return node
}
