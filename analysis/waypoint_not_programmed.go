package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/mesh"
)

var waypointNotProgrammed = Check{
	Code: "WAYPOINT_NOT_PROGRAMMED", Severity: Critical, Class: Unprotected,
	Subject: "Gateway",
	Title:   "A waypoint has no address yet",
	Explanation: "istiod hands a waypoint out once its Gateway has an address, which it gets when a pod of it was ready for the first time, and never loses again. Until then everything that names the waypoint is called direct, " +
		"without the policies and routes that live there (fail-open). The condition Programmed says what istiod waits for. Without anything that names it this is a warning.",
	Fires:         "A waypoint Gateway has no status.addresses. The address decides, not the condition.",
	Silent:        "Nothing names the Gateway and it is younger than 60 s.",
	Doubt:         "The waypoint may be starting: the first pod takes some seconds to become ready.",
	Needs:         []string{mesh.ResourceGateways},
	ConsequenceOf: []string{"WAYPOINT_NO_CONTROLLER"},
	Uses:          []string{mesh.ResourceNamespaces, mesh.ResourceServices, mesh.ResourceServiceEntries, mesh.ResourceWorkloadEntries, mesh.ResourcePods, mesh.ResourceDeployments},
	Mesh:          judgeNotProgrammed,
}

func judgeNotProgrammed(in *Input) []Finding {
	var out []Finding
	for _, w := range in.Snap.Waypoints() {
		if w.HasAddress() || !w.Deleting.IsZero() {
			continue
		}
		asking := servedKinds(w, w.Askers)
		if len(asking) == 0 && in.Now.Sub(w.Created) < settlingTime {
			continue
		}
		out = append(out, notProgrammed(in, w, asking))
	}
	return out
}

func notProgrammed(in *Input, w *mesh.Waypoint, asking []mesh.Ref) Finding {
	f := Finding{Subject: w.Ref(), Affects: asking}
	f.Summary = fmt.Sprintf("Waypoint %s has no address, so istiod does not use it.", w.Ref().NamespacedName())
	f.Evidence = append(f.Evidence, fieldEvidence(w.Ref(), "status.addresses", "empty"))
	if c := w.Conditions.Find(mesh.ConditionProgrammed); c != nil {
		f.Evidence = append(f.Evidence, conditionEvidence(w.Ref(), c))
	}
	f.Evidence = append(f.Evidence, waypointPodEvidence(w)...)
	direct := in.directCalls(asker{Affects: asking})
	f.Detail, f.Class = direct.sentence(asker{Affects: asking}), direct.class()
	f.Evidence = append(f.Evidence, direct.evidence()...)
	if len(asking) == 0 {
		f.Severity, f.Class = Warning, Risk
		f.Detail = "Nothing names it, so no calls depend on it now."
	}
	f.Fix = advise("Get one pod of it ready: look at its Deployment and pods, and at whether istiod made them at all. From the first ready pod on, calls go through the waypoint, and its policies and routes apply and may refuse what passes now.").
		get(w.Ref()).
		read("-n", w.Namespace, "get", "deployments,pods", "-l", mesh.LabelGatewayName+"="+w.Name, "-o", "wide").
		read("-n", w.Namespace, "describe", "pods", "-l", mesh.LabelGatewayName+"="+w.Name)
	return f
}

// servedKinds keeps what a waypoint takes by its traffic type. Before it has
// an address istiod reports everything that names it, also pods that inherit
// the label of their namespace and will never use it.
func servedKinds(w *mesh.Waypoint, asking []mesh.Ref) []mesh.Ref {
	return slices.DeleteFunc(slices.Clone(asking), func(r mesh.Ref) bool {
		workload := r.Kind == "Pod" || r.Kind == "WorkloadEntry"
		switch w.For {
		case "all":
			return false
		case "workload":
			return !workload
		case "service":
			return workload
		}
		return true
	})
}

// waypointPodEvidence says why a waypoint has no ready pod.
func waypointPodEvidence(w *mesh.Waypoint) []Evidence {
	var out []Evidence
	if w.Deployment != nil && w.Deployment.Wanted == 0 {
		out = append(out, fieldEvidence(w.Deployment.Ref(), "spec.replicas", "0"))
	}
	for _, p := range w.Pods {
		if !p.Ready && len(out) < namedAtMost {
			out = append(out, podStateEvidence(p))
		}
	}
	return out
}
