package views

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/path"
)

// Measures of the wide picture.
const (
	acrossWidth    = 1180.0 // what fits beside the menu of a laptop
	acrossTop      = 34.0   // room for the heads
	edgePad        = 4.0
	columnMin      = 112.0
	columnWish     = 184.0 // no content asks for more
	columnMax      = 236.0 // no room gives more
	gapMin         = 44.0
	gapMax         = 104.0
	labelMax       = 84.0
	labelHeight    = 17.0
	labelPad       = 4.0
	labelAir       = 28.0 // so that the line is seen on both sides
	betweenCards   = 14.0
	laneHeight     = 19.0
	sweepsForSides = 12
	noteRows       = 3.0 // lines a note should not need more of
)

// cell occupies a place in a column: a card, or a lane, which is where a leg
// passes through a column it has no business with.
type cell struct {
	node *path.Node // nil for a lane
	card Card
	// above and below are how far it reaches from its anchor, the height at
	// which legs meet it.
	above, below float64
	anchor       float64
	rank         float64 // in the order of its column
	in, out      []*cell
}

// track is a leg with every cell it meets, one for each column.
type track struct {
	leg   *path.Leg
	cells []*cell
	first int // column of cells[0]
}

// across is the wide picture while it is laid out.
type across struct {
	columns [][]*cell
	stages  []path.Stage
	tracks  []*track
	x, w    []float64 // of each column
	gaps    []float64 // behind each column but the last
}

// layAcross draws left to right: a column for each stage that has a node, cards
// stacked so that lines are short, and lanes for lines that skip a column. No
// two things can overlap, because each has a place of its own.
func layAcross(g *path.Graph, to Targets) Picture {
	a := newAcross(g)
	a.sizeColumns()
	a.buildCards(to)
	a.order()
	a.settle()
	return a.picture()
}

func newAcross(g *path.Graph) *across {
	a := &across{}
	byID := make(map[string]*cell, len(g.Nodes))
	column := make(map[*cell]int, len(g.Nodes))
	for s := path.StageCaller; s <= path.StageBackend; s++ {
		var cells []*cell
		for i := range g.Nodes {
			if n := &g.Nodes[i]; n.Stage == s && byID[n.ID] == nil {
				c := &cell{node: n}
				byID[n.ID], column[c] = c, len(a.columns)
				cells = append(cells, c)
			}
		}
		if len(cells) > 0 {
			a.columns, a.stages = append(a.columns, cells), append(a.stages, s)
		}
	}
	for i := range g.Legs {
		l := &g.Legs[i]
		if from, to := byID[l.From], byID[l.To]; from != nil && to != nil && column[from] < column[to] {
			a.addTrack(l, from, to, column[from], column[to])
		}
	}
	return a
}

// addTrack adds lanes where a leg skips columns.
func (a *across) addTrack(l *path.Leg, from, to *cell, first, last int) {
	t := &track{leg: l, first: first, cells: []*cell{from}}
	for i := first + 1; i < last; i++ {
		lane := &cell{above: laneHeight / 2, below: laneHeight / 2}
		a.columns[i] = append(a.columns[i], lane)
		t.cells = append(t.cells, lane)
	}
	t.cells = append(t.cells, to)
	for i, c := range t.cells[1:] {
		t.cells[i].out = append(t.cells[i].out, c)
		c.in = append(c.in, t.cells[i])
	}
	a.tracks = append(a.tracks, t)
}

// sizeColumns gives each column what its content asks for, and shares out what
// is left over or missing.
func (a *across) sizeColumns() {
	a.w, a.gaps = make([]float64, len(a.columns)), make([]float64, max(0, len(a.columns)-1))
	for i, cells := range a.columns {
		a.w[i] = columnMin
		for _, c := range cells {
			if c.node != nil {
				a.w[i] = max(a.w[i], min(columnWish, wishOf(c.node)))
			}
		}
	}
	for i := range a.gaps {
		a.gaps[i] = gapMin
	}
	for _, t := range a.tracks {
		if g, ok := t.labelGap(); ok && t.leg.Label != "" {
			a.gaps[g] = max(a.gaps[g], labelWidth(t.leg)+2*labelPad+labelAir)
		}
	}
	room := acrossWidth - 2*edgePad
	levelDown(a.w, room-sum(a.gaps), columnMin)
	levelUp(a.gaps, room-sum(a.w), gapMax)
	levelUp(a.w, room-sum(a.gaps), columnMax)
	a.x = make([]float64, len(a.columns))
	for i, x := 0, edgePad; i < len(a.x); i++ {
		a.x[i] = x
		if i < len(a.gaps) {
			x += a.w[i] + a.gaps[i]
		}
	}
}

// wishOf is the width at which nothing of a node is shortened or wrapped.
func wishOf(n *path.Node) float64 {
	w := faceTitle.width(n.Title)
	if strings.Contains(n.Title, " ") {
		w /= 1.7 // it takes two lines
	}
	w += markSize + 6
	for _, l := range factsOf(n) {
		w = max(w, faceLine.width(l))
	}
	for _, note := range n.Notes {
		w = max(w, faceLine.width(note)/noteRows)
	}
	w += 2*cardPad + 2
	chip := faceChip.width(n.Code)
	if chip > columnWish-2*chipPad-2*outsideInset {
		chip /= 2 // it takes two lines
	}
	return max(w, chip+2*chipPad+2*outsideInset)
}

// levelDown lowers the largest values until they fit into room together.
func levelDown(values []float64, room, floor float64) {
	for range values {
		over := sum(values) - room
		if over <= 0 {
			return
		}
		top, count, next := highest(values)
		if step := min(over/count, top-max(next, floor)); step > 0 {
			lower(values, top, top-step)
		}
	}
}

// highest is the largest value, how often it occurs, and the next smaller one.
func highest(values []float64) (top, count, next float64) {
	top = slices.Max(values)
	for _, v := range values {
		if v == top {
			count++
		} else {
			next = max(next, v)
		}
	}
	return top, count, next
}

func lower(values []float64, from, to float64) {
	for i, v := range values {
		if v == from {
			values[i] = to
		}
	}
}

// levelUp shares out what is left of room, up to a ceiling for each.
func levelUp(values []float64, room, ceiling float64) {
	if len(values) == 0 {
		return
	}
	spare := (room - sum(values)) / float64(len(values))
	for i, v := range values {
		if spare > 0 && v < ceiling {
			values[i] = min(ceiling, v+spare)
		}
	}
}

func sum(values []float64) float64 {
	var s float64
	for _, v := range values {
		s += v
	}
	return s
}

func (a *across) buildCards(to Targets) {
	for i, cells := range a.columns {
		for _, c := range cells {
			if c.node != nil {
				c.card = newCard(c.node, a.w[i], cardStyle{Targets: to})
				c.above = c.card.Box.H / 2
				c.below = c.card.Block.H - c.above
			}
		}
	}
}

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
	for range sweepsForSides {
		for i, cells := range a.columns {
			place(cells, func(c *cell) (float64, bool) { return meanAnchor(c.in, i > 0) })
		}
		for i := range a.columns {
			cells := a.columns[len(a.columns)-1-i]
			place(cells, func(c *cell) (float64, bool) { return meanAnchor(c.out, i > 0) })
		}
	}
	for range sweepsForSides {
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

func (a *across) picture() Picture {
	p := Picture{Class: "across", Width: acrossWidth}
	if last := len(a.x) - 1; last >= 0 { // labels everywhere may need more
		p.Width = max(p.Width, a.x[last]+a.w[last]+edgePad)
	}
	for i, cells := range a.columns {
		p.Heads = append(p.Heads, Text{X: a.x[i], Y: 16, Text: stageHead(a.stages[i])})
		last := cells[len(cells)-1]
		p.Height = max(p.Height, last.anchor+last.below+edgePad)
		for _, c := range cells {
			if c.node != nil {
				p.Cards = append(p.Cards, c.card)
			}
		}
	}
	a.drawLegs(&p)
	return p
}
