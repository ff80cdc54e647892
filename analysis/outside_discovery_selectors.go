package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/mesh"
)

var outsideDiscoverySelectors = Check{
	Code: "OUTSIDE_DISCOVERY_SELECTORS", Severity: Critical, Class: Breaks,
	Subject: "Namespace",
	Title:   "Pods are captured in a namespace istiod does not look at",
	Explanation: "istio-cni captures by its own labels and knows nothing of meshConfig.discoverySelectors, which tell istiod the namespaces to read. Pods captured outside of them are unknown to istiod, so their ztunnel is never told about them: " +
		"all their traffic fails with \"failed to fetch information about local workload\". Give the namespace the label the selectors ask for, or take it out of ambient.",
	Fires:  "A running pod is captured, and no entry of meshConfig.discoverySelectors matches the labels of its namespace.",
	Silent: "There are no discoverySelectors; the mesh configuration or the namespace could not be read; the namespace was labelled in the last minute.",
	Doubt:  "With several istiods (revisions) another one may look at the namespace.",
	Needs:  []string{mesh.ResourcePods, mesh.ResourceNamespaces, mesh.ResourceConfigMaps},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		config := in.Snap.MeshConfig()
		if sh.Info == nil || config.DiscoverySelectors == nil || config.Malformed != "" || in.discovered(sh) || in.Now.Sub(sh.Info.ChangedAt()) < settlingTime {
			return nil
		}
		var pods []*mesh.Workload
		for _, w := range sh.Workloads {
			if w.Claimed() != mesh.FactNo && in.settled(w) {
				pods = append(pods, w)
			}
		}
		if len(pods) == 0 {
			return nil
		}
		return []Finding{undiscovered(in, sh, pods)}
	},
}

// discovered tells whether some istiod looks at a namespace. Every revision has
// a mesh configuration of its own.
func (in *Input) discovered(sh *mesh.Shard) bool {
	for _, other := range in.Snap.Shards {
		for _, c := range other.MeshConfigs {
			if c.DiscoverySelectors == nil || c.Malformed != "" ||
				slices.ContainsFunc(c.DiscoverySelectors, func(s mesh.LabelSelector) bool { return s.Matches(sh.Info.Labels) }) {
				return true
			}
		}
	}
	return false
}

func undiscovered(in *Input, sh *mesh.Shard, pods []*mesh.Workload) Finding {
	config := in.Snap.MeshConfig()
	f := Finding{Subject: sh.Info.Ref(), Affects: refs(pods)}
	f.Summary = fmt.Sprintf("%s in namespace %s %s captured, and istiod does not look at the namespace.", countPods(len(pods)), sh.Namespace, are(len(pods)))
	f.Detail = "ztunnel is never told about them, so all their traffic fails, in both directions."
	f.Evidence = append(in.askedByEvidence(pods[0]),
		annotationEvidence(&pods[0].Meta, mesh.AnnotationRedirection),
		fieldEvidence(config.Ref(), "data.mesh.discoverySelectors", fmt.Sprintf("%d selectors, none of which matches the labels of namespace %s", len(config.DiscoverySelectors), sh.Namespace)))
	f.Fix = advise("Give the namespace a label that the selectors ask for: istiod then tells ztunnel about the pods, and policies apply to them. Or take it out of ambient: the pods then call in plaintext, past every policy (fail-open).").
		read("-n", config.Namespace, "get", kubectlName(config.Ref()), "-o", "jsonpath={.data.mesh}").
		read("get", "namespace/"+sh.Namespace, "--show-labels")
	if sh.Info.Labels[mesh.LabelDataplaneMode] == mesh.DataplaneAmbient {
		f.Fix = f.Fix.change("label", "namespace/"+sh.Namespace, mesh.LabelDataplaneMode+"-")
	}
	return f
}
