package views

import (
	"cmp"
	"math"
	"slices"
)

// order sorts each column by where its cells are reached from, the first by
// where it leads, which keeps lines from crossing. Ties stay as the graph has
// them. What nothing leads to, such as a bypassed waypoint, goes beside the
// lines that come from the cards before it.
func (a *across) order() {
	for _, cells := range a.columns {
		rank(cells, func(c *cell, j int) float64 { return float64(j) })
	}
	for i, cells := range a.columns {
		rank(cells, func(c *cell, j int) float64 {
			if i == 0 {
				return meanRank(c.out, float64(j))
			}
			return meanRank(c.in, lastCard(a.columns[i-1])+0.5)
		})
	}
}

func rank(cells []*cell, by func(c *cell, i int) float64) {
	for i, c := range cells {
		c.rank = by(c, i)
	}
	slices.SortStableFunc(cells, func(x, y *cell) int { return cmp.Compare(x.rank, y.rank) })
	for i, c := range cells {
		c.rank = float64(i)
	}
}

// lastCard is the rank of the lowest card of a column.
func lastCard(cells []*cell) float64 {
	last := 0.0
	for _, c := range cells {
		if c.node != nil {
			last = c.rank
		}
	}
	return last
}

func meanRank(cells []*cell, none float64) float64 {
	if len(cells) == 0 {
		return none
	}
	var s float64
	for _, c := range cells {
		s += c.rank
	}
	return s / float64(len(cells))
}

// settle finds the heights: each cell wants to be level with its neighbours,
// and keeps its distance to the cells above and below.
func (a *across) settle() {
	for _, cells := range a.columns {
		place(cells, func(*cell) (float64, bool) { return 0, false })
	}
	for range sweeps {
		for i, cells := range a.columns {
			place(cells, func(c *cell) (float64, bool) { return meanAnchor(c.in, i > 0) })
		}
		for i := range a.columns {
			cells := a.columns[len(a.columns)-1-i]
			place(cells, func(c *cell) (float64, bool) { return meanAnchor(c.out, i > 0) })
		}
	}
	for range sweeps {
		for _, cells := range a.columns {
			place(cells, balance)
		}
	}
	a.toTop()
}

// meanAnchor is the middle of some neighbours, and false where there are none
// or they are not asked for.
func meanAnchor(cells []*cell, ask bool) (float64, bool) {
	var s float64
	for _, c := range cells {
		s += c.anchor
	}
	return s / float64(max(1, len(cells))), ask && len(cells) > 0
}

// balance is where a cell stands best between both sides. A neighbour that has
// it to itself pulls harder than one that has many, so that what follows a
// split is straight and the split itself is wide.
func balance(c *cell) (float64, bool) {
	var s, weight float64
	pull := func(o *cell, rivals []*cell) {
		w := laneToCard
		switch {
		case o.node == nil && c.node == nil:
			w = laneToLane
		case o.node != nil && c.node != nil:
			w = 1 / float64(max(1, cards(rivals)*cards(rivals)))
		}
		s, weight = s+w*o.anchor, weight+w
	}
	for _, o := range c.in {
		pull(o, o.out)
	}
	for _, o := range c.out {
		pull(o, o.in)
	}
	return s / max(weight, 1e-9), weight > 0
}

// A long line is straight along its lanes and bends where it meets a card,
// which has better reasons to stand where it does.
const (
	laneToLane = 4.0
	laneToCard = 0.1
)

// cards counts the cells that are no lanes.
func cards(cells []*cell) int {
	n := 0
	for _, c := range cells {
		if c.node != nil {
			n++
		}
	}
	return n
}

// place moves the cells of a column as near to their wishes as the distances
// allow: isotonic regression by pooling adjacent violators, with the distances
// taken out first. A cell without a wish follows the others.
func place(cells []*cell, wish func(*cell) (float64, bool)) {
	type pool struct {
		sum, weight float64
		count       int
	}
	var pools []pool
	offset := 0.0
	for i, c := range cells {
		if i > 0 {
			offset += distance(cells[i-1], c)
		}
		want, ok := wish(c)
		p := pool{weight: 1, count: 1, sum: want - offset}
		if !ok {
			p.weight, p.sum = 0.001, (c.anchor-offset)*0.001
		}
		for len(pools) > 0 && pools[len(pools)-1].sum*p.weight > p.sum*pools[len(pools)-1].weight {
			q := pools[len(pools)-1]
			p = pool{p.sum + q.sum, p.weight + q.weight, p.count + q.count}
			pools = pools[:len(pools)-1]
		}
		pools = append(pools, p)
	}
	i, offset := 0, 0.0
	for _, p := range pools {
		for range p.count {
			if i > 0 {
				offset += distance(cells[i-1], cells[i])
			}
			cells[i].anchor = p.sum/p.weight + offset
			i++
		}
	}
}

// distance keeps two neighbours of a column apart.
func distance(upper, lower *cell) float64 {
	gap := betweenCards
	if upper.node == nil || lower.node == nil {
		gap /= 2
	}
	return upper.below + gap + lower.above
}

// toTop moves everything so that the highest cell stands right below the heads,
// and the cards to their places.
func (a *across) toTop() {
	top := math.Inf(1)
	for _, cells := range a.columns {
		top = min(top, cells[0].anchor-cells[0].above)
	}
	for i, cells := range a.columns {
		for _, c := range cells {
			c.anchor += acrossTop - top
			if c.node != nil {
				c.card.move(a.x[i], c.anchor-c.above)
			}
		}
	}
}
