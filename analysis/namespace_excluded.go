package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

var namespaceExcluded = Check{
	Code: "NAMESPACE_EXCLUDED", Severity: Warning, Class: Risk,
	Subject: "Namespace",
	Title:   "A namespace asks for ambient, and istio-cni leaves it out",
	Explanation: "istio-cni never captures pods of the namespaces in its EXCLUDE_NAMESPACES, whatever the labels say. It only writes a line into its log. " +
		"Traffic there stays plaintext and without identity. Take the label away, or the namespace out of the list.",
	Fires:  "The namespace, or a running pod in it, has istio.io/dataplane-mode: ambient, and istio-cni's configuration leaves the namespace out.",
	Silent: "istio-cni is older than 1.30, which enrols such pods; its configuration could not be read.",
	Doubt:  "istio-cni reads its configuration when it starts: a change of the ConfigMap alone does nothing.",
	Needs:  []string{mesh.ResourceNamespaces, mesh.ResourceConfigMaps}, Uses: []string{mesh.ResourcePods},
	Mesh: judgeExcluded,
}

// firstExcluding is the first minor release whose istio-cni heeds the list in
// ambient mode.
const firstExcluding = 30

func judgeExcluded(in *Input) []Finding {
	if in.cniOlderThan(firstExcluding) {
		return nil
	}
	var out []Finding
	for _, name := range in.Snap.CNIConfig().ExcludeNamespaces {
		sh := in.Snap.Shard(name)
		if sh.Info == nil || !sh.Info.Deleting.IsZero() {
			continue
		}
		if evidence, pods := askingAmbient(sh); len(evidence) > 0 {
			out = append(out, excluded(in, sh, evidence, pods))
		}
	}
	return out
}

// cniOlderThan tells that some istio-cni is known to be of an older minor
// release. Unknown versions count as the newest.
func (in *Input) cniOlderThan(minor int) bool {
	for _, c := range in.shared.components() {
		if c.container != "install-cni" {
			continue
		}
		for _, w := range c.pods {
			if v, ok := c.versionOf(in, w); ok && v.minor < minor {
				return true
			}
		}
	}
	return false
}

// askingAmbient is where a namespace asks for ambient, with its own pods that
// would be captured.
func askingAmbient(sh *mesh.Shard) (evidence []Evidence, pods []*mesh.Workload) {
	whole := sh.Info.Labels[mesh.LabelDataplaneMode] == mesh.DataplaneAmbient
	if whole {
		evidence = append(evidence, labelEvidence(&sh.Info.Meta, mesh.LabelDataplaneMode))
	}
	for _, w := range sh.Workloads {
		mode := w.Labels[mesh.LabelDataplaneMode]
		if w.Kind != "Pod" || !w.Running() || w.HostNetwork || mode == mesh.DataplaneNone || (mode != mesh.DataplaneAmbient && !whole) {
			continue
		}
		if pods = append(pods, w); mode == mesh.DataplaneAmbient && len(evidence) < namedAtMost {
			evidence = append(evidence, labelEvidence(&w.Meta, mesh.LabelDataplaneMode))
		}
	}
	return evidence, pods
}

func excluded(in *Input, sh *mesh.Shard, evidence []Evidence, pods []*mesh.Workload) Finding {
	config := in.Snap.CNIConfig()
	f := Finding{
		Subject: sh.Info.Ref(), Affects: refs(pods), Evidence: evidence,
		Summary: fmt.Sprintf("Namespace %s asks for ambient, and istio-cni leaves it out.", sh.Namespace),
		Detail:  fmt.Sprintf("None of its pods is captured (%s would be): calls are in plaintext, without an identity.", countPods(len(pods))),
	}
	where := config.Ref()
	text := "default: " + strings.Join(config.ExcludeNamespaces, ",")
	if config.Name != "" {
		text = strings.Join(config.ExcludeNamespaces, ",")
	} else {
		where = mesh.Ref{Kind: "ConfigMap", Namespace: in.Snap.RootNamespace(), Name: "istio-cni-config"}
	}
	f.Evidence = append(f.Evidence, fieldEvidence(where, "data.EXCLUDE_NAMESPACES", text))
	f.Fix = advise("If the namespace is to be in the mesh, take it out of excludeNamespaces of the istio-cni chart, and restart istio-cni; its pods are captured then, and destinations may refuse or admit them by identity. Else take the label away, which changes nothing.").
		read("-n", cmp.Or(where.Namespace, "istio-system"), "get", "configmap/istio-cni-config", "-o", "yaml")
	if slices.ContainsFunc(evidence, func(e Evidence) bool { return e.Object.Kind == "Namespace" }) {
		f.Fix = f.Fix.change("label", "namespace/"+sh.Namespace, mesh.LabelDataplaneMode+"-")
	}
	return f
}
