package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/mesh"
)

var otherRevision = Check{
	Code: "OTHER_REVISION", Severity: Error, Class: Unprotected,
	Subject: "AuthorizationPolicy, PeerAuthentication, ServiceEntry or WorkloadEntry",
	Title:   "An object is for a revision of Istio that is not there",
	Explanation: "An object with the label istio.io/rev is read only by the istiod of that revision. Where no such istiod runs it is skipped, and no condition says so: a policy is not enforced, an entry is unknown. " +
		"Correct the label, or take it away to let every revision read the object.",
	Fires:  "The label names another revision than that of any istiod in the cluster.",
	Silent: "An istiod of that revision runs; the object has no such label; no istiod is found, or pods are not readable.",
	Doubt:  "An istiod outside the cluster may have that revision; with several istiods only one serves the ztunnels.",
	Needs:  []string{mesh.ResourcePods, mesh.ResourceDeployments},
	Uses:   []string{mesh.ResourceAuthorizationPolicies, mesh.ResourcePeerAuthentications, mesh.ResourceServiceEntries, mesh.ResourceWorkloadEntries},
	Sight:  SightNamespace,
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		revisions := in.shared.revisions()
		if len(revisions) == 0 {
			return nil
		}
		var out []Finding
		add := func(m *mesh.Meta) {
			rev, labelled := m.Labels[mesh.LabelRevision]
			if labelled && rev != "" && !slices.Contains(revisions, rev) {
				out = append(out, forOtherRevision(m, revisions))
			}
		}
		for _, o := range sh.Authorizations {
			add(&o.Meta)
		}
		for _, o := range sh.PeerAuths {
			add(&o.Meta)
		}
		for _, o := range sh.ServiceEntries {
			add(&o.Meta)
		}
		for _, o := range sh.Workloads {
			if o.Kind == "WorkloadEntry" {
				add(&o.Meta)
			}
		}
		return out
	},
}

// findRevisions lists the revisions of the istiods that run.
func (in *Input) findRevisions() []string {
	var out []string
	for _, sh := range in.Snap.Shards {
		for _, w := range sh.PartsOfMesh() {
			if !isIstiod(w) || !w.Running() {
				continue
			}
			rev := orWord(w.Labels[mesh.LabelRevision], "default")
			if !slices.Contains(out, rev) {
				out = append(out, rev)
			}
		}
	}
	slices.Sort(out)
	return out
}

func forOtherRevision(m *mesh.Meta, revisions []string) Finding {
	f := Finding{Subject: m.Ref()}
	f.Summary = fmt.Sprintf("%s is for revision %s, and istiod's is %s: it is skipped.", m.Ref(), m.Labels[mesh.LabelRevision], listWords(revisions))
	f.Detail = "No istiod reads it: a policy is not enforced, an entry is unknown to the mesh."
	f.Evidence = []Evidence{labelEvidence(m, mesh.LabelRevision), fieldEvidence(mesh.Ref{Kind: "Deployment", Name: "istiod"}, "metadata.labels["+mesh.LabelRevision+"]", listWords(revisions))}
	f.Fix = advise("Take the label away, or give it the revision that runs. The object acts from then on: a policy may refuse what passes now.").
		get(m.Ref()).
		read("get", "pods", "-A", "-l", "app=istiod", "-L", mesh.LabelRevision).
		change("-n", m.Namespace, "label", kubectlName(m.Ref()), mesh.LabelRevision+"-")
	return f
}
