package traffic

import (
	"slices"

	"github.com/waylight/waylight/mesh"
)

// Latency is a quantile of how long requests took.
type Latency struct {
	// Milliseconds; where Above is set it was longer than that, the last bound
	// of the histogram.
	Milliseconds float64
	Above        bool
}

// addHistogram adds a histogram to a sum, by the bounds that both have: Envoy
// lets each proxy choose its own. Without any in common the sum is unusable.
func addHistogram(sum *mesh.Histogram, h *mesh.Histogram) (*mesh.Histogram, bool) {
	switch {
	case h == nil || len(h.Counts) != len(h.Bounds)+1:
		return sum, false
	case sum == nil:
		return h, true
	}
	common := slices.DeleteFunc(slices.Clone(sum.Bounds), func(b float64) bool { return !slices.Contains(h.Bounds, b) })
	if len(common) == 0 {
		return sum, false
	}
	out := &mesh.Histogram{Bounds: common, Counts: make([]float64, len(common)+1)}
	for _, part := range []*mesh.Histogram{sum, h} {
		for i, n := range part.Counts {
			out.Counts[bucketOf(common, part.Bounds, i)] += n
		}
	}
	return out, true
}

// bucketOf is the bucket, among wider ones, that holds the bucket i of bounds.
func bucketOf(wider, bounds []float64, i int) int {
	if i == len(bounds) {
		return len(wider)
	}
	at, _ := slices.BinarySearch(wider, bounds[i])
	return at
}

// quantile finds a quantile by linear interpolation within its bucket, as
// Prometheus' histogram_quantile does. It is not known where nothing was
// counted.
func quantile(h *mesh.Histogram, q float64) (Latency, bool) {
	if h == nil || len(h.Bounds) == 0 {
		return Latency{}, false
	}
	total := 0.0
	for _, n := range h.Counts {
		total += n
	}
	if total <= 0 {
		return Latency{}, false
	}
	rank, before := q*total, 0.0
	for i, bound := range h.Bounds {
		n := h.Counts[i]
		if before+n >= rank && n > 0 {
			from := 0.0
			if i > 0 {
				from = h.Bounds[i-1]
			}
			return Latency{Milliseconds: from + (bound-from)*(rank-before)/n}, true
		}
		before += n
	}
	return Latency{Milliseconds: h.Bounds[len(h.Bounds)-1], Above: true}, true
}
