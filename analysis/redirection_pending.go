package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/mesh"
)

var redirectionPending = Check{
	Code: "REDIRECTION_PENDING", Severity: Critical, Class: Breaks,
	Subject: "owner workload (Deployment, StatefulSet, …; else the Pod)",
	Title:   "Pods are half captured: redirected, and no ztunnel took them",
	Explanation: "istio-cni wrote the redirection rules into the pod, and the node's ztunnel did not acknowledge it. All traffic of the pod goes to a ztunnel that does not know it, and fails. " +
		"istio-cni tries again; when that does not help, the logs of istio-cni and ztunnel on the node say why.",
	Fires:  "A pod has the annotation ambient.istio.io/redirection: pending.",
	Silent: "No ztunnel is ready on the node, which ZTUNNEL_MISSING_ON_NODE reports with its pods; pods finished, terminating or younger than 60 s.",
	Doubt:  "istio-cni may be trying again right now; the annotation is written when that worked.",
	Needs:  []string{mesh.ResourcePods},
	// A dead istio-cni does not try again, so the pod stays pending.
	ConsequenceOf: []string{"CNI_NOT_READY_ON_NODE"},
	Sight:         SightNamespace,
	Namespace:     judgePending,
}

func judgePending(in *Input, sh *mesh.Shard) []Finding {
	return in.perOwner(sh, in.pending, func(o ownedPods) Finding { return pendingFinding(in, o) })
}

func (in *Input) pending(w *mesh.Workload) bool {
	if w.Claimed() != mesh.FactPending || !in.settled(w) {
		return false
	}
	return mesh.ReadyPod(in.Snap.Ztunnels(w.Node)) != nil || !in.Snap.Readable(mesh.ResourcePods, "")
}

func pendingFinding(in *Input, o ownedPods) Finding {
	first := o.Pods[0]
	f := Finding{
		Subject: o.Owner,
		Summary: fmt.Sprintf("%s of %s %s redirected to a ztunnel that has not taken %s.", countPods(len(o.Pods)), o.Owner, are(len(o.Pods)), them(len(o.Pods))),
		Detail:  "All traffic from and to them fails until ztunnel acknowledges them.",
		Affects: refs(o.Pods),
	}
	for _, p := range o.Pods[:min(len(o.Pods), namedAtMost)] {
		f.Evidence = append(f.Evidence, annotationEvidence(&p.Meta, mesh.AnnotationRedirection))
	}
	f.Fix = advise("Look for the pod in the logs of istio-cni and ztunnel on its node. Restarting the pod enrols it anew, and policies at ztunnel decide about its calls then; its traffic fails already, so nothing is lost by it.")
	for _, p := range slices.Concat(in.Snap.CNINodes(first.Node), in.Snap.Ztunnels(first.Node)) {
		f.Fix = f.Fix.read("-n", p.Namespace, "logs", kubectlName(p.Ref()), "--since=1h")
	}
	f.Fix = f.Fix.restart(o)
	return f
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}
