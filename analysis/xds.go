package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// dependsOn is what suffers when a proxy is behind: of a ztunnel its node with
// the captured pods there, of a waypoint its Gateway with what is bound to it.
func (in *Input) dependsOn(w *mesh.Workload) []mesh.Ref {
	if w.IsWaypoint() {
		gateway := mesh.Ref{Kind: "Gateway", Namespace: w.Namespace, Name: w.GatewayName()}
		if wp := in.Snap.Waypoint(gateway.Namespace, gateway.Name); wp != nil {
			return append([]mesh.Ref{gateway}, wp.Dependents...)
		}
		return []mesh.Ref{gateway}
	}
	if w.Labels["app"] != "ztunnel" || w.Node == "" {
		return nil
	}
	out := []mesh.Ref{{Kind: "Node", Name: w.Node}}
	for _, n := range in.shared.nodes() {
		if n.Node == w.Node {
			out = append(out, refs(n.Captured)...)
		}
	}
	return out
}

// connectedPods lists the proxies that istiods list and that run here, with
// what istiod says of them: proxies of other clusters are out of reach.
func (in *Input) connectedPods() []connectedPod {
	var answers []*mesh.SyncEvidence
	for _, istiod := range in.shared.proxies().istiods {
		answers = append(answers, istiod.SyncEvidence)
	}
	var out []connectedPod
	for _, c := range mesh.UniteSync(answers) {
		if w := in.Snap.Workload(c.Proxy.Namespace, c.Proxy.Name); w != nil && w.Running() {
			out = append(out, connectedPod{c, w})
		}
	}
	return out
}

type connectedPod struct {
	mesh.ProxyConnection
	pod *mesh.Workload
}

// typeEvidence is the state of one xDS type, as istiod's syncz has it.
func (c connectedPod) typeEvidence(t mesh.TypeSync, field, text string) Evidence {
	return saidEvidence("istiod/"+c.Istiod, c.Proxy, "resources["+shortType(t.URL)+"]."+field, text, c.At)
}

// shortType is a type URL without its host.
func shortType(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }

// whichProxy names a proxy in a sentence.
func whichProxy(w *mesh.Workload) string {
	switch {
	case w.IsWaypoint():
		return fmt.Sprintf("Waypoint %s/%s (pod %s)", w.Namespace, w.GatewayName(), w.Name)
	case w.Labels["app"] == "ztunnel":
		return fmt.Sprintf("The ztunnel of node %s (pod %s)", w.Node, w.Name)
	}
	return fmt.Sprintf("The proxy of pod %s/%s", w.Namespace, w.Name)
}

// logsOf shows what proxy and control plane say of each other.
func (f Fix) logsOf(in *Input, proxy mesh.Ref) Fix {
	f = f.read("-n", proxy.Namespace, "logs", kubectlName(proxy), "--since=1h")
	for _, istiod := range in.Snap.Istiods() {
		f = f.read("-n", istiod.Namespace, "logs", kubectlName(istiod.Ref()), "--since=1h")
	}
	return f
}

// ownProxies lists the ready pods of ztunnel and of waypoints that have been
// there for a while.
func (in *Input) ownProxies() []*mesh.Workload {
	var out []*mesh.Workload
	for _, sh := range in.Snap.Shards {
		for _, w := range sh.PartsOfMesh() {
			if (w.IsWaypoint() || w.Labels["app"] == "ztunnel") && w.Ready && in.settled(w) {
				out = append(out, w)
			}
		}
	}
	slices.SortFunc(out, func(a, b *mesh.Workload) int { return a.Ref().Compare(b.Ref()) })
	return out
}
