package analysis

import (
	"maps"
	"slices"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// reach is what a policy without targetRefs applies to.
type reach struct {
	// captured are the pods whose ztunnel enforces it.
	captured []*mesh.Workload
	// others are pods with a proxy of their own, which enforces it whole.
	others []*mesh.Workload
	// waypoints are pods of waypoints, which take nothing without targetRefs.
	waypoints []*mesh.Workload
	// known is false where pods it may reach were not readable.
	known bool
}

// placesOf are the namespaces a policy without targetRefs reaches: its own, or
// all for one in the root namespace.
func (in *Input) placesOf(namespace string) []*mesh.Shard {
	if namespace == in.Snap.RootNamespace() {
		return in.Snap.Shards
	}
	return []*mesh.Shard{in.Snap.Shard(namespace)}
}

// reachOf finds the pods that a policy with this selector applies to. A
// selector that is present and empty selects no pod at ztunnel, and every one
// with a proxy of its own.
func (in *Input) reachOf(namespace string, selector *mesh.LabelSelector) reach {
	out := reach{known: true}
	for _, sh := range in.placesOf(namespace) {
		out.known = out.known && in.Snap.Readable(mesh.ResourcePods, sh.Namespace)
		for _, w := range sh.Workloads {
			if w.Kind != "Pod" || w.Finished() || !w.Deleting.IsZero() || (selector != nil && !selector.Matches(w.Labels)) {
				continue
			}
			switch {
			case w.IsWaypoint():
				out.waypoints = append(out.waypoints, w)
			case w.Captured():
				if selector == nil || !selector.Empty() {
					out.captured = append(out.captured, w)
				}
			case w.HasSidecar() || w.GatewayName() != "" || isIngressPod(w):
				out.others = append(out.others, w)
			}
		}
	}
	return out
}

// owners are the workloads behind pods, and the Services that select them.
func (in *Input) ownersAndServices(pods []*mesh.Workload) []mesh.Ref {
	var out []mesh.Ref
	for _, o := range in.byOwner(pods) {
		out = append(out, o.Owner)
	}
	byNamespace := make(map[string][]*mesh.Workload)
	for _, w := range pods {
		byNamespace[w.Namespace] = append(byNamespace[w.Namespace], w)
	}
	for _, namespace := range slices.Sorted(maps.Keys(byNamespace)) {
		for _, svc := range in.Snap.Shard(namespace).Services {
			selects := func(w *mesh.Workload) bool { return len(svc.Selector) > 0 && mesh.LabelsMatch(svc.Selector, w.Labels) }
			if slices.ContainsFunc(byNamespace[namespace], selects) {
				out = append(out, svc.Ref())
			}
		}
	}
	return out
}

// alone tells that no other ALLOW policy that can admit somebody is enforced
// before one of the pods.
func (in *Input) alone(p *mesh.AuthorizationPolicy, pods []*mesh.Workload) bool {
	for _, w := range pods {
		hop := in.shared.ztunnels().Before(w)
		if !slices.ContainsFunc(hop.Attached, func(a authz.Attached) bool {
			return a.Policy != p && a.Idle == "" && a.Policy.Action != authz.ActionDeny && !a.Void()
		}) {
			return true
		}
	}
	return false
}

// cutEvidence shows the fields of rules that ztunnel does not support.
func cutEvidence(p *mesh.AuthorizationPolicy, cuts []authz.Cut) []Evidence {
	var out []Evidence
	for _, c := range cuts {
		if len(c.Fields) > 0 {
			out = append(out, fieldEvidence(p.Ref(), indexed("spec.rules", c.Rule), listWords(c.Fields)))
		}
	}
	if c := p.Conditions.Find(mesh.ConditionZtunnelAccepted); c != nil {
		out = append(out, conditionEvidence(p.Ref(), c))
	}
	return shorten(out)
}

// byTarget advises to let a waypoint enforce a policy.
func byTarget(p *mesh.AuthorizationPolicy, effect string) Fix {
	return advise("Take the selector away and name the Service or the waypoint's Gateway in targetRefs, so that the waypoint enforces the policy whole: " + effect).get(p.Ref())
}
