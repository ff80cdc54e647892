package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var podBothModes = Check{
	Code: "POD_BOTH_MODES", Severity: Warning, Class: Risk,
	Subject: "owner workload (Deployment, StatefulSet, …; else the Pod)",
	Title:   "Pods have a sidecar where ambient is asked for",
	Explanation: "A pod with a sidecar is never captured by ambient: the sidecar wins. Its calls reach ambient pods over HBONE and skip every waypoint of a Service, so policies and routes that live there do not act on them. " +
		"Take injection away and restart the pods to move them to ambient, or opt them out with istio.io/dataplane-mode: none to say that the sidecar is meant.",
	Fires:  "A running pod with the annotation sidecar.istio.io/status is selected for ambient by its own labels or its namespace's.",
	Silent: "The pod's label istio.io/dataplane-mode is none; pods finished, terminating or younger than 60 s.",
	Doubt:  "A migration from sidecars to ambient passes through this state until the pods are restarted.",
	Needs:  []string{mesh.ResourcePods}, Uses: []string{mesh.ResourceNamespaces, mesh.ResourceConfigMaps},
	Sight: SightNamespace,
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		both := func(w *mesh.Workload) bool {
			return w.HasSidecar() && in.settled(w) && in.Snap.Enrolment(w).AskedFor == mesh.FactYes
		}
		return in.perOwner(sh, both, func(o ownedPods) Finding { return bothModes(in, o) })
	},
}

func bothModes(in *Input, o ownedPods) Finding {
	first := o.Pods[0]
	f := Finding{
		Subject: o.Owner, Affects: refs(o.Pods),
		Summary: fmt.Sprintf("%s of %s %s a sidecar although ambient is asked for.", countPods(len(o.Pods)), o.Owner, have(len(o.Pods))),
		Detail:  "The sidecar wins: the pods are not captured, and their calls skip every waypoint of a Service.",
	}
	f.Evidence = append(in.askedByEvidence(first), fieldEvidence(first.Ref(), "metadata.annotations["+mesh.AnnotationSidecarStatus+"]", "present"))
	f.Fix = advise("To move them to ambient, take injection away (istio-injection or istio.io/rev on the namespace, sidecar.istio.io/inject on the pods) and restart them. From then on ztunnel and waypoints decide about their calls, and policies of the sidecar no longer do.").
		read("-n", o.Owner.Namespace, "get", "pods", "-o", "custom-columns=POD:.metadata.name,CONTAINERS:.spec.containers[*].name,INIT:.spec.initContainers[*].name").
		restart(o)
	return f
}

func have(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}
