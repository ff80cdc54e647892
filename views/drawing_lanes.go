package views

import (
	"slices"
)

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
