package views

import (
	"math"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/path"
)

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
