package analysis

import "github.com/waylight/waylight/mesh"

// waypointsOf are the waypoints that calls to something bound pass: one, or
// two with a canary. A Gateway that is bound and no waypoint is left out.
func (in *Input) waypointsOf(b mesh.Binding) []*mesh.Waypoint {
	if !b.Bound() {
		return nil
	}
	canary := mesh.Ref{}
	if c := b.Canary; c != nil && c.State == mesh.BindingBound && c.Weight > 0 {
		canary = c.Waypoint
	}
	var out []*mesh.Waypoint
	for _, r := range []mesh.Ref{b.Waypoint, canary} {
		whole := r == b.Waypoint && !canary.IsZero() && b.Canary.Weight >= 100
		if w := in.Snap.Waypoint(r.Namespace, r.Name); w != nil && !r.IsZero() && !whole {
			out = append(out, w)
		}
	}
	return out
}
