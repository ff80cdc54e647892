package analysis

import (
	"fmt"
	"strings"

	"github.com/waylight/waylight/mesh"
)

var routeNotAccepted = Check{
	Code: "ROUTE_NOT_ACCEPTED", Severity: Error, Class: Risk,
	Subject:     "HTTPRoute, GRPCRoute, TCPRoute or TLSRoute",
	Title:       "Istio did not take a route as it is written",
	Explanation: "istiod writes into the status of a route what it made of each parent. Accepted or ResolvedRefs False means that the route, or a part of it, does not act. ResolvedWaypoints is True whatever it found: there only the message tells that a label or the parent is missing.",
	Fires:       "For a parent of Istio's controller the condition Accepted or ResolvedRefs is False, or the message of ResolvedWaypoints says that the parent or the use-waypoint label is missing.",
	Silent:      "Parents of other controllers; the label is missing and no captured caller is in reach; the route was changed in the last minute, and the condition is older.",
	Doubt:       "istiod may not have written the newest state yet.",
	Needs:       []string{mesh.ResourceHTTPRoutes}, Uses: []string{mesh.ResourceGRPCRoutes, mesh.ResourceTCPRoutes, mesh.ResourceTLSRoutes},
	ConsequenceOf: []string{"ROUTE_BACKEND_MISSING", "ROUTE_NO_WAYPOINT"},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, r := range sh.Routes {
			if r.Kind == "VirtualService" || in.Now.Sub(r.ChangedAt()) < settlingTime {
				continue
			}
			if refused := in.parentRefusals(r); len(refused) > 0 {
				out = append(out, notTaken(r, refused))
			}
		}
		return out
	},
}

// parentRefusal is one condition that says no, for one parent.
type parentRefusal struct {
	parent    mesh.Ref
	condition *mesh.Condition
}

func (in *Input) parentRefusals(r *mesh.Route) []parentRefusal {
	var out []parentRefusal
	unserved := len(in.unserved(r.Namespace, in.meshParents(r))) > 0
	for _, p := range r.Parents {
		for i := range p.Status {
			st := &p.Status[i]
			if !strings.HasPrefix(st.Controller, "istio.io/") {
				continue
			}
			for _, typ := range []string{mesh.ConditionAccepted, mesh.ConditionResolvedRefs} {
				if c := st.Conditions.Find(typ); c != nil && c.Status == mesh.ConditionFalse {
					out = append(out, parentRefusal{p.Ref, c})
				}
			}
			if c := st.Conditions.Find(mesh.ConditionResolvedWaypoints); c != nil && missingWaypoint(c) && (unserved || !missingLabel(c)) {
				out = append(out, parentRefusal{p.Ref, c})
			}
		}
	}
	return out
}

// missingWaypoint reads the message of ResolvedWaypoints, whose status is
// always True (istio.md C.2).
func missingWaypoint(c *mesh.Condition) bool {
	return missingLabel(c) || strings.Contains(c.Message, "parent not found")
}

// missingLabel: istiod says so of every route for a Service without a waypoint,
// also where all clients have a sidecar and heed the route.
func missingLabel(c *mesh.Condition) bool { return strings.Contains(c.Message, "label missing") }

func notTaken(r *mesh.Route, refused []parentRefusal) Finding {
	first := refused[0]
	f := Finding{Subject: r.Ref()}
	f.Summary = fmt.Sprintf("Istio did not take %s for %s: %s.", r.Ref(), first.parent, strings.TrimSuffix(orWord(first.condition.Message, first.condition.Reason), "."))
	f.Detail = "What the route says there does not act, or not all of it."
	for _, x := range refused {
		f.Evidence = append(f.Evidence, conditionEvidence(r.Ref(), x.condition))
		f.Affects = append(f.Affects, x.parent)
	}
	f.Fix = advise("Correct what the message names. The route acts from then on.").get(r.Ref())
	return f
}
