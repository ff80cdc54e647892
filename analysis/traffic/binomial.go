package traffic

import "gonum.org/v1/gonum/mathext"

// confidence of the intervals that are shown with a share.
const confidence = 0.95

// Interval is the exact (Clopper–Pearson) interval of a share of which k of n
// were seen: with a confidence of at least 95 % the true share lies in it. For
// n of 0 it is everything.
func Interval(k, n int) (low, high float64) {
	const tail = (1 - confidence) / 2
	low, high = 0, 1
	if k > 0 {
		low = mathext.InvRegIncBeta(float64(k), float64(n-k+1), tail)
	}
	if k < n {
		high = mathext.InvRegIncBeta(float64(k+1), float64(n-k), 1-tail)
	}
	return low, high
}

// Chance is the exact two-sided binomial p: how probable it is that of n
// requests, each with the given share, the number seen is as far off as k or
// farther. It is twice the smaller tail, which never overstates a difference.
func Chance(k, n int, share float64) float64 {
	switch {
	case n == 0 || share <= 0 && k == 0 || share >= 1 && k == n:
		return 1
	case share <= 0 || share >= 1:
		return 0
	}
	return min(1, 2*min(atMost(k, n, share), atLeast(k, n, share)))
}

// atMost is P(X ≤ k), by the regularised incomplete beta function.
func atMost(k, n int, share float64) float64 {
	if k >= n {
		return 1
	}
	return mathext.RegIncBeta(float64(n-k), float64(k+1), 1-share)
}

func atLeast(k, n int, share float64) float64 {
	if k <= 0 {
		return 1
	}
	return mathext.RegIncBeta(float64(k), float64(n-k+1), share)
}
