package analysis

import "github.com/waylight/waylight/mesh"

var redirectionClaimedNoTraffic = Check{
	Code: "REDIRECTION_CLAIMED_NO_TRAFFIC", Severity: Error, Class: Unprotected,
	Subject:     "Node",
	Title:       "Pods are marked as captured, and their traffic does not pass ztunnel",
	Explanation: "The annotation of a pod outlives a reboot of its node, and the rules it speaks of do not. Such pods look captured, other ztunnels use HBONE for them, and their own calls leave in plaintext past every policy. Restart them.",
	Fires:       "Over two readings of its counters the ztunnel of a node shows no connection although marked pods run there whose containers started after the node booted, and a waypoint or another ztunnel counted some from there.",
	Silent:      "Fewer than two readings; no other proxy saw traffic from the node.",
	Doubt:       "Pods that call nobody and are called by nobody look the same.",
	Needs:       []string{mesh.ResourcePods, mesh.ResourceNodes},
	Waits:       waitsForCounters,
}
