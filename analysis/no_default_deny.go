package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var noDefaultDeny = Check{
	Code: "NO_DEFAULT_DENY", Severity: Warning, Class: Risk,
	Subject: "mesh, affects = namespaces",
	Title:   "Pods may be called by everybody",
	Explanation: "Where no ALLOW policy covers a pod, its ztunnel admits every caller. An ALLOW without rules for a namespace, or in the root namespace for the mesh, turns that round: only what another policy admits passes. " +
		"Policies at a waypoint do not help against calls that go past it.",
	Fires:  "A captured pod that runs in a namespace which asks for ambient is covered by no ALLOW policy at ztunnel.",
	Silent: "Every such pod is covered; the namespace has no running pods; policies are not readable.",
	Doubt:  "NetworkPolicies may limit who reaches the pods.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies, mesh.ResourcePods, mesh.ResourceNamespaces}, Uses: []string{mesh.ResourceConfigMaps},
	Mesh: func(in *Input) []Finding {
		f := Finding{Subject: mesh.MeshRef}
		for _, sh := range in.Snap.Shards {
			if !in.asksForAmbient(sh) {
				continue
			}
			open := remember(in, sh, SightNamespace, "uncovered", func() int { return in.uncovered(sh) })
			if open > 0 {
				ns := mesh.Ref{Kind: "Namespace", Name: sh.Namespace}
				f.Affects = append(f.Affects, ns)
				if len(f.Evidence) < namedAtMost {
					f.Evidence = append(f.Evidence, fieldEvidence(ns, "AuthorizationPolicy", fmt.Sprintf("no ALLOW covers %s", countPods(open))))
				}
			}
		}
		if len(f.Affects) == 0 {
			return nil
		}
		f.Summary = fmt.Sprintf("Pods in %s may be called by everybody.", countNamespaces(f.Affects))
		f.Detail = "Their ztunnel admits every caller, since no ALLOW policy covers them."
		f.Fix = advise("Write policies for the callers you know, the waypoints among them, then an ALLOW without rules: from then on everything else is refused.").
			read("get", "authorizationpolicies.security.istio.io", "-A")
		return []Finding{f}
	},
}

// uncovered counts the captured pods of a namespace that no ALLOW covers.
func (in *Input) uncovered(sh *mesh.Shard) int {
	n := 0
	for _, w := range sh.Workloads {
		if w.Captured() && w.Running() && !in.shared.ztunnels().Before(w).DefaultDeny() {
			n++
		}
	}
	return n
}
