package mesh

import (
	"fmt"
	"strconv"
)

// canary reads the weighted second waypoint (istio.md C.1.9). Attributes of
// the Namespace count only where the object has no use-waypoint of its own,
// which is when labelled is that Namespace.
func (s *Snapshot) canary(target, labelled *Meta, t trafficType, primary Binding) *CanaryBinding {
	if _, ok := labelled.Labels[LabelUseWaypointCanary]; !ok {
		return nil
	}
	c := &CanaryBinding{Waypoint: waypointRef(labelled, target.Namespace, LabelUseWaypointCanary, LabelUseWaypointCanaryNS)}
	weight, err := strconv.Atoi(labelled.Annotations[AnnotationCanaryWeight])
	switch {
	case err != nil || weight < 0 || weight > 100:
		c.State, c.Reason = BindingIgnored, fmt.Sprintf("The canary weight %q is no whole number from 0 to 100.", labelled.Annotations[AnnotationCanaryWeight])
	case c.Waypoint == primary.Waypoint:
		c.State, c.Reason = BindingIgnored, "The canary waypoint is the primary one."
	default:
		c.Weight = weight
		c.State, c.Reason = s.usable(c.Waypoint, target, t, primary.Inherited())
	}
	return c
}
