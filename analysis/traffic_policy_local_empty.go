package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

var trafficPolicyLocalEmpty = Check{
	Code: "TRAFFIC_POLICY_LOCAL_EMPTY", Severity: Error, Class: Breaks,
	Subject: "Service",
	Title:   "A Service keeps calls on the node, and some nodes have no endpoint",
	Explanation: "internalTrafficPolicy: Local lets a call go only to endpoints on the node it comes from. ztunnel heeds it: on a node without one the call fails with \"no healthy upstream\". Behind a waypoint it is the waypoint's node that counts, wherever the caller is. " +
		"Run the Service's pods on every such node, or set the policy to Cluster.",
	Fires:  "A Service with internalTrafficPolicy Local has ready endpoints, and a node with captured pods that may call it (behind a waypoint: with pods of the waypoint) has none.",
	Silent: "Every such node has one; no endpoint is ready at all, which is another finding; policies admit no caller on that node; pods or EndpointSlices are not readable.",
	Doubt:  "Pods that may call the Service need not do so.",
	Needs:  []string{mesh.ResourceServices, mesh.ResourceEndpointSlices, mesh.ResourcePods},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceGateways, mesh.ResourceAuthorizationPolicies},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, svc := range sh.Services {
			if svc.InternalTrafficPolicy != "Local" || svc.Headless() || svc.Type == "ExternalName" || in.isGatewayService(svc) {
				continue
			}
			if f, ok := in.emptyNodes(sh, svc); ok {
				out = append(out, f)
			}
		}
		return out
	},
}

func (in *Input) emptyNodes(sh *mesh.Shard, svc *mesh.Service) (Finding, bool) {
	served := servedNodes(sh, svc)
	if len(served) == 0 {
		return Finding{}, false
	}
	empty := make(map[string][]*mesh.Workload)
	for _, w := range in.sendersTo(svc) {
		if w.Node != "" && !served[w.Node] {
			empty[w.Node] = append(empty[w.Node], w)
		}
	}
	if len(empty) == 0 {
		return Finding{}, false
	}
	return onEmptyNodes(in, svc, empty), true
}

// servedNodes are the nodes with a ready endpoint of a Service.
func servedNodes(sh *mesh.Shard, svc *mesh.Service) map[string]bool {
	out := make(map[string]bool)
	for _, slice := range sh.Slices(svc.Name) {
		for i := range slice.Endpoints {
			if e := &slice.Endpoints[i]; e.IsReady() && e.Node != "" {
				out[e.Node] = true
			}
		}
	}
	return out
}

// sendersTo are the pods whose ztunnel, or which themselves, choose an endpoint
// of a Service: those of its waypoint, else the captured pods that policies
// admit. The Service's own pods are left out.
func (in *Input) sendersTo(svc *mesh.Service) []*mesh.Workload {
	var out []*mesh.Workload
	if waypoints := in.waypointsOf(in.Snap.ServiceBinding(svc)); len(waypoints) > 0 {
		for _, w := range waypoints {
			out = append(out, w.Pods...)
		}
		return slices.DeleteFunc(out, func(w *mesh.Workload) bool { return !w.Running() })
	}
	callers := path.Callers(in.Snap, svc.Ref(), 0)
	for i := range callers {
		if c := &callers[i]; c.Entry != path.EntryZtunnel || !c.Admitted() {
			continue
		}
		for _, w := range callers[i].Pods {
			if w.Running() && !mesh.LabelsMatch(svc.Selector, w.Labels) {
				out = append(out, w)
			}
		}
	}
	return out
}

func onEmptyNodes(in *Input, svc *mesh.Service, empty map[string][]*mesh.Workload) Finding {
	nodes := make([]string, 0, len(empty))
	var callers []*mesh.Workload
	for n, pods := range empty {
		nodes, callers = append(nodes, n), append(callers, pods...)
	}
	slices.Sort(nodes)
	f := Finding{Subject: svc.Ref()}
	for _, o := range in.byOwner(callers) {
		f.Affects = append(f.Affects, o.Owner)
	}
	f.Summary = fmt.Sprintf("%s keeps calls on the node, and %s no endpoint of it.", svc.Ref(), nodesHave(nodes))
	f.Detail = fmt.Sprintf("Calls from there fail with \"no healthy upstream\", whatever is ready elsewhere: %s.", names(f.Affects))
	f.Evidence = []Evidence{fieldEvidence(svc.Ref(), "spec.internalTrafficPolicy", "Local")}
	for _, n := range nodes[:min(len(nodes), namedAtMost)] {
		f.Evidence = append(f.Evidence, fieldEvidence(mesh.Ref{Kind: "Node", Name: n}, "EndpointSlices", fmt.Sprintf("no ready address of %s; %s may call it from here", svc.Name, countPods(len(empty[n])))))
	}
	f.Fix = advise("Set internalTrafficPolicy: Cluster to let calls go to any node, or run the pods on every node that calls (a DaemonSet).").
		read("-n", svc.Namespace, "get", "endpointslices.discovery.k8s.io", "-l", "kubernetes.io/service-name="+svc.Name, "-o", "yaml").
		change("-n", svc.Namespace, "patch", kubectlName(svc.Ref()), "--type=merge", "-p", `{"spec":{"internalTrafficPolicy":"Cluster"}}`)
	return f
}

func nodesHave(nodes []string) string {
	switch {
	case len(nodes) == 1:
		return nodes[0] + " has"
	case len(nodes) <= namedAtMost:
		return strings.Join(nodes, ", ") + " have"
	}
	return fmt.Sprintf("%d nodes have", len(nodes))
}
