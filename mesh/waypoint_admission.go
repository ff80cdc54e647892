package mesh

import (
	"slices"
	"strings"
)

// WaypointPolicyPrefix begins the names of the policies by which istiod lets a
// waypoint in at the ztunnels of the pods behind it; the rest is
// "<namespace>_<gateway>". No object's name has "_" in it (istio.md C.3).
const WaypointPolicyPrefix = "istio_allow_waypoint_"

// autoAllowVariable tells istiod to make those policies.
const autoAllowVariable = "PILOT_AUTO_ALLOW_WAYPOINT_POLICY"

// AdmitsWaypoints tells whether istiod makes an ALLOW policy for each waypoint
// and attaches it to the pods behind: an istiod is told to, or a ztunnel that
// was read holds one. Such a pod takes no other callers then, unless another
// ALLOW admits them.
func (s *Snapshot) AdmitsWaypoints() bool {
	told := func(d *Controller) bool {
		value, _ := d.Env(autoAllowVariable)
		return strings.EqualFold(value, "true")
	}
	held := func(e *ZtunnelEvidence) bool { return e.AdmitsWaypoints }
	return slices.ContainsFunc(s.Istiods(), told) || slices.ContainsFunc(s.ZtunnelEvidences(), held)
}
