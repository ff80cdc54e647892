package views

import (
	"math"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/path"
)

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

// pairUp lets stages of one or two cards stand in a row, and stacks those that
// would make a leg in a margin pass behind a card of a pair.
func (d *down) pairUp() {
	d.stacked = make([]bool, len(d.stages))
	for i, spots := range d.stages {
		d.stacked[i] = len(spots) > sideBySide
	}
	for again := true; again; {
		again = false
		for _, r := range d.routes {
			from, to := d.sideOf(r.from), d.sideOf(r.to)
			if !d.straight(r) && from != between && to != between && from != to {
				d.stacked[r.to.stage], again = true, true
			}
		}
	}
}

// straight tells whether a leg can go from the bottom of one card to the top
// of the other.
func (d *down) straight(r *route) bool {
	return r.to.stage == r.from.stage+1 && !d.stacked[r.from.stage] && !d.stacked[r.to.stage]
}

// chooseSides decides for each leg whether it can go straight, else in which
// margin it goes: the one that the card of a pair borders on. Between stacks
// the left one leads to the second stage, the right one on from there.
func (d *down) chooseSides() {
	for _, r := range d.routes {
		from, to := d.sideOf(r.from), d.sideOf(r.to)
		switch {
		case d.straight(r):
			r.side = between
		case from != between:
			r.side = from
		case to != between:
			r.side = to
		case d.stacked[r.from.stage] && r.from.stage > 0:
			r.side = right
		default:
			r.side = left
		}
	}
}

// sideOf is the margin that a card of a pair borders on; between for others,
// which border on both.
func (d *down) sideOf(s *spot) side {
	if d.stacked[s.stage] || len(d.stages[s.stage]) < sideBySide {
		return between
	}
	return [...]side{left, right}[s.place]
}

// span is what the legs of one bundle have in common.
type span struct {
	side        side
	first, last int
}

// assignLanes bundles the legs of a margin by their common end, whichever needs
// fewer lines, and gives each bundle the innermost lane that is free.
func (d *down) assignLanes() {
	bundles := make(map[span][]*route)
	var order []span
	for _, r := range d.routes {
		if r.side == between {
			continue
		}
		s := span{r.side, r.from.stage, r.to.stage}
		if bundles[s] == nil {
			order = append(order, s)
		}
		bundles[s] = append(bundles[s], r)
	}
	slices.SortStableFunc(order, func(a, b span) int { return (a.last - a.first) - (b.last - b.first) })
	var trunks []*trunk
	for _, s := range order {
		trunks = append(trunks, newTrunks(s, bundles[s])...)
	}
	for i, t := range trunks {
		t.lane = freeLane(t, trunks[:i])
		d.gutter[t.side] = max(d.gutter[t.side], laneStep*float64(t.lane+1))
	}
}

func newTrunks(s span, routes []*route) []*trunk {
	froms, tos := make(map[*spot]*trunk), make(map[*spot]*trunk)
	for _, r := range routes {
		froms[r.from], tos[r.to] = nil, nil
	}
	byEnd, end := froms, func(r *route) *spot { return r.from }
	if len(tos) < len(froms) {
		byEnd, end = tos, func(r *route) *spot { return r.to }
	}
	var out []*trunk
	for _, r := range routes {
		if byEnd[end(r)] == nil {
			byEnd[end(r)] = &trunk{side: s.side, first: s.first, last: s.last}
			out = append(out, byEnd[end(r)])
		}
		r.trunk = byEnd[end(r)]
	}
	return out
}

func freeLane(t *trunk, taken []*trunk) int {
	for lane := 0; ; lane++ {
		busy := slices.ContainsFunc(taken, func(o *trunk) bool {
			return o.side == t.side && o.lane == lane && o.first <= t.last && t.first <= o.last
		})
		if !busy {
			return lane
		}
	}
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

func (d *down) drawRoutes(p *Picture) {
	doors := d.newDoors()
	routes := slices.Clone(d.routes)
	slices.SortStableFunc(routes, func(x, y *route) int { return legLayer(x.leg) - legLayer(y.leg) })
	var curves []labelled
	for _, r := range routes {
		leg := newLeg(r.leg, legWords(r.leg, r.to.node.Title))
		if r.side == between {
			c := curve{x0: doors.bottom[r.leg], y0: r.from.card.Box.bottom(), x1: doors.top[r.leg], y1: r.to.card.Box.Y, upright: true}
			leg.D = c.path()
			if r.leg.Label != "" {
				curves = append(curves, labelled{r.leg, c})
			}
		} else {
			leg.D = d.around(r, doors)
		}
		p.Legs = append(p.Legs, leg)
	}
	p.Labels = placeLabels(curves, p.Heads)
}

// around leaves a card at its side, follows the trunk and enters the target.
func (d *down) around(r *route, doors *doors) string {
	y0, y1 := doors.leave[r.trunk][r.from], doors.enter[r.trunk][r.to]
	x0, x1, dir := r.from.card.Box.X, r.to.card.Box.X, -1.0
	lane := d.leftEdge() - laneStep*(float64(r.trunk.lane)+0.75)
	if r.side == right {
		x0, x1, dir = r.from.card.Box.right(), r.to.card.Box.right(), 1
		lane = d.rightEdge() + laneStep*(float64(r.trunk.lane)+0.75)
	}
	turn := min(elbow, (y1-y0)/2, math.Abs(lane-x0), math.Abs(lane-x1))
	var b strings.Builder
	b.WriteString("M" + px(x0) + " " + px(y0) + " H" + px(lane-dir*turn))
	b.WriteString(" Q" + px(lane) + " " + px(y0) + " " + px(lane) + " " + px(y0+turn))
	b.WriteString(" V" + px(y1-turn))
	b.WriteString(" Q" + px(lane) + " " + px(y1) + " " + px(lane-dir*turn) + " " + px(y1))
	b.WriteString(" H" + px(x1))
	return b.String()
}

// doors are where legs meet the cards: at the sides one for each trunk, at the
// top and bottom one for each leg.
type doors struct {
	leave, enter map[*trunk]map[*spot]float64
	top, bottom  map[*path.Leg]float64
}

func (d *down) newDoors() *doors {
	out := &doors{
		leave: make(map[*trunk]map[*spot]float64), enter: make(map[*trunk]map[*spot]float64),
		top: make(map[*path.Leg]float64), bottom: make(map[*path.Leg]float64),
	}
	for _, spots := range d.stages {
		for _, s := range spots {
			d.openSides(out, s)
			d.openEnds(out, s)
		}
	}
	return out
}

// openSides puts the doors of a card's sides one below the other: what comes in
// above what goes out.
func (d *down) openSides(o *doors, s *spot) {
	type door struct {
		t   *trunk
		in  bool
		set map[*trunk]map[*spot]float64
	}
	var list []door
	for _, in := range []bool{true, false} {
		for _, r := range d.routes {
			set := o.leave
			if in {
				set = o.enter
			}
			if r.trunk == nil || (in && r.to != s) || (!in && r.from != s) {
				continue
			}
			if x := (door{r.trunk, in, set}); !slices.ContainsFunc(list, func(y door) bool { return y.t == x.t && y.in == x.in }) {
				list = append(list, x)
			}
		}
	}
	for i, x := range list {
		if x.set[x.t] == nil {
			x.set[x.t] = make(map[*spot]float64)
		}
		x.set[x.t][s] = s.card.Box.Y + s.card.Box.H*float64(i+1)/float64(len(list)+1)
	}
}

// openEnds spreads the legs at the top and bottom of a card, in the order of
// where they come from or go to.
func (d *down) openEnds(o *doors, s *spot) {
	var in, out []*route
	for _, r := range d.routes {
		if r.side == between && r.to == s {
			in = append(in, r)
		}
		if r.side == between && r.from == s {
			out = append(out, r)
		}
	}
	for i, r := range in {
		o.top[r.leg] = spread(s.card.Box, i, len(in))
	}
	for i, r := range out {
		o.bottom[r.leg] = spread(s.card.Box, i, len(out))
	}
}

// spread is the place of the i-th of n legs along the width of a box.
func spread(b Box, i, n int) float64 {
	return b.midX() + 2*portStep*(float64(i)-float64(n-1)/2)
}
