package analysis

import (
	"fmt"
	"strconv"

	"github.com/waylight/waylight/mesh"
)

var waypointSingleReplica = Check{
	Code: "WAYPOINT_SINGLE_REPLICA", Severity: Warning, Class: Risk,
	Subject: "Gateway",
	Title:   "Calls depend on a waypoint with a single replica",
	Explanation: "A waypoint that is bound and has no ready pod refuses every call (fail-closed). With one replica a restart, a node drain or an eviction does that to everything bound to it. " +
		"Run at least two, on different nodes, with a PodDisruptionBudget.",
	Fires:  "A waypoint has one ready endpoint, its Deployment asks for one replica, and at least one Service or ServiceEntry is bound to it.",
	Silent: "An autoscaler with minReplicas above 1; a Deployment that asks for more and is on its way; nothing bound to it.",
	Doubt:  "A Deployment managed from elsewhere may be scaled up by it.",
	Needs:  []string{mesh.ResourceGateways, mesh.ResourceEndpointSlices, mesh.ResourceServices, mesh.ResourceDeployments, mesh.ResourceAutoscalers},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceServiceEntries},
	Mesh:   judgeSingleReplica,
}

func judgeSingleReplica(in *Input) []Finding {
	var out []Finding
	for _, w := range in.Snap.Waypoints() {
		if bound := boundServices(w); len(bound) > 0 && alone(w) {
			out = append(out, singleReplica(w, bound))
		}
	}
	return out
}

func alone(w *mesh.Waypoint) bool {
	if !w.EndpointsKnown || w.ReadyEndpoints != 1 || w.Deployment == nil || w.Deployment.Wanted != 1 {
		return false
	}
	return w.Autoscaler == nil || w.Autoscaler.MinReplicas <= 1
}

func boundServices(w *mesh.Waypoint) []mesh.Ref {
	var out []mesh.Ref
	for _, r := range w.Dependents {
		if r.Kind == "Service" || r.Kind == "ServiceEntry" {
			out = append(out, r)
		}
	}
	return out
}

func singleReplica(w *mesh.Waypoint, bound []mesh.Ref) Finding {
	f := Finding{Subject: w.Ref(), Affects: bound}
	f.Summary = fmt.Sprintf("Every call to %s goes through the only replica of waypoint %s.", names(bound), w.Ref().NamespacedName())
	f.Detail = "While it restarts or moves to another node these calls fail: a bound waypoint without a ready pod is fail-closed."
	f.Evidence = []Evidence{fieldEvidence(w.Deployment.Ref(), "spec.replicas", strconv.Itoa(int(w.Deployment.Wanted))), endpointEvidence(w)}
	f.Fix = advise("Run two replicas or more, on different nodes, and add a PodDisruptionBudget. That changes nothing about which calls pass.").
		read("-n", w.Namespace, "get", "deployments,horizontalpodautoscalers,poddisruptionbudgets", "-o", "wide")
	if w.Autoscaler != nil {
		f.Evidence = append(f.Evidence, fieldEvidence(w.Autoscaler.Ref(), "spec.minReplicas", strconv.Itoa(int(w.Autoscaler.MinReplicas))))
		f.Fix = f.Fix.change("-n", w.Autoscaler.Namespace, "patch", kubectlName(w.Autoscaler.Ref()), "--type=merge", "-p", `{"spec":{"minReplicas":2}}`)
		return f
	}
	f.Fix = f.Fix.change("-n", w.Namespace, "scale", kubectlName(w.Deployment.Ref()), "--replicas=2")
	return f
}
