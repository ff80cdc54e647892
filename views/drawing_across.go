package views

import "github.com/waylight/waylight/analysis/path"

// Measures of the wide picture.
const (
	acrossWidth  = 1180.0 // what fits beside the menu of a laptop
	acrossTop    = 34.0   // room for the heads
	edgePad      = 4.0
	columnMin    = 112.0
	columnWish   = 184.0 // no content asks for more
	columnMax    = 236.0 // no room gives more
	gapMin       = 44.0
	gapMax       = 104.0
	labelMax     = 84.0
	labelHeight  = 17.0
	labelPad     = 4.0
	labelAir     = 28.0 // so that the line is seen on both sides
	betweenCards = 14.0
	laneHeight   = 19.0
	sweeps       = 12
	noteRows     = 3.0 // lines a note should not need more of
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
