package analysis

import "github.com/waylight/waylight/mesh"

var connectionsFailing = Check{
	Code: "CONNECTIONS_FAILING", Severity: Error, Class: Breaks,
	Subject:     "source owner workload, destinations in affects",
	Title:       "Connections of a workload fail",
	Explanation: "ztunnel counts each connection it closes with a flag that says how it ended. Where more than one in a hundred ends otherwise than well, callers see resets and timeouts. The flag says which hop to look at first.",
	Fires:       "Over the window ztunnel's counters show flags other than - for more than 1 % of a workload's connections to a destination, and at least 5.",
	Silent:      "The flag DENY, by which a policy decided; fewer connections; a ztunnel older than 1.29, which writes no flags.",
	Doubt:       "An application that closes connections in its own way can look like a failure.",
	Needs:       []string{mesh.ResourcePods},
	Waits:       waitsForCounters,
}
