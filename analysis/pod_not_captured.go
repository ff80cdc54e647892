package analysis

import (
	"fmt"
	"time"

	"github.com/waylight/waylight/mesh"
)

var podNotCaptured = Check{
	Code: "POD_NOT_CAPTURED", Severity: Error, Class: Unprotected,
	Subject: "owner workload (Deployment, StatefulSet, …; else the Pod)",
	Title:   "Pods that ask for the mesh are not captured",
	Explanation: "The labels select the pods for ambient, and istio-cni never redirected them. Their traffic is in the clear in both directions; policies at ztunnel do not protect them; " +
		"where a destination asks for mTLS, their calls are refused. istio-cni does not try again after some failures: look at its log on that node, then restart the pod.",
	Fires:  "A running pod is selected by istio-cni's own selector and has no annotation ambient.istio.io/redirection.",
	Silent: "hostNetwork pods, pods with a sidecar, excluded namespaces, waypoints and gateways; pods finished, terminating or younger than 60 s; a node without istio-cni, which CNI_NOT_READY_ON_NODE reports with its pods; a namespace labelled in the last seconds.",
	Doubt:  "istio-cni may be about to capture the pod; where its ConfigMap was not readable its default selector is assumed.",
	Needs:  []string{mesh.ResourcePods}, Uses: []string{mesh.ResourceNamespaces, mesh.ResourceConfigMaps},
	ConsequenceOf: []string{"ZTUNNEL_MISSING_ON_NODE"},
	Sight:         SightNamespace,
	Namespace:     judgeNotCaptured,
}

// enrolmentTime is what istio-cni may take to enrol running pods once a label
// asks for it.
const enrolmentTime = 10 * time.Second

func judgeNotCaptured(in *Input, sh *mesh.Shard) []Finding {
	missing := func(w *mesh.Workload) bool { return in.notCaptured(sh, w) }
	return in.perOwner(sh, missing, func(o ownedPods) Finding { return notCaptured(in, o) })
}

func (in *Input) notCaptured(sh *mesh.Shard, w *mesh.Workload) bool {
	if !in.settled(w) || !in.waiting(w) {
		return false
	}
	if by := in.Snap.Enrolment(w).AskedBy; by.Kind == "Namespace" && in.Now.Sub(sh.Info.SpecChange.Time) < enrolmentTime {
		return false
	}
	return !in.withoutCNI(w.Node)
}

// withoutCNI tells a node of which is known that no istio-cni is ready there.
func (in *Input) withoutCNI(node string) bool {
	return mesh.ReadyPod(in.Snap.CNINodes(node)) == nil && in.Snap.Readable(mesh.ResourcePods, "")
}

func notCaptured(in *Input, o ownedPods) Finding {
	first := o.Pods[0]
	f := Finding{
		Subject: o.Owner,
		Summary: fmt.Sprintf("%s of %s %s the mesh and %s not captured.", countPods(len(o.Pods)), o.Owner, ask(len(o.Pods)), are(len(o.Pods))),
		Detail:  "Calls from and to them are in the clear, policies at ztunnel do not protect them, and destinations that ask for mTLS refuse them.",
		Affects: refs(o.Pods),
	}
	f.Evidence = in.askedByEvidence(first)
	for _, p := range o.Pods[:min(len(o.Pods), namedAtMost)] {
		f.Evidence = append(f.Evidence, fieldEvidence(p.Ref(), "metadata.annotations["+mesh.AnnotationRedirection+"]", "absent"))
	}
	f.Fix = advise("Look for the pod in the log of istio-cni on its node, then restart it: a new pod is captured before it starts. Policies at ztunnel and mTLS apply to it from then on, and may refuse calls that pass now.")
	for _, p := range in.Snap.CNINodes(first.Node) {
		f.Fix = f.Fix.read("-n", p.Namespace, "logs", kubectlName(p.Ref()), "--since=24h")
	}
	f.Fix = f.Fix.restart(o)
	return f
}

// askedByEvidence is the label that asks for a pod's enrolment.
func (in *Input) askedByEvidence(w *mesh.Workload) []Evidence {
	by := in.Snap.Enrolment(w).AskedBy
	m := &w.Meta
	if o := in.Snap.Lookup(by); o != nil {
		m = o.Metadata()
	}
	if _, ok := m.Labels[mesh.LabelDataplaneMode]; ok {
		return []Evidence{labelEvidence(m, mesh.LabelDataplaneMode)}
	}
	return []Evidence{fieldEvidence(m.Ref(), "metadata.labels", "selected by istio-cni's AMBIENT_ENABLEMENT_SELECTOR")}
}

// restart is the command that replaces an owner's pods; single pods are
// deleted, for nothing else makes new ones of them.
func (f Fix) restart(o ownedPods) Fix {
	switch o.Owner.Kind {
	case "Deployment", "StatefulSet", "DaemonSet":
		return f.change("-n", o.Owner.Namespace, "rollout", "restart", kubectlName(o.Owner))
	case "Pod":
		return f
	}
	return f.change("-n", o.Owner.Namespace, "delete", kubectlName(o.Pods[0].Ref()))
}

func ask(n int) string {
	if n == 1 {
		return "asks for"
	}
	return "ask for"
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
