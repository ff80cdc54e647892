package analysis

import (
	"slices"
	"strings"
)

// waitsForCounters is why a check that rests on traffic does not judge.
const waitsForCounters = "It rests on counters of traffic, which this release does not judge yet."

// Waiting lists the checks whose codes are given away and that do not judge
// yet, each with the reason in Waits. They never run, and no report counts
// them. The slice is the caller's own.
func Waiting() []Check {
	return []Check{
		circuitBreakerTight,
		connectionsFailing,
		metricsAbsent,
		plaintextToStrict,
		redirectionClaimedNoTraffic,
		splitDrift,
		waypointUndersized,
	}
}

// Catalogue is every code there is, sorted: the checks that judge and those
// that wait. The slice is the caller's own.
func Catalogue() []Check {
	all := append(Checks(), Waiting()...)
	slices.SortFunc(all, func(a, b Check) int { return strings.Compare(a.Code, b.Code) })
	return all
}
