package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

var routeSkipsBackendPolicy = Check{
	Code: "ROUTE_SKIPS_BACKEND_POLICY", Severity: Error, Class: Unprotected, Manifests: OnAllManifests,
	Subject: "the route",
	Title:   "A route sends past the policies of another Service",
	Explanation: "A waypoint runs the policies of the Service that was called, then follows its routes. Where one leads to another Service the call goes straight to that one's pods: there is no second waypoint, and policies or a waypoint of the backend do not count. " +
		"Repeat the policies on the Service that is called, or do not route to what is protected on its own.",
	Fires:  "A rule in effect at the waypoint of one Service sends to another that has a policy of its own for a waypoint, or a waypoint other than the first one's. Critical where the backend has an ALLOW or DENY.",
	Silent: "The backend is the Service itself, or has the same waypoint and no policy but such as are for the called Service too; the rule is dead or gives it no share.",
	Doubt:  "Policies at the pods' ztunnel still apply, and see the waypoint as the caller.",
	Needs:  []string{mesh.ResourceServices, mesh.ResourceGateways, mesh.ResourceAuthorizationPolicies},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceRequestAuthentications, mesh.ResourceVirtualServices, mesh.ResourceHTTPRoutes, mesh.ResourceServiceEntries},
	Mesh: func(in *Input) []Finding {
		table := in.shared.routing()
		var out []Finding
		for _, sh := range in.Snap.Shards {
			for _, r := range sh.Routes {
				if skipped := in.skippedBackends(table, r); len(skipped) > 0 {
					out = append(out, skipsPolicies(r, skipped))
				}
			}
		}
		return out
	},
}

// skippedBackend is a Service that a route leads to past what protects it.
type skippedBackend struct {
	service, backend mesh.Ref
	rule             actingRule
	policies         []mesh.Ref
	waypoint         mesh.Ref // its own, where that is another one
	decides          bool     // there is an ALLOW or DENY
}

func (in *Input) skippedBackends(table *routingTable, r *mesh.Route) []skippedBackend {
	var out []skippedBackend
	for _, a := range table.acting[r] {
		if a.service.IsZero() {
			continue
		}
		for _, b := range a.spec.Backends {
			ref, ok := path.Destination(in.Snap, r, b)
			if !ok || ref == a.service || (b.Weight == 0 && len(a.spec.Backends) > 1) {
				continue
			}
			s := in.skipped(a, ref)
			known := slices.ContainsFunc(out, func(have skippedBackend) bool { return have.backend == ref && have.service == s.service })
			if (len(s.policies) > 0 || !s.waypoint.IsZero()) && !known {
				out = append(out, s)
			}
		}
	}
	return out
}

// skipped looks at what is written for a backend itself.
func (in *Input) skipped(a actingRule, backend mesh.Ref) skippedBackend {
	out := skippedBackend{service: a.service, backend: backend, rule: a}
	sh := in.Snap.Shard(backend.Namespace)
	targets := func(list []mesh.TargetRef) bool {
		return slices.ContainsFunc(list, func(t mesh.TargetRef) bool { return t.Ref() == backend })
	}
	for _, p := range sh.Authorizations {
		if targets(p.TargetRefs) && !asked(p.TargetRefs, a.service) && !p.DryRun() {
			out.policies = append(out.policies, p.Ref())
			out.decides = out.decides || p.Action == "ALLOW" || p.Action == "DENY" || p.Action == ""
		}
	}
	for _, p := range sh.RequestAuths {
		if targets(p.TargetRefs) && !asked(p.TargetRefs, a.service) {
			out.policies = append(out.policies, p.Ref())
		}
	}
	if b := in.bindingOf(backend); b.Bound() && b.Waypoint != a.waypoint {
		out.waypoint = b.Waypoint
	}
	return out
}

// asked tells that a policy is for the called Service as well, and so decides
// about the call although the one it is led to does not.
func asked(targets []mesh.TargetRef, called mesh.Ref) bool {
	return slices.ContainsFunc(targets, func(t mesh.TargetRef) bool { return t.Ref() == called })
}

func skipsPolicies(r *mesh.Route, skipped []skippedBackend) Finding {
	f := Finding{Subject: r.Ref()}
	first := skipped[0]
	what := isAre(names(first.policies), len(first.policies)) + " not asked"
	if len(first.policies) == 0 {
		what = "waypoint " + first.waypoint.NamespacedName() + " is not passed"
	}
	f.Summary = fmt.Sprintf("%s leads calls to %s on to %s, where %s.", r.Ref(), first.service.Name, first.backend, what)
	f.Detail = "Only the waypoint of the Service that was called decides about the call (fail-open for what protects the other one)."
	for _, s := range skipped {
		if s.decides {
			f.Severity = Critical
		}
		f.Affects = append(f.Affects, s.backend)
		f.Evidence = append(f.Evidence, fieldEvidence(r.Ref(), ruleField(r, s.rule.spec, s.rule.number), "from "+s.service.String()+" to "+s.backend.String()))
		for _, p := range s.policies[:min(len(s.policies), namedAtMost)] {
			f.Evidence = append(f.Evidence, fieldEvidence(p, "spec.targetRefs", s.backend.String()))
		}
		if !s.waypoint.IsZero() {
			f.Evidence = append(f.Evidence, fieldEvidence(s.backend, "metadata.labels["+mesh.LabelUseWaypoint+"]", "bound to "+s.waypoint.NamespacedName()))
		}
	}
	f.Fix = advise("Put the same policies on the Service that is called, or let callers call the backend by its own name. Calls that they do not admit are refused from then on.").
		get(r.Ref()).
		read("-n", first.backend.Namespace, "get", "authorizationpolicies,requestauthentications")
	return f
}
