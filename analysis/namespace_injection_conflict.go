package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var namespaceInjectionConflict = Check{
	Code: "NAMESPACE_INJECTION_CONFLICT", Severity: Warning, Class: Risk, Manifests: OnSomeManifests,
	Subject: "Namespace",
	Title:   "A namespace asks for ambient and for sidecars at once",
	Explanation: "The namespace has the label for ambient and a label for sidecar injection. New pods get a sidecar, and the sidecar wins: " +
		"such a pod is not captured by ztunnel, and its calls skip service waypoints. Pods from before are captured. Keep one of the two labels, then restart the pods that have a sidecar.",
	Fires:  "istio.io/dataplane-mode=ambient on a Namespace together with istio-injection=enabled or istio.io/rev.",
	Silent: "istio-injection=disabled, which beats istio.io/rev.",
	Doubt:  "The label istio.io/rev injects only where a sidecar injector of that revision is installed.",
	Needs:  []string{mesh.ResourceNamespaces}, Uses: []string{mesh.ResourcePods},
	Namespace: judgeInjectionConflict,
}

func judgeInjectionConflict(in *Input, sh *mesh.Shard) []Finding {
	ns := sh.Info
	if ns == nil || !ns.Deleting.IsZero() || ns.Labels[mesh.LabelDataplaneMode] != mesh.DataplaneAmbient {
		return nil
	}
	key := injectionLabel(ns)
	if key == "" {
		return nil
	}
	f := Finding{
		Subject:  ns.Ref(),
		Summary:  fmt.Sprintf("Namespace %s asks for ambient and, with %s=%s, for sidecars.", ns.Name, key, ns.Labels[key]),
		Detail:   "New pods get a sidecar, and the sidecar wins: ztunnel does not capture them, and their calls skip service waypoints. No pod has one so far.",
		Evidence: []Evidence{labelEvidence(&ns.Meta, mesh.LabelDataplaneMode), labelEvidence(&ns.Meta, key)},
	}
	for _, w := range sh.Workloads {
		if w.HasSidecar() && !w.Finished() {
			f.Affects = append(f.Affects, w.Ref())
		}
	}
	if n := len(f.Affects); n > 0 {
		f.Detail = fmt.Sprintf("New pods get a sidecar, and the sidecar wins: ztunnel does not capture them, and their calls skip service waypoints. So it is for %s now.", countPods(n))
	}
	f.Fix = advise("Take the injection label away and restart the pods that have a sidecar: from then on ztunnel captures them and their calls go through service waypoints, whose policies may refuse what passes now. To stay with sidecars take the ambient label away instead.").
		read("-n", ns.Name, "get", "pods", "-o", `custom-columns=NAME:.metadata.name,SIDECAR:.metadata.annotations.sidecar\.istio\.io/status`).
		change("label", kubectlName(ns.Ref()), key+"-")
	return []Finding{f}
}

// injectionLabel is the label that makes the injector act on new pods, as its
// webhook selects namespaces: istio-injection decides alone where it is set.
func injectionLabel(ns *mesh.Namespace) string {
	if v, ok := ns.Labels[mesh.LabelInjection]; ok {
		if v == "enabled" {
			return mesh.LabelInjection
		}
		return ""
	}
	if ns.Labels[mesh.LabelRevision] != "" {
		return mesh.LabelRevision
	}
	return ""
}
