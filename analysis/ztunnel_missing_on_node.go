package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var ztunnelMissingOnNode = Check{
	Code: "ZTUNNEL_MISSING_ON_NODE", Severity: Critical, Class: Breaks,
	Subject: "Node",
	Title:   "A node with pods of the mesh has no ready ztunnel",
	Explanation: "The traffic of a captured pod is redirected to the ztunnel of its node. Without one its calls go nowhere: connections are refused or hang, in both directions. " +
		"Look at the ztunnel DaemonSet: why is there no ready pod on this node.",
	Fires:  "A node holds captured pods, or pods selected for ambient, and no pod with the label app=ztunnel on it is running and ready, in any namespace.",
	Silent: "No pod on the node is captured or selected; the pods are finished, terminating or younger than 60 s.",
	Doubt:  "A ztunnel that was just replaced may already have taken over; during a rolling update this lasts seconds.",
	Needs:  []string{mesh.ResourcePods}, Uses: []string{mesh.ResourceNodes, mesh.ResourceNamespaces, mesh.ResourceConfigMaps},
	Mesh: judgeZtunnelMissing,
}

func judgeZtunnelMissing(in *Input) []Finding {
	var out []Finding
	for _, n := range in.shared.nodes() {
		if ztunnels := in.Snap.Ztunnels(n.Node); mesh.ReadyPod(ztunnels) == nil {
			out = append(out, ztunnelMissing(in, n, ztunnels))
		}
	}
	return out
}

func ztunnelMissing(in *Input, n nodePods, ztunnels []*mesh.Workload) Finding {
	f := Finding{
		Subject:  mesh.Ref{Kind: "Node", Name: n.Node},
		Summary:  fmt.Sprintf("No ztunnel is ready on node %s, which holds %s of the mesh.", n.Node, countPods(len(n.refs()))),
		Detail:   "The calls of captured pods there, and the calls to them, fail: they are redirected to a ztunnel that is not there.",
		Evidence: in.componentEvidence(n.Node, "app=ztunnel", ztunnels),
		Affects:  n.refs(),
	}
	if len(n.Captured) == 0 {
		f.Detail = "Pods there that ask for the mesh cannot be captured: they are outside it until a ztunnel runs."
	}
	f.Fix = advise("Find out why the DaemonSet has no ready pod there: taints it does not tolerate, no room, an image that cannot be pulled, a crash. Traffic works again by itself once a ztunnel is ready.").
		read("get", "pods", "-A", "-l", "app=ztunnel", "--field-selector", "spec.nodeName="+n.Node, "-o", "wide").
		read("get", "daemonsets", "-A", "-l", "app=ztunnel", "-o", "wide").
		describe(ztunnels).
		read("describe", kubectlName(f.Subject))
	return f
}
