package authz

import (
	"slices"

	"github.com/waylight/waylight/mesh"
)

// admitted lists the waypoints that istiod itself lets in before a workload:
// those bound to its Services and to itself, both of a canary pair (istio.md
// C.3; implicitWaypointPolicies in istiod's ambient/workloads.go).
func (z *Ztunnels) admitted(w *mesh.Workload) []*mesh.Waypoint {
	if !z.admits {
		return nil
	}
	var out []*mesh.Waypoint
	add := func(b mesh.Binding) {
		refs := []mesh.Ref{b.Waypoint}
		if b.Canary != nil && b.Canary.State == mesh.BindingBound {
			refs = append(refs, b.Canary.Waypoint)
		}
		for _, r := range refs {
			if wp := z.snap.Waypoint(r.Namespace, r.Name); b.Bound() && wp != nil && !slices.Contains(out, wp) {
				out = append(out, wp)
			}
		}
	}
	for _, svc := range z.snap.Shard(w.Namespace).Services {
		if len(svc.Selector) > 0 && mesh.LabelsMatch(svc.Selector, w.Labels) {
			add(z.snap.ServiceBinding(svc))
		}
	}
	add(z.snap.WorkloadBinding(w))
	return out
}

// admitWaypoint attaches the ALLOW that istiod makes for a waypoint. It has no
// object of its own, so the Gateway is named for it.
func (h *Hop) admitWaypoint(wp *mesh.Waypoint, trustDomain string) {
	principals := []string{wp.Principal(trustDomain)}
	for _, p := range wp.Pods {
		principals = union(principals, []string{p.Principal(trustDomain)})
	}
	object := &mesh.AuthorizationPolicy{Action: ActionAllow, Rules: []mesh.AuthorizationRule{{From: []mesh.AuthorizationSource{{Principals: principals}}}}}
	object.Kind, object.Namespace, object.Name = wp.Kind, wp.Namespace, wp.Name
	compiled, _ := forZtunnel(object)
	compiled.rules[0].decides = origin{ref: object.Ref()}.decides(1, loadedAllow)
	h.attach(object, compiled, "")
}
