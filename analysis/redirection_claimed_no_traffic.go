package analysis

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
)

var redirectionClaimedNoTraffic = Check{
	Code: "REDIRECTION_CLAIMED_NO_TRAFFIC", Severity: Error, Class: Unprotected,
	Subject: "Node",
	Title:   "Pods are marked as captured, and their traffic does not pass ztunnel",
	Explanation: "The annotation of a pod outlives a reboot of its node, and the rules it speaks of do not (istio/istio#56652). Such pods look captured, other ztunnels use HBONE for them, and their own calls leave in plaintext past every policy. " +
		"Restart them.",
	Fires:  "Over the window the counters of a node's ztunnel show no connection, marked pods run there whose containers were restarted, and ztunnels of other nodes counted plaintext from them.",
	Silent: "Fewer than two readings of that ztunnel, or its counters began anew; no other ztunnel saw plaintext from there; pods whose containers never restarted, which no reboot concerns; workloads with pods on other nodes as well.",
	Doubt:  "Metrics name workloads and not pods. That the node was rebooted follows from containers that were restarted.",
	Needs:  []string{mesh.ResourcePods, mesh.ResourceNodes, countedTraffic},
	Mesh: func(in *Input) []Finding {
		plain := in.counts().PlaintextFrom()
		if len(plain) == 0 {
			return nil
		}
		var out []Finding
		for _, n := range in.shared.nodes() {
			pods := slices.DeleteFunc(slices.Clone(n.Captured), func(w *mesh.Workload) bool { return !restarted(w) })
			if evidence := in.seenElsewhere(pods, plain); len(evidence) > 0 && in.ztunnelIdle(n.Node) {
				out = append(out, in.notRedirected(n.Node, pods, evidence))
			}
		}
		return out
	},
}

// restarted tells that every container of a pod was started again, as a reboot
// does to all of them.
func restarted(w *mesh.Workload) bool {
	for i := range w.Containers {
		if w.Containers[i].RestartCount == 0 {
			return false
		}
	}
	return len(w.Containers) > 0
}

// ztunnelIdle tells that the ztunnels of a node are known to have handled no
// connection within the window.
func (in *Input) ztunnelIdle(node string) bool {
	if !in.counts().CountedNode(node) {
		return false
	}
	for _, w := range in.Snap.Ztunnels(node) {
		if p := in.counts().Proxy(w.Ref()); p.Opened != 0 || p.SocketsOpen > 0 || p.Restarted {
			return false
		}
	}
	return true
}

// seenElsewhere shows plaintext that came from workloads all of whose pods are
// among those of one node.
func (in *Input) seenElsewhere(pods []*mesh.Workload, plain map[mesh.Ref]float64) []Evidence {
	var out []Evidence
	for _, o := range in.byOwner(pods) {
		if plain[o.Owner] > 0 && len(o.Pods) == len(traffic.OwnedBy(in.Snap, o.Owner)) {
			out = append(out, in.countedEvidence(o.Owner, `istio_tcp_connections_opened_total{reporter="destination",connection_security_policy="unknown"}`,
				fmt.Sprintf("ztunnels of other nodes took %.0f connections in plaintext from it", plain[o.Owner])))
		}
	}
	return out
}

func (in *Input) notRedirected(node string, pods []*mesh.Workload, evidence []Evidence) Finding {
	f := Finding{Subject: mesh.Ref{Kind: "Node", Name: node}, Affects: refs(pods)}
	f.Summary = fmt.Sprintf("%s on node %s %s marked as captured, and their traffic does not pass its ztunnel.", countPods(len(pods)), node, are(len(pods)))
	f.Detail = "Their calls leave in plaintext past every policy, and calls to them by HBONE fail."
	for _, z := range in.Snap.Ztunnels(node) {
		f.Evidence = append(f.Evidence, in.countedEvidence(z.Ref(), "istio_tcp_connections_opened_total", "no connection"))
	}
	f.Evidence = append(shorten(evidence), f.Evidence...)
	for _, w := range pods[:min(len(pods), namedAtMost)] {
		f.Evidence = append(f.Evidence, annotationEvidence(&w.Meta, mesh.AnnotationRedirection), fieldEvidence(w.Ref(), "status.containerStatuses[*].restartCount", strconv.Itoa(int(w.Restarts()))))
	}
	f.Fix = advise("Restart these pods: istio-cni redirects a new pod before it starts. mTLS and policies at ztunnel apply to their calls from then on, and may refuse some.").
		read("get", "pods", "-A", "-o", "wide", "--field-selector", "spec.nodeName="+node)
	for _, o := range in.byOwner(pods) {
		f.Fix = f.Fix.restart(o)
	}
	return f
}
