package traffic_test

import (
	"math"
	"testing"

	"github.com/waylight/waylight/analysis/traffic"
)

func TestIntervalIsExact(t *testing.T) {
	for _, tt := range []struct {
		name      string
		k, n      int
		low, high float64
	}{
		{"nothing seen says nothing", 0, 0, 0, 1},
		{"none of ten can still be three in ten", 0, 10, 0, 0.3084971},
		{"all of ten", 10, 10, 0.6915029, 1},
		{"half of ten", 5, 10, 0.1870860, 0.8129140},
	} {
		t.Run(tt.name, func(t *testing.T) {
			low, high := traffic.Interval(tt.k, tt.n)
			if !near(low, tt.low) || !near(high, tt.high) {
				t.Errorf("Interval(%d, %d) = %v, %v, want %v, %v", tt.k, tt.n, low, high, tt.low, tt.high)
			}
		})
	}
}

// The ends of the interval are the shares under which what was seen is the
// most extreme fortieth.
func TestIntervalEndsWhereTailsAreAFortieth(t *testing.T) {
	const n = 40
	for k := 1; k < n; k++ {
		low, high := traffic.Interval(k, n)
		_, atLeast := tails(k, n, low)
		atMost, _ := tails(k, n, high)
		if !near(atLeast, 0.025) || !near(atMost, 0.025) {
			t.Errorf("Interval(%d, %d) = %v, %v: tails %v and %v, want 0.025", k, n, low, high, atLeast, atMost)
		}
	}
}

func TestChanceIsTwiceTheSmallerTail(t *testing.T) {
	for _, tt := range []struct {
		name  string
		k, n  int
		share float64
		want  float64
	}{
		{"nothing seen is no surprise", 0, 0, 0.9, 1},
		{"what is expected is no surprise", 50, 100, 0.5, 1},
		{"nine of ten coins", 9, 10, 0.5, 22.0 / 1024},
		{"sixty of a hundred coins", 60, 100, 0.5, 0.05688793},
		{"a version without a share that got one", 1, 500, 0, 0},
		{"a version without a share that got none", 0, 500, 0, 1},
		{"a version with everything that got everything", 500, 500, 1, 1},
		{"a version with everything that lost one", 499, 500, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := traffic.Chance(tt.k, tt.n, tt.share); !near(got, tt.want) {
				t.Errorf("Chance(%d, %d, %v) = %v, want %v", tt.k, tt.n, tt.share, got, tt.want)
			}
		})
	}
	if got := traffic.Chance(310, 500, 0.9); got > traffic.DriftChance || got < 0 {
		t.Errorf("62 of 100 where 90 are declared, over 500: p = %v, want less than %v", got, traffic.DriftChance)
	}
}

// Binomial tails add up: what is at most k and what is more than k is all.
func TestChanceAgreesWithSums(t *testing.T) {
	const n, share = 40, 0.3
	for k := range n + 1 {
		lower, upper := tails(k, n, share)
		if want, got := min(1, 2*min(lower, upper)), traffic.Chance(k, n, share); math.Abs(got-want) > 1e-9 {
			t.Errorf("Chance(%d, %d, %v) = %v, want %v", k, n, share, got, want)
		}
	}
}

// tails are P(X ≤ k) and P(X ≥ k), added up.
func tails(k, n int, share float64) (atMost, atLeast float64) {
	for i := range n + 1 {
		p := choose(n, i) * math.Pow(share, float64(i)) * math.Pow(1-share, float64(n-i))
		if i <= k {
			atMost += p
		}
		if i >= k {
			atLeast += p
		}
	}
	return atMost, atLeast
}

func choose(n, k int) float64 {
	out := 1.0
	for i := range k {
		out = out * float64(n-i) / float64(i+1)
	}
	return out
}

func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-6
}
