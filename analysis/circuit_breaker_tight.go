package analysis

import "github.com/waylight/waylight/mesh"

var circuitBreakerTight = Check{
	Code: "CIRCUIT_BREAKER_TIGHT", Severity: Info, Class: Risk,
	Subject:     "DestinationRule",
	Title:       "A circuit breaker refuses calls",
	Explanation: "A DestinationRule limits connections and pending requests to a host. Calls above the limit are answered 503 with the flag UO at once, by design. Where that happens in ordinary traffic the limit is too low for it.",
	Fires:       "The rates of a host show the flag UO, and a DestinationRule in effect limits it.",
	Silent:      "No call was refused by the limit; no limit is in effect.",
	Doubt:       "A burst that the limit is there to stop looks the same.",
	Needs:       []string{mesh.ResourceDestinationRules},
	Waits:       waitsForCounters,
}
