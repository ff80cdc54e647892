package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var redirectionStale = Check{
	Code: "REDIRECTION_STALE", Severity: Warning, Class: Risk,
	Subject: "owner workload (Deployment, StatefulSet, …; else the Pod)",
	Title:   "Pods are still marked as captured, and nothing selects them any more",
	Explanation: "istio-cni takes a pod out of the mesh as soon as its labels no longer ask for it, and takes the annotation away. Where the annotation stays, either the removal failed and the traffic is still redirected, " +
		"or only the mark is left: other ztunnels go on using HBONE for the pod, and calls to it fail if nothing answers on port 15008 any more.",
	Fires:  "A running pod has the annotation ambient.istio.io/redirection: enabled, and neither its labels nor its namespace's select it.",
	Silent: "The labels could not be read; they changed in the last seconds; pods finished, terminating or younger than 60 s.",
	Doubt:  "istio-cni may be about to take the pod out.",
	Needs:  []string{mesh.ResourcePods, mesh.ResourceNamespaces}, Uses: []string{mesh.ResourceConfigMaps},
	Sight: SightNamespace,
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		if sh.Info == nil || in.Now.Sub(sh.Info.SpecChange.Time) < enrolmentTime {
			return nil
		}
		stale := func(w *mesh.Workload) bool {
			return w.Captured() && in.settled(w) && in.Now.Sub(w.ChangedAt()) >= enrolmentTime && in.Snap.Enrolment(w).AskedFor == mesh.FactNo
		}
		return in.perOwner(sh, stale, func(o ownedPods) Finding { return stillMarked(in, sh, o) })
	},
}

func stillMarked(in *Input, sh *mesh.Shard, o ownedPods) Finding {
	first := o.Pods[0]
	f := Finding{
		Subject: o.Owner, Affects: refs(o.Pods),
		Summary: fmt.Sprintf("%s of %s %s marked as captured, and nothing asks for that any more.", countPods(len(o.Pods)), o.Owner, are(len(o.Pods))),
		Detail:  "Other ztunnels still use HBONE for calls to them. If the redirection itself is gone, those calls fail.",
	}
	f.Evidence = []Evidence{
		annotationEvidence(&first.Meta, mesh.AnnotationRedirection),
		fieldEvidence(sh.Info.Ref(), "metadata.labels["+mesh.LabelDataplaneMode+"]", labelOrAbsent(&sh.Info.Meta, mesh.LabelDataplaneMode)),
		fieldEvidence(first.Ref(), "metadata.labels["+mesh.LabelDataplaneMode+"]", labelOrAbsent(&first.Meta, mesh.LabelDataplaneMode)),
	}
	f.Fix = advise("Look for the pod in the log of istio-cni on its node, then restart it: a new pod starts outside the mesh. Its calls are in plaintext from then on, and destinations that ask for mTLS refuse them.")
	for _, p := range in.Snap.CNINodes(first.Node) {
		f.Fix = f.Fix.read("-n", p.Namespace, "logs", kubectlName(p.Ref()), "--since=24h")
	}
	f.Fix = f.Fix.get(first.Ref()).restart(o)
	return f
}

// labelOrAbsent is a label's value, or the word for none.
func labelOrAbsent(m *mesh.Meta, key string) string {
	if v, ok := m.Labels[key]; ok {
		return v
	}
	return "absent"
}
