package views

import (
	"github.com/waylight/waylight/analysis/path"
)

// drawnBasis counts how much of a drawing proxies confirm. Callers do not count,
// no proxy answers for who they are; nor does what calls do not come to.
type drawnBasis struct{ hops, seen int }

func newDrawnBasis(g *path.Graph) (b drawnBasis) {
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Stage == path.StageCaller || n.State == path.StateNotReached || n.State == path.StateBypassed {
			continue
		}
		b.hops++
		if n.Seen.Where != "" {
			b.seen++
		}
	}
	return b
}

// of is what the verdict rests on: calls pass every hop, so that one which is
// expected only makes all of it expected.
func (b drawnBasis) of() path.Basis {
	if b.seen > 0 && b.seen == b.hops {
		return path.Seen
	}
	return path.Expected
}

// text says it in words.
func (b drawnBasis) text() string {
	const expected = "expected from objects, statuses and annotations"
	switch b.seen {
	case 0:
		return expected
	case b.hops:
		return "each hop as proxies have it in memory"
	}
	return number(b.seen) + " of " + plural(b.hops, "hop") + " seen in proxies, the rest " + expected
}
