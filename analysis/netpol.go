package analysis

import (
	"slices"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// isolatedPods are the pods of one owner that the same NetworkPolicies isolate
// in one direction. One pod stands for them: NetworkPolicies go by labels.
type isolatedPods struct {
	ownedPods
	policies []*mesh.NetworkPolicy
}

// first is the pod that stands for all.
func (i isolatedPods) first() *mesh.Workload { return i.Pods[0] }

// isolated finds the owners in a namespace some of whose running pods
// NetworkPolicies isolate.
func (in *Input) isolated(sh *mesh.Shard, egress bool, of func(*mesh.Workload) bool) []isolatedPods {
	if len(sh.NetworkPolicies) == 0 {
		return nil
	}
	var pods []*mesh.Workload
	for _, w := range sh.Workloads {
		if w.Kind == "Pod" && w.Running() && of(w) {
			pods = append(pods, w)
		}
	}
	var out []isolatedPods
	for _, o := range in.byOwner(pods) {
		end := path.NetworkEnd{Pod: o.Pods[0], Egress: egress}
		if policies := end.Limits(in.Snap); len(policies) > 0 {
			out = append(out, isolatedPods{o, policies})
		}
	}
	return out
}

// rulesOf are the rules of a policy in one direction.
func rulesOf(p *mesh.NetworkPolicy, egress bool) []mesh.NetworkRule {
	if egress {
		return p.Egress
	}
	return p.Ingress
}

// tcpPort is a TCP port that a rule admits and that is not HBONE's; 0 where it
// admits none, or all of them. DNS does not count: pods that may ask for names
// are not meant to call anybody for that.
func tcpPort(r *mesh.NetworkRule) uint16 {
	const dns = 53
	var out uint16
	for _, p := range r.Ports {
		switch {
		case p.Protocol != "" && p.Protocol != "TCP", p.Port == dns && p.EndPort == 0:
		case p.Name == "" && p.Port == 0, p.Port == mesh.PortHBONE, p.EndPort != 0 && p.Port <= mesh.PortHBONE && p.EndPort >= mesh.PortHBONE:
			return 0
		case p.Name != "" || p.Port != 0:
			out = max(out, p.Port, 1) // a named port counts as one
		}
	}
	return out
}

// carriesTCP tells that a rule is for TCP, and not for DNS alone.
func carriesTCP(r *mesh.NetworkRule) bool {
	const dns = 53
	return len(r.Ports) == 0 || slices.ContainsFunc(r.Ports, func(p mesh.NetworkPort) bool {
		return (p.Protocol == "" || p.Protocol == "TCP") && (p.Port != dns || p.EndPort != 0)
	})
}

// findPeers are one pod for each owner that takes HBONE: captured pods and
// waypoints.
func (in *Input) findPeers() []*mesh.Workload {
	var out []*mesh.Workload
	seen := make(map[mesh.Ref]bool)
	for _, sh := range in.Snap.Shards {
		for _, w := range sh.Workloads {
			if w.Kind != "Pod" || !w.Running() || (!w.Captured() && !w.IsWaypoint()) {
				continue
			}
			if owner := in.Snap.ControllerOf(w); !seen[owner] {
				seen[owner] = true
				out = append(out, w)
			}
		}
	}
	return out
}

// isolationEvidence names NetworkPolicies in evidence, each with what it isolates.
func isolationEvidence(policies []*mesh.NetworkPolicy, text string) []Evidence {
	var out []Evidence
	for _, p := range policies {
		out = append(out, fieldEvidence(p.Ref(), "spec", text))
	}
	return out
}

// isolateFix advises on NetworkPolicies.
func isolateFix(text string, policies []*mesh.NetworkPolicy) Fix {
	f := advise(text)
	for _, p := range policies[:min(len(policies), namedAtMost)] {
		f = f.get(p.Ref())
	}
	return f
}

// waypointsBefore are the waypoints that calls to a pod's Services pass.
func (in *Input) waypointsBefore(w *mesh.Workload) []*mesh.Waypoint {
	var out []*mesh.Waypoint
	for _, svc := range in.Snap.Shard(w.Namespace).Services {
		if svc.Headless() || len(svc.Selector) == 0 || !mesh.LabelsMatch(svc.Selector, w.Labels) {
			continue
		}
		for _, wp := range in.waypointsOf(in.Snap.ServiceBinding(svc)) {
			if !slices.Contains(out, wp) {
				out = append(out, wp)
			}
		}
	}
	return out
}
