package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/mesh"
)

var routeNoDefault = Check{
	Code: "ROUTE_NO_DEFAULT", Severity: Warning, Class: Risk, Manifests: OnAllManifests,
	Subject: "the route",
	Title:   "Requests that no rule takes are answered 404",
	Explanation: "As soon as one HTTP rule exists for a Service at its waypoint, the rules decide about every request: what none of them takes is answered 404 (route_not_found) and not sent to the Service. " +
		"Add a last rule without a match that sends to the Service itself.",
	Fires:  "At the waypoint of a Service, for an HTTP port or one whose protocol is detected, there are rules and none of them, in whichever object, takes everything.",
	Silent: "A rule without a match, or with the prefix /, comes last; TCP ports; the rules have no effect.",
	Doubt:  "That may be meant: only some paths are to be reachable.",
	Needs:  []string{mesh.ResourceServices, mesh.ResourceGateways, mesh.ResourceVirtualServices, mesh.ResourceHTTPRoutes},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceGRPCRoutes, mesh.ResourceServiceEntries},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range in.shared.routing().ports {
			if p.service.Namespace == sh.Namespace && p.port.Declared() != mesh.ProtocolTCP {
				out = append(out, withoutDefault(p)...)
			}
		}
		return out
	},
}

// withoutDefault speaks of every object whose rules decide about the port: each
// of them could have the default.
func withoutDefault(p portRouting) []Finding {
	var objects []*mesh.Route
	for _, r := range p.Rules {
		if r.CatchAll() {
			return nil
		}
		if !r.Dead && !slices.Contains(objects, r.Route) {
			objects = append(objects, r.Route)
		}
	}
	if len(objects) == 0 {
		return nil
	}
	last := objects[len(objects)-1]
	f := Finding{Subject: last.Ref(), Affects: []mesh.Ref{p.service}}
	f.Summary = fmt.Sprintf("Requests to %s that no rule takes are answered 404: no rule takes everything.", p.service)
	f.Detail = fmt.Sprintf("On port %d the waypoint %s answers them itself (route_not_found).", p.port.Port, p.waypoint.NamespacedName())
	for _, r := range objects {
		f.Evidence = append(f.Evidence, fieldEvidence(r.Ref(), "spec", fmt.Sprintf("%d rules for port %d, each with a match", len(r.Rules), p.port.Port)))
	}
	f.Fix = advise("Add a last rule without a match that sends to the Service itself: such requests then reach the application.").get(last.Ref())
	return []Finding{f}
}
