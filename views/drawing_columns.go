package views

import (
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/path"
)

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
	for _, l := range cardFacts(n) {
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
