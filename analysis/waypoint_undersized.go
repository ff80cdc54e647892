package analysis

import "github.com/waylight/waylight/mesh"

var waypointUndersized = Check{
	Code: "WAYPOINT_UNDERSIZED", Severity: Warning, Class: Risk,
	Subject:     "Gateway",
	Title:       "A waypoint is too small for its load",
	Explanation: "A waypoint near its limit of CPU answers slowly, and one near its limit of memory is killed. Connections that all go to one replica have the same effect as a single replica. Raise the limits, or add replicas.",
	Fires:       "A replica uses more than 90 % of its limit of CPU or memory, or the connections of two replicas differ by more than 4 to 1.",
	Silent:      "No limit is set; no metrics of containers are known.",
	Doubt:       "A moment's use is not a trend.",
	Needs:       []string{mesh.ResourceGateways, mesh.ResourcePods},
	Waits:       waitsForCounters,
}
