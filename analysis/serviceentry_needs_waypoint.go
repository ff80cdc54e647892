package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var serviceentryNeedsWaypoint = Check{
	Code: "SERVICEENTRY_NEEDS_WAYPOINT", Severity: Error, Class: Risk,
	Subject: "ServiceEntry",
	Title:   "A ServiceEntry works only through a waypoint and has none",
	Explanation: "ztunnel does not resolve names: an entry with a wildcard host, or one that asks for racing connects, needs a waypoint (an egress gateway) that does. istiod says so by the condition istio.io/WaypointMissing, whose True is the bad state. " +
		"Calls to such hosts leave the mesh unmatched, past every policy on the entry.",
	Fires:  "The condition istio.io/WaypointMissing of the ServiceEntry is True.",
	Silent: "There is no such condition, or it is False; it changed in the last seconds.",
	Doubt:  "Only istiod of 1.27 and newer writes the condition.",
	Needs:  []string{mesh.ResourceServiceEntries}, Uses: []string{mesh.ResourceGateways},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, se := range sh.ServiceEntries {
			c := se.Conditions.Find(mesh.ConditionWaypointMissing)
			if c == nil || c.Status != mesh.ConditionTrue || in.Now.Sub(se.ChangedAt()) < enrolmentTime {
				continue
			}
			f := Finding{Subject: se.Ref(), Evidence: []Evidence{conditionEvidence(se.Ref(), c)}}
			f.Summary = fmt.Sprintf("%s works only through a waypoint, and none is bound to it.", se.Ref())
			f.Detail = "ztunnel cannot carry such calls: they leave unmatched, or fail, and policies on the entry do not act."
			f.Evidence = append(f.Evidence, fieldEvidence(se.Ref(), "metadata.labels["+mesh.LabelUseWaypoint+"]", labelOrAbsent(&se.Meta, mesh.LabelUseWaypoint)))
			f.Fix = advise("Make a waypoint for egress and label the entry with istio.io/use-waypoint. Calls to its hosts then pass it, with its policies and routes.").
				get(se.Ref()).
				read("get", mesh.ResourceGateways, "-A")
			out = append(out, f)
		}
		return out
	},
}
