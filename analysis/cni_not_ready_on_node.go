package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var cniNotReadyOnNode = Check{
	Code: "CNI_NOT_READY_ON_NODE", Severity: Error, Class: Risk,
	Subject: "Node",
	Title:   "A node with pods of the mesh has no ready istio-cni",
	Explanation: "istio-cni redirects the traffic of pods to ztunnel. Pods it captured before keep working. New pods of the mesh cannot start on the node, or start outside the mesh, " +
		"and running pods that are selected only now stay outside: their traffic is in the clear and policies for them are not enforced.",
	Fires:  "A node holds captured pods, or pods selected for ambient, and no pod with the label k8s-app=istio-cni-node on it is running and ready, in any namespace.",
	Silent: "No pod on the node is captured or selected; the pods are finished, terminating or younger than 60 s.",
	Doubt:  "Platforms that bring their own redirection may run it under another label.",
	Needs:  []string{mesh.ResourcePods}, Uses: []string{mesh.ResourceNodes, mesh.ResourceNamespaces, mesh.ResourceConfigMaps},
	Mesh: judgeCNINotReady,
}

func judgeCNINotReady(in *Input) []Finding {
	var out []Finding
	for _, n := range in.shared.nodes() {
		if pods := in.Snap.CNINodes(n.Node); mesh.ReadyPod(pods) == nil {
			out = append(out, cniNotReady(in, n, pods))
		}
	}
	return out
}

func cniNotReady(in *Input, n nodePods, pods []*mesh.Workload) Finding {
	f := Finding{
		Subject:  mesh.Ref{Kind: "Node", Name: n.Node},
		Summary:  fmt.Sprintf("istio-cni is not ready on node %s, which holds %s of the mesh.", n.Node, countPods(len(n.refs()))),
		Detail:   "Pods that are captured keep working. New pods of the mesh cannot start there or start outside the mesh.",
		Evidence: in.componentEvidence(n.Node, "k8s-app=istio-cni-node", pods),
		Affects:  n.refs(),
	}
	if waiting := len(n.Waiting); waiting > 0 {
		f.Class = Unprotected
		f.Detail += fmt.Sprintf(" Outside the mesh now, without mTLS and without the policies at ztunnel: %s.", names(refs(n.Waiting)))
	}
	f.Fix = advise("Find out why the DaemonSet has no ready pod there. Once it is ready it captures the selected pods by itself, and policies at ztunnel apply to them from then on.").
		read("get", "pods", "-A", "-l", "k8s-app=istio-cni-node", "--field-selector", "spec.nodeName="+n.Node, "-o", "wide").
		read("get", "daemonsets", "-A", "-l", "k8s-app=istio-cni-node", "-o", "wide").
		describe(pods).
		read("describe", kubectlName(f.Subject))
	return f
}
