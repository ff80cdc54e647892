package analysis

import "github.com/waylight/waylight/mesh"

var metricsAbsent = Check{
	Code: "METRICS_ABSENT", Severity: Info, Class: Risk,
	Subject:     "mesh",
	Title:       "Prometheus has no metrics of waypoints",
	Explanation: "Prometheus answers and knows nothing of requests at waypoints although waypoints run. Splits and error rates then come from two readings of the proxies themselves, and nothing older than those is known.",
	Fires:       "Prometheus answers and has no series istio_requests_total with reporter waypoint, and a waypoint with an address has pods.",
	Silent:      "Prometheus is not configured or does not answer; no waypoint runs.",
	Doubt:       "A mesh without any request yet has no series either.",
	Needs:       []string{mesh.ResourceGateways},
	Waits:       waitsForCounters,
}
