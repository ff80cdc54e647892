package analysis

import "github.com/waylight/waylight/mesh"

var plaintextToStrict = Check{
	Code: "PLAINTEXT_TO_STRICT", Severity: Error, Class: Breaks,
	Subject:     "source owner workload, destinations in affects",
	Title:       "Somebody calls in plaintext where mTLS is required",
	Explanation: "A pod outside the mesh calls captured pods whose mode is STRICT: their ztunnel cuts each connection. Bring the caller into the mesh, or admit plaintext on that port by a PeerAuthentication.",
	Fires:       "Counters or logs of a destination's ztunnel show connections refused by STRICT whose source is outside the mesh.",
	Silent:      "The source is captured; no such refusal within the window.",
	Doubt:       "The source is known by its address only, and addresses are used again.",
	Needs:       []string{mesh.ResourcePods},
	Waits:       waitsForCounters,
}
