package analysis

import (
	"cmp"
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var enrolledNotInZtunnel = Check{
	Code: "ENROLLED_NOT_IN_ZTUNNEL", Severity: Critical, Class: Breaks,
	Subject: "owner workload (Deployment, StatefulSet, …; else the Pod)",
	Title:   "Pods are marked as captured, and their ztunnel does not serve them",
	Explanation: "istio-cni wrote that the pod's traffic is redirected, and the ztunnel of its node does not have the pod or is still waiting for it. The pod's calls go to a ztunnel that does not know it, and fail. " +
		"It happens when the link between istio-cni and ztunnel broke, or when istiod has not told ztunnel of the pod.",
	Fires:  "A pod has the annotation ambient.istio.io/redirection: enabled, and the workloadState in the dump of its node's ztunnel lacks its UID, or has it as Pending.",
	Silent: "That dump was not read, or is older than 60 s after the pod's last change; two ztunnels run on the node, as during an upgrade; pods finished, terminating or younger than 60 s.",
	Doubt:  "The pod may have been taken since the dump was read.",
	Needs:  []string{mesh.ResourcePods, readZtunnels},
	// A ztunnel that is cut off from istiod is not told of new pods.
	ConsequenceOf: []string{"ZTUNNEL_MISSING_ON_NODE", "XDS_DISCONNECTED", "OUTSIDE_DISCOVERY_SELECTORS"},
	Sight:         SightProxies,
	Namespace:     judgeEnrolled,
}

func judgeEnrolled(in *Input, sh *mesh.Shard) []Finding {
	var lost []*mesh.Workload
	for _, z := range in.shared.proxies().ztunnels {
		if z.Local == nil || in.several(z.Node) {
			continue
		}
		for _, w := range sh.OnNode(z.Node) {
			if w.Captured() && in.settled(w) && z.At.Sub(enrolmentTouched(w)) >= settlingTime && z.Local[w.UID] != "Up" {
				lost = append(lost, w)
			}
		}
	}
	var out []Finding
	for _, o := range in.byOwner(lost) {
		out = append(out, notInZtunnel(in, o))
	}
	return out
}

// several tells that more than one ztunnel runs on a node: each pod is in one
// of them only.
func (in *Input) several(node string) bool {
	running := 0
	for _, z := range in.Snap.Ztunnels(node) {
		if !z.Finished() {
			running++
		}
	}
	return running > 1
}

func notInZtunnel(in *Input, o ownedPods) Finding {
	f := Finding{
		Subject: o.Owner, Affects: refs(o.Pods),
		Summary: fmt.Sprintf("%s of %s %s marked as captured, and ztunnel does not serve %s.", countPods(len(o.Pods)), o.Owner, are(len(o.Pods)), them(len(o.Pods))),
		Detail:  "All traffic from and to them fails: it is redirected to a ztunnel that does not know them.",
	}
	for _, p := range o.Pods {
		z := in.Snap.ZtunnelEvidence(p.Node)
		f.Evidence = append(f.Evidence, annotationEvidence(&p.Meta, mesh.AnnotationRedirection),
			saidEvidence("ztunnel/"+p.Node, p.Ref(), "workloadState["+p.UID+"]", cmp.Or(z.Local[p.UID], "not there"), z.At))
	}
	f.Evidence = shorten(f.Evidence)
	f.Fix = advise("Look for the pod in the logs of ztunnel and istio-cni on its node. Restarting the pod enrols it anew, and policies at ztunnel decide about its calls then; its traffic fails already, so nothing is lost by it.")
	first := o.Pods[0]
	for _, p := range append(in.Snap.Ztunnels(first.Node), in.Snap.CNINodes(first.Node)...) {
		f.Fix = f.Fix.read("-n", p.Namespace, "logs", kubectlName(p.Ref()), "--since=1h")
	}
	f.Fix = f.Fix.get(first.Ref()).restart(o)
	return f
}
