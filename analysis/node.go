package analysis

import (
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// nodePods are the pods of one node that depend on ztunnel and istio-cni
// there.
type nodePods struct {
	Node string
	// Captured pods are redirected, or half so; Waiting ones are selected for
	// ambient and not redirected.
	Captured, Waiting []*mesh.Workload
}

func (n nodePods) refs() []mesh.Ref { return append(refs(n.Captured), refs(n.Waiting)...) }

// findMeshPods finds the nodes that hold captured or selected pods, by name.
// Finished, terminating and just created pods do not count.
func (in *Input) findMeshPods() []nodePods {
	byNode := make(map[string]*nodePods)
	for _, sh := range in.Snap.Shards {
		pods := remember(in, sh, SightNamespace, "mesh pods", func() []meshPod { return in.meshPodsOf(sh) })
		for i := range pods {
			pods[i].addTo(byNode)
		}
	}
	out := make([]nodePods, 0, len(byNode))
	for _, n := range byNode {
		out = append(out, *n)
	}
	slices.SortFunc(out, func(a, b nodePods) int { return strings.Compare(a.Node, b.Node) })
	return out
}

// meshPod is a pod that is redirected or waits for it.
type meshPod struct {
	*mesh.Workload
	redirected bool
}

func (in *Input) meshPodsOf(sh *mesh.Shard) []meshPod {
	var out []meshPod
	for _, w := range sh.Workloads {
		if w.Node == "" || !in.settled(w) {
			continue
		}
		if redirected := w.Claimed() != mesh.FactNo; redirected || in.waiting(w) {
			out = append(out, meshPod{w, redirected})
		}
	}
	return out
}

func (p meshPod) addTo(byNode map[string]*nodePods) {
	n := byNode[p.Node]
	if n == nil {
		n = &nodePods{Node: p.Node}
		byNode[p.Node] = n
	}
	if p.redirected {
		n.Captured = append(n.Captured, p.Workload)
		return
	}
	n.Waiting = append(n.Waiting, p.Workload)
}

// lostWithNode names the node without a ready ztunnel that all of these pods,
// none of which is ready, are on: what they lack begins there. Nil where they
// are elsewhere too.
func (in *Input) lostWithNode(pods []*mesh.Workload) *Cause {
	for _, w := range pods {
		if w.Ready || w.Node == "" || w.Node != pods[0].Node || w.Claimed() == mesh.FactNo {
			return nil
		}
	}
	if len(pods) == 0 || mesh.ReadyPod(in.Snap.Ztunnels(pods[0].Node)) != nil {
		return nil
	}
	return &Cause{Code: "ZTUNNEL_MISSING_ON_NODE", Subject: mesh.Ref{Kind: "Node", Name: pods[0].Node}}
}

// componentEvidence shows why none of a node's pods of a component is ready.
func (in *Input) componentEvidence(node, label string, pods []*mesh.Workload) []Evidence {
	ref := mesh.Ref{Kind: "Node", Name: node}
	if len(pods) == 0 {
		out := []Evidence{fieldEvidence(ref, "spec.nodeName", "no pod with the label "+label+" runs on this node, in any namespace")}
		return append(out, in.nodeEvidence(node)...)
	}
	var out []Evidence
	for _, p := range pods {
		out = append(out, podStateEvidence(p))
	}
	return append(out, in.nodeEvidence(node)...)
}

// describe shows why pods of a component do not get ready.
func (f Fix) describe(pods []*mesh.Workload) Fix {
	for _, p := range pods[:min(len(pods), namedAtMost)] {
		f = f.read("-n", p.Namespace, "describe", kubectlName(p.Ref()))
	}
	return f
}

// nodeEvidence says when the node itself is not ready, which explains the rest.
func (in *Input) nodeEvidence(node string) []Evidence {
	n := in.Snap.Node(node)
	if n == nil || n.Ready != mesh.FactNo {
		return nil
	}
	if c := n.Conditions.Find("Ready"); c != nil {
		return []Evidence{conditionEvidence(n.Ref(), c)}
	}
	return []Evidence{fieldEvidence(n.Ref(), "status.conditions[Ready]", "the node is not ready")}
}

// podStateEvidence says what a pod that is not ready is waiting for.
func podStateEvidence(p *mesh.Workload) Evidence {
	for i := range p.Containers {
		if c := &p.Containers[i]; c.Waiting != "" {
			return fieldEvidence(p.Ref(), "status.containerStatuses["+c.Name+"].state.waiting", strings.TrimSuffix(c.Waiting+": "+c.WaitingText, ": "))
		}
	}
	if !p.Deleting.IsZero() {
		e := fieldEvidence(p.Ref(), "metadata.deletionTimestamp", "it is being deleted")
		e.Time = timeText(p.Deleting)
		return e
	}
	if c := p.Conditions.Find("Ready"); c != nil {
		return conditionEvidence(p.Ref(), c)
	}
	return fieldEvidence(p.Ref(), "status.phase", strings.TrimSpace(p.Phase+" "+p.Reason)+", not ready")
}
