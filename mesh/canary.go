package mesh

import (
	"fmt"
	"strconv"
)

// withCanary adds the weighted second waypoint to the binding of a Service or
// ServiceEntry (istiod buildWeightedWaypoints; istio.md C.1.9). ns is given
// where the primary is inherited: only then do the namespace's canary label
// and weight step in for those the object lacks.
func (s *Snapshot) withCanary(b Binding, object, ns *Meta, t trafficType) Binding {
	if t != trafficService || !b.Bound() {
		return b
	}
	labelled := object
	if _, own := object.Labels[LabelUseWaypointCanary]; !own && ns != nil {
		labelled = ns
	}
	if name := labelled.Labels[LabelUseWaypointCanary]; name != "" && name != WaypointNone {
		b.Canary = s.canary(waypointRef(labelled, object.Namespace, LabelUseWaypointCanary, LabelUseWaypointCanaryNS), b.Waypoint, object, ns)
	}
	return b
}

func (s *Snapshot) canary(wp, primary Ref, object, ns *Meta) *CanaryBinding {
	c := &CanaryBinding{Waypoint: wp, State: BindingIgnored}
	if wp == primary {
		c.Reason = "The canary waypoint is the primary one."
		return c
	}
	text, given := object.Annotations[AnnotationCanaryWeight]
	if !given && ns != nil {
		text, given = ns.Annotations[AnnotationCanaryWeight]
	}
	weight, err := strconv.Atoi(text)
	if given && (err != nil || weight < 0 || weight > 100) {
		c.Reason = fmt.Sprintf("The canary weight %q is no whole number from 0 to 100.", text)
		return c
	}
	c.Weight = weight // none is 0
	c.State, c.Reason = s.usable(wp, object, trafficService, false)
	return c
}
