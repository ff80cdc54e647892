package views

import "github.com/waylight/waylight/analysis/path"

// Measures of the picture for a phone.
const (
	downWidth   = 340.0
	downGap     = 40.0 // between stages: room for the head or for a label
	headHeight  = 15.0
	downBetween = 8.0 // between cards of one stage
	laneStep    = 9.0
	elbow       = 6.0 // radius of a turn
	sideBySide  = 2   // cards that fit beside one another; more are stacked
)

// side is the margin a leg runs in when it cannot go straight down.
type side int

const (
	between side = iota // no margin: from the bottom of a card to the top of the next
	left
	right
)

// spot is a card in the tall picture.
type spot struct {
	node  *path.Node
	card  Card
	stage int // index into down.stages
	place int // within the stage
	in    []*path.Leg
	out   []*path.Leg
}

// down is the tall picture while it is laid out.
type down struct {
	stages [][]*spot
	kinds  []path.Stage
	to     Targets
	byID   map[string]*spot
	// stacked stages have a card to a row, others all in one row.
	stacked []bool
	routes  []*route
	gutter  [3]float64 // width of the margins, by side
}

// route is a leg with the way it takes.
type route struct {
	leg      *path.Leg
	from, to *spot
	side     side
	trunk    *trunk // nil for between
}

// trunk is a vertical line in a margin that several legs share, because they
// have their origin or their target in common.
type trunk struct {
	side        side
	first, last int // the stages it passes, both included
	lane        int // counted from the cards outwards
}

// layDown draws from top to bottom for a narrow screen. One or two cards of a
// stage stand side by side, more are stacked. A leg between two such rows goes
// straight from one to the other; every other leg runs in a margin, where each
// trunk has a lane of its own. No line ever passes under a card.
func layDown(g *path.Graph, to Targets) Picture {
	d := newDown(g)
	d.to = to
	d.pairUp()
	d.chooseSides()
	d.assignLanes()
	p := Picture{Class: "down", Width: downWidth}
	d.placeCards(&p)
	d.drawRoutes(&p)
	return p
}

func newDown(g *path.Graph) *down {
	d := &down{byID: make(map[string]*spot, len(g.Nodes))}
	for s := path.StageCaller; s <= path.StageBackend; s++ {
		var spots []*spot
		for i := range g.Nodes {
			if n := &g.Nodes[i]; n.Stage == s && d.byID[n.ID] == nil {
				d.byID[n.ID] = &spot{node: n, stage: len(d.stages), place: len(spots)}
				spots = append(spots, d.byID[n.ID])
			}
		}
		if len(spots) > 0 {
			d.stages, d.kinds = append(d.stages, spots), append(d.kinds, s)
		}
	}
	for i := range g.Legs {
		l := &g.Legs[i]
		if from, to := d.byID[l.From], d.byID[l.To]; from != nil && to != nil && from.stage < to.stage {
			from.out, to.in = append(from.out, l), append(to.in, l)
			d.routes = append(d.routes, &route{leg: l, from: from, to: to})
		}
	}
	return d
}

// placeCards puts the stages and their heads one below the other.
func (d *down) placeCards(p *Picture) {
	y := edgePad
	for i, spots := range d.stages {
		y += headHeight
		pair := !d.stacked[i] && len(spots) == sideBySide
		head := Text{X: d.leftEdge(), Y: y - 4, Text: stageHead(d.kinds[i])}
		if pair && i > 0 { // beside the lines, which arrive left and right of the middle
			head.X = (d.leftEdge()+d.rightEdge())/2 - faceHead.width(head.Text)/2
		}
		p.Heads = append(p.Heads, head)
		y = d.placeStage(p, spots, pair, y)
		p.Height = y + edgePad
		y += downGap - headHeight
	}
}

func (d *down) leftEdge() float64  { return edgePad + d.gutter[left] }
func (d *down) rightEdge() float64 { return downWidth - edgePad - d.gutter[right] }

// placeStage puts the cards of one stage and returns where it ends.
func (d *down) placeStage(p *Picture, spots []*spot, pair bool, y float64) float64 {
	var bottom float64
	for j, s := range spots {
		box := Box{X: d.leftEdge(), Y: y, W: d.rightEdge() - d.leftEdge()}
		if pair {
			box.W = (box.W - downBetween) / 2
			box.X += float64(j) * (box.W + downBetween)
		}
		s.card = newCard(s.node, box.W, cardStyle{Targets: d.to, Inside: true, Badge: d.badge(s)})
		s.card.move(box.X, box.Y)
		bottom = max(bottom, s.card.Box.bottom())
		if !pair {
			y = bottom + downBetween
		}
	}
	for _, s := range spots {
		if pair { // a line from the shorter one would pass behind the taller one
			s.card.Box.H = bottom - y
			s.card.Block.H = bottom - y
		}
		p.Cards = append(p.Cards, s.card)
	}
	return bottom
}

// badge is the label of a leg that runs in a margin, where there is no room for
// it: it goes on the card that has the leg to itself.
func (d *down) badge(s *spot) string {
	for _, r := range d.routes {
		if r.side == between || r.leg.Label == "" {
			continue
		}
		if (r.to == s && len(s.in) == 1) || (r.from == s && len(s.out) == 1 && len(r.to.in) > 1) {
			return r.leg.Label
		}
	}
	return ""
}
