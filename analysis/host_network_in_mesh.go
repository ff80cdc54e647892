package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/mesh"
)

var hostNetworkInMesh = Check{
	Code: "HOST_NETWORK_IN_MESH", Severity: Info, Class: Risk,
	Subject: "owner workload (Deployment, StatefulSet, …; else the Pod)",
	Title:   "Pods in the node's network are in an ambient namespace",
	Explanation: "A pod with hostNetwork has no network of its own to redirect, so it is never captured: it has no identity, calls leave in plaintext, and a destination that asks for mTLS refuses them. " +
		"ztunnel cannot tell such pods of one node apart by address either. Nothing is wrong as long as nobody counts on them being in the mesh.",
	Fires:  "A running hostNetwork pod is selected for ambient by its own labels or its namespace's.",
	Silent: "kube-system and the namespace of Istio; namespaces istio-cni leaves out; the pod's label istio.io/dataplane-mode is none.",
	Doubt:  "Agents that only serve their own node need nothing of the mesh.",
	Needs:  []string{mesh.ResourcePods}, Uses: []string{mesh.ResourceNamespaces, mesh.ResourceConfigMaps},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		if sh.Namespace == "kube-system" || sh.Namespace == in.Snap.RootNamespace() || slices.Contains(in.Snap.CNIConfig().ExcludeNamespaces, sh.Namespace) {
			return nil
		}
		asked := func(w *mesh.Workload) bool {
			return w.HostNetwork && in.settled(w) && in.Snap.Enrolment(w).AskedFor == mesh.FactYes
		}
		return in.perOwner(sh, asked, func(o ownedPods) Finding { return inHostNetwork(in, o) })
	},
}

func inHostNetwork(in *Input, o ownedPods) Finding {
	first := o.Pods[0]
	f := Finding{
		Subject: o.Owner, Affects: refs(o.Pods),
		Summary: fmt.Sprintf("%s of %s %s in the network of the node, so the mesh never captures %s.", countPods(len(o.Pods)), o.Owner, runs(len(o.Pods)), them(len(o.Pods))),
		Detail:  "Calls from there leave in plaintext and without an identity; destinations that ask for mTLS refuse them.",
	}
	f.Evidence = append(in.askedByEvidence(first), fieldEvidence(first.Ref(), "spec.hostNetwork", "true"))
	f.Fix = advise("Nothing to do if they need nothing of the mesh. To give them an identity, run them without hostNetwork.").get(o.Owner)
	return f
}

func runs(n int) string {
	if n == 1 {
		return "runs"
	}
	return "run"
}
