package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var waypointNoController = Check{
	Code: "WAYPOINT_NO_CONTROLLER", Severity: Critical, Class: Unprotected,
	Subject: "Gateway",
	Title:   "No controller takes care of a waypoint",
	Explanation: "A Gateway is served by the controller its GatewayClass names. Where the class does not exist or nobody accepted it, nothing makes pods for the waypoint, it never gets an address, and calls go direct without its policies and routes (fail-open). " +
		"Correct the class name (istio-waypoint), or look why istiod does not run with ambient mode.",
	Fires:  "A waypoint's condition Accepted is Unknown (\"Waiting for controller\"), or its GatewayClass does not exist or is not accepted.",
	Silent: "istiod accepted the Gateway; GatewayClasses could not be read and the condition says nothing; the Gateway is younger than a minute. Once it has an address it keeps it: then only its pods can be missing.",
	Doubt:  "A controller that is just starting has not written its conditions yet.",
	Needs:  []string{mesh.ResourceGateways}, Uses: []string{mesh.ResourceGatewayClasses, mesh.ResourceServices, mesh.ResourceNamespaces},
	Mesh: func(in *Input) []Finding {
		var out []Finding
		for _, w := range in.Snap.Waypoints() {
			if w.HasAddress() || !w.Deleting.IsZero() || in.Now.Sub(w.Created) < settlingTime {
				continue
			}
			if why := in.uncontrolled(w); len(why) > 0 {
				out = append(out, withoutController(w, why))
			}
		}
		return out
	},
}

// uncontrolled is what shows that nobody takes care of a Gateway; nil where
// somebody does, or nothing is known.
func (in *Input) uncontrolled(w *mesh.Waypoint) []Evidence {
	class := in.Snap.GatewayClass(w.Class)
	ref := mesh.Ref{Kind: "GatewayClass", Name: w.Class}
	accepted := w.Conditions.Find(mesh.ConditionAccepted)
	waiting := accepted != nil && accepted.Status == mesh.ConditionUnknown
	var out []Evidence
	switch {
	case class == nil && in.Snap.Readable(mesh.ResourceGatewayClasses, ""):
		out = append(out, fieldEvidence(ref, "metadata.name", "no such GatewayClass"))
	case class != nil && notAccepted(class):
		out = append(out, conditionEvidence(ref, class.Conditions.Find(mesh.ConditionAccepted)))
	case !waiting:
		return nil
	}
	out = append(out, fieldEvidence(w.Ref(), "spec.gatewayClassName", w.Class))
	if accepted != nil {
		out = append(out, conditionEvidence(w.Ref(), accepted))
	}
	return out
}

func notAccepted(class *mesh.GatewayClass) bool {
	c := class.Conditions.Find(mesh.ConditionAccepted)
	return c != nil && c.Status != mesh.ConditionTrue
}

func withoutController(w *mesh.Waypoint, why []Evidence) Finding {
	f := Finding{Subject: w.Ref(), Affects: w.Askers, Evidence: why}
	f.Summary = fmt.Sprintf("No controller takes care of waypoint %s (class %s).", w.Ref().NamespacedName(), w.Class)
	f.Detail = "It never gets an address. What names it is called directly, without its policies and routes (fail-open), unless policies at ztunnel refuse that."
	if len(w.Askers) == 0 {
		f.Severity, f.Class = Warning, Risk
		f.Detail = "It never gets an address. Nothing names it now."
	}
	f.Fix = advise("Use class istio-waypoint, or get the controller of this class running. Once the waypoint has an address, calls to what names it pass through it, and its policies may refuse what passes now.").
		read("get", "gatewayclasses.gateway.networking.k8s.io").
		get(w.Ref())
	return f
}
