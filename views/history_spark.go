package views

import (
	"math"
	"strconv"
	"strings"
)

// A small picture is so wide and high, in its own units, and each point stands
// for the highest of those it replaces: a short peak must not be lost.
const (
	sparkWidth  = 120
	sparkHeight = 24
	sparkPoints = 60
)

// sparkOf draws numbers as SVG polylines between 0 and top. A gap ends one and
// begins another.
func sparkOf(values []float64, top float64) []string {
	if top <= 0 {
		top = 1
	}
	var out []string
	var line strings.Builder
	end := func() {
		if line.Len() > 0 {
			out = append(out, line.String())
			line.Reset()
		}
	}
	points := peaks(values)
	for i, v := range points {
		if math.IsNaN(v) {
			end()
			continue
		}
		x, y := 0.0, sparkHeight*(1-v/top)
		if len(points) > 1 {
			x = sparkWidth * float64(i) / float64(len(points)-1)
		}
		if line.Len() > 0 {
			line.WriteByte(' ')
		}
		line.WriteString(strconv.FormatFloat(x, 'f', 1, 64) + "," + strconv.FormatFloat(y, 'f', 1, 64))
	}
	end()
	return out
}

// peaks makes at most sparkPoints of numbers; one of gaps alone is a gap.
func peaks(values []float64) []float64 {
	if len(values) <= sparkPoints {
		return values
	}
	out := make([]float64, sparkPoints)
	for i := range out {
		out[i] = math.NaN()
	}
	for i, v := range values {
		at := &out[i*sparkPoints/len(values)]
		if !math.IsNaN(v) && (math.IsNaN(*at) || v > *at) {
			*at = v
		}
	}
	return out
}
