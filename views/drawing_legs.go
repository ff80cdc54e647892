package views

import (
	"cmp"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/path"
)

// Widths of a leg: plain where neither a rate nor a share is known, else thin
// up to thick for the busiest one or all calls.
const (
	legPlain  = 2.0
	legThin   = 1.5
	legThick  = 3.5 // on top of legThin, for 100 percent
	legCasing = 3.0 // both walls of a hollow line
	portStep  = 9.0
	portEdge  = 10.0 // of a card that no leg meets
)

// newLeg is the look of a leg; the layout adds where it goes.
func newLeg(l *path.Leg, title string) Leg {
	out := Leg{Class: "leg " + stateClass(l.State), Width: legPlain, Title: title}
	switch {
	case l.Load.Words != "":
		out.Width = legThin + legThick*min(l.Load.Part, 100)/100
	case l.Share >= 0:
		out.Width = legThin + legThick*min(l.Share, 100)/100
	}
	switch l.Transport {
	case path.Plaintext:
		out.Class += " plaintext"
		out.Core = out.Width
		out.Width += legCasing
	case path.Local:
		out.Class += " local"
	}
	return out
}

// legLayer orders legs so that a broken one is drawn over one that passes, and
// both over what is not reached.
func legLayer(l *path.Leg) int {
	switch l.State {
	case path.StateBad:
		return 2
	case path.StateOK, path.StateWarn:
		return 1
	}
	return 0
}

func labelText(l *path.Leg) string { return faceLabel.start(printable(l.Label), labelMax) }

func labelWidth(l *path.Leg) float64 {
	if l.Label == "" {
		return 0
	}
	return faceLabel.width(labelText(l))
}

// labelGap is the gap that shows a leg's label. A leg with a lane shows it
// there, where there is more room.
func (t *track) labelGap() (gap int, ok bool) {
	if len(t.cells) > 2 {
		return 0, false
	}
	return t.first, true
}

// lane is the longest straight part of a leg that skips columns: its first lane.
func (a *across) lane(t *track) curve {
	i, y := t.first+1, t.cells[1].anchor
	return curve{x0: a.x[i], y0: y, x1: a.x[i] + a.w[i], y1: y}
}

// port is where a leg meets a cell.
type port struct {
	from, to *cell
}

// ports spreads the legs that meet one side of a card over its height, in the
// order of their other ends, so that they do not cross at the card.
func ports(cells []*cell, outgoing bool) map[port]float64 {
	at := make(map[port]float64)
	for _, c := range cells {
		others := slices.Clone(c.in)
		if outgoing {
			others = slices.Clone(c.out)
		}
		slices.SortStableFunc(others, func(x, y *cell) int { return cmp.Compare(x.anchor, y.anchor) })
		step := portStep
		if c.node != nil && len(others) > 1 {
			step = min(portStep, (c.card.Box.H-2*portEdge)/float64(len(others)-1))
		}
		for i, o := range others {
			y := c.anchor + step*(float64(i)-float64(len(others)-1)/2)
			if outgoing {
				at[port{c, o}] = y
			} else {
				at[port{o, c}] = y
			}
		}
	}
	return at
}

// drawLegs adds the lines, the lower layers first, and their labels.
func (a *across) drawLegs(p *Picture) {
	leave, enter := make([]map[port]float64, len(a.columns)), make([]map[port]float64, len(a.columns))
	for i, cells := range a.columns {
		leave[i], enter[i] = ports(cells, true), ports(cells, false)
	}
	tracks := slices.Clone(a.tracks)
	slices.SortStableFunc(tracks, func(x, y *track) int { return legLayer(x.leg) - legLayer(y.leg) })
	var curves []labelled
	for _, t := range tracks {
		leg := newLeg(t.leg, legWords(t.leg, t.cells[len(t.cells)-1].node.Title))
		var d strings.Builder
		for i := range len(t.cells) - 1 {
			col, k := t.first+i, port{t.cells[i], t.cells[i+1]}
			c := curve{x0: a.x[col] + a.w[col], y0: leave[col][k], x1: a.x[col+1], y1: enter[col+1][k]}
			c.write(&d, i == 0)
			if _, ok := t.labelGap(); ok && t.leg.Label != "" {
				curves = append(curves, labelled{t.leg, c})
			}
		}
		if len(t.cells) > 2 && t.leg.Label != "" {
			curves = append(curves, labelled{t.leg, a.lane(t)})
		}
		leg.D = d.String()
		p.Legs = append(p.Legs, leg)
	}
	p.Labels = placeLabels(curves, p.Heads)
}

// curve is one leg across one gap: from the right edge of a column to the left
// edge of the next, or (upright) from the bottom of a card to the top of one in
// the next stage. It leaves and arrives at a right angle.
type curve struct {
	x0, y0, x1, y1 float64
	upright        bool
}

// write appends path data. A curve that is not the first crosses the column
// before it on its lane, which is a straight line.
func (c curve) write(d *strings.Builder, first bool) {
	verb := " L"
	if first {
		verb = "M"
	}
	d.WriteString(verb + point(c.x0, c.y0))
	bx0, by0, bx1, by1 := c.handles()
	d.WriteString(" C" + point(bx0, by0) + " " + point(bx1, by1) + " " + point(c.x1, c.y1))
}

// path is the curve alone as path data.
func (c curve) path() string {
	var d strings.Builder
	c.write(&d, true)
	return d.String()
}

// handles are the two control points of the curve.
func (c curve) handles() (x0, y0, x1, y1 float64) {
	if c.upright {
		mid := (c.y0 + c.y1) / 2
		return c.x0, mid, c.x1, mid
	}
	mid := (c.x0 + c.x1) / 2
	return mid, c.y0, mid, c.y1
}

// at is the point at t of the curve, 0 at its start.
func (c curve) at(t float64) (x, y float64) {
	u := 1 - t
	b := [4]float64{u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t}
	bx0, by0, bx1, by1 := c.handles()
	return b[0]*c.x0 + b[1]*bx0 + b[2]*bx1 + b[3]*c.x1, b[0]*c.y0 + b[1]*by0 + b[2]*by1 + b[3]*c.y1
}

// holds tells whether a box lies in the gap that the curve crosses.
func (c curve) holds(b Box) bool {
	if c.upright {
		return b.Y >= c.y0 && b.bottom() <= c.y1
	}
	return b.X >= c.x0 && b.right() <= c.x1
}

func point(x, y float64) string { return px(x) + " " + px(y) }

type labelled struct {
	leg *path.Leg
	curve
}

// labelSpots are where on its curve a label may stand, the best first.
var labelSpots = [...]float64{0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72, 0.8, 0.2}

// placeLabels puts each label on its curve where neither a head nor another
// label stands. One that finds no room is left to the tooltip and the list.
func placeLabels(curves []labelled, heads []Text) []Label {
	var out []Label
	for _, c := range curves {
		for _, t := range labelSpots {
			if l := newLabel(c, t); c.holds(l.Box) && free(l.Box, out, heads) {
				out = append(out, l)
				break
			}
		}
	}
	return out
}

func free(b Box, labels []Label, heads []Text) bool {
	return !slices.ContainsFunc(labels, func(l Label) bool { return l.Box.overlaps(b) }) &&
		!slices.ContainsFunc(heads, func(h Text) bool { return headBox(h).overlaps(b) })
}

// headBox is the room a head takes.
func headBox(h Text) Box {
	return Box{X: h.X, Y: h.Y - faceHead.size, W: faceHead.width(h.Text), H: faceHead.size + 3}
}

func newLabel(c labelled, t float64) Label {
	x, y := c.at(t)
	text := labelText(c.leg)
	w := faceLabel.width(text) + 2*labelPad
	l := Label{Box: Box{X: x - w/2, Y: y - labelHeight/2, W: w, H: labelHeight}}
	l.Text = Text{X: l.Box.X + labelPad, Y: y + 4, Text: text}
	if text != c.leg.Label {
		l.Text.Full = printable(c.leg.Label)
	}
	return l
}
