package analysis

import "github.com/waylight/waylight/mesh"

var splitDrift = Check{
	Code: "SPLIT_DRIFT", Severity: Warning, Class: Risk,
	Subject:     "Service",
	Title:       "Traffic is not split as it is declared",
	Explanation: "The shares that the versions of a Service really get differ from the weights of its route by more than chance explains. Long connections, retries, locality or a rule with a match that reaches the same version are the usual reasons.",
	Fires:       "Over the window, of at least 200 requests, the observed shares differ from the declared ones by 5 points or more, with a binomial p below 1e-6.",
	Silent:      "Fewer requests; a route of the host changed within the window; a rule with a match reaches the same backends.",
	Doubt:       "Versions are told apart by the labels metrics carry, which may not be those of the subset.",
	Needs:       []string{mesh.ResourceServices, mesh.ResourceGateways},
	Waits:       waitsForCounters,
}
