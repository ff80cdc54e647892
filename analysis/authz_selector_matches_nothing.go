package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var authzSelectorMatchesNothing = Check{
	Code: "AUTHZ_SELECTOR_MATCHES_NOTHING", Severity: Warning, Class: Risk,
	Subject: "AuthorizationPolicy",
	Title:   "A policy's selector matches no pod",
	Explanation: "A policy with a selector is enforced before the pods that match it, in its own namespace, or anywhere for one in the root namespace. One that matches none does nothing, and so does one that matches only pods of a waypoint, which takes policies by targetRefs alone. " +
		"A selector that is there and empty looks as if it meant all pods: sidecars take it so, and at ztunnel it attaches to none.",
	Fires:  "No pod, and no pod template of a controller, in reach of the policy matches its selector, or only those of waypoints do. Critical where the selector is empty, captured pods are there, and the policy is a DENY or the only ALLOW.",
	Silent: "A pod or a template matches; pods are not readable; the policy has targetRefs or no selector; it was changed in the last minute; it asks for HTTP at a waypoint, which is another finding.",
	Doubt:  "Pods that run now and then, as those of CronJobs, may match later.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies, mesh.ResourcePods},
	Uses:   []string{mesh.ResourceServices, mesh.ResourceDeployments, mesh.ResourceStatefulSets, mesh.ResourceDaemonSets, mesh.ResourceJobs, mesh.ResourceCronJobs},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.Authorizations {
			if p.Selector == nil || len(p.TargetRefs) > 0 || in.Now.Sub(p.ChangedAt()) < settlingTime {
				continue
			}
			if f, ok := in.selectsNothing(p); ok {
				out = append(out, f)
			}
		}
		return out
	},
}

func (in *Input) selectsNothing(p *mesh.AuthorizationPolicy) (Finding, bool) {
	if p.Selector.Empty() {
		return in.emptySelector(p)
	}
	waypoints, ok := in.onlyWaypoints(p)
	if !ok {
		return Finding{}, false
	}
	if len(waypoints) > 0 {
		return in.waypointSelected(p, waypoints)
	}
	f := selectorFinding(p)
	f.Summary = fmt.Sprintf("%s selects no pod (%s), so it does nothing.", p.Ref(), selectorWords(p.Selector))
	f.Detail = "What it forbids passes, and nobody is admitted by it."
	return f, true
}

// onlyWaypoints lists the waypoints whose pods match a policy's selector, none
// where nothing does. It is false where something else matches, or may.
func (in *Input) onlyWaypoints(p *mesh.AuthorizationPolicy) (waypoints []mesh.Ref, ok bool) {
	for _, sh := range in.placesOf(p.Namespace) {
		if !in.Snap.Readable(mesh.ResourcePods, sh.Namespace) {
			return nil, false
		}
		for _, w := range sh.Workloads {
			switch {
			case w.Finished() || !p.Selector.Matches(w.Labels):
			case w.IsWaypoint():
				if gw := (mesh.Ref{Kind: "Gateway", Namespace: w.Namespace, Name: w.GatewayName()}); !slices.Contains(waypoints, gw) {
					waypoints = append(waypoints, gw)
				}
			default:
				return nil, false
			}
		}
		others := func(c *mesh.Controller) bool {
			return p.Selector.Matches(c.TemplateLabels) && !strings.HasPrefix(c.TemplateLabels[mesh.LabelGatewayManaged], mesh.ManagedWaypoint)
		}
		if slices.ContainsFunc(sh.Controllers, others) {
			return nil, false
		}
	}
	return waypoints, true
}

// waypointSelected is about a policy that selects pods of waypoints and nothing
// else. Where it asks for HTTP and Services
// of its namespace have a waypoint, that it is not there says more.
func (in *Input) waypointSelected(p *mesh.AuthorizationPolicy, waypoints []mesh.Ref) (Finding, bool) {
	if hasHTTPFields(p) && !in.waypointUsedIn(in.Snap.Shard(p.Namespace)).IsZero() {
		return Finding{}, false
	}
	f := selectorFinding(p)
	f.Affects = waypoints
	f.Summary = fmt.Sprintf("%s selects only pods of %s, where selectors do not count, so it does nothing.", p.Ref(), names(waypoints))
	f.Detail = "No ztunnel stands before a waypoint's pods, and the waypoint takes policies by targetRefs alone: what it forbids passes, and nobody is admitted by it."
	f.Fix = byTarget(p, "it then judges the calls to all services behind the waypoint it names, or to the Service.")
	return f, true
}

// emptySelector judges selector: {}, which attaches to no pod at ztunnel
// (istio.md A.7).
func (in *Input) emptySelector(p *mesh.AuthorizationPolicy) (Finding, bool) {
	pods := in.reachOf(p.Namespace, nil).captured
	if len(pods) == 0 {
		return Finding{}, false
	}
	f := selectorFinding(p)
	f.Affects = in.ownersAndServices(pods)
	f.Summary = fmt.Sprintf("%s has an empty selector, which attaches it to no pod at ztunnel.", p.Ref())
	f.Detail = fmt.Sprintf("It looks as if it were for all pods; none of the %d captured ones is subject to it.", len(pods))
	if p.Action == authz.ActionDeny || (p.Action != authz.ActionCustom && p.Action != authz.ActionAudit && in.alone(p, pods)) {
		f.Severity, f.Class = Critical, Unprotected
		f.Detail += " What it is to refuse passes."
	}
	return f, true
}

func selectorFinding(p *mesh.AuthorizationPolicy) Finding {
	f := Finding{Subject: p.Ref(), Evidence: []Evidence{fieldEvidence(p.Ref(), "spec.selector", orWord(selectorWords(p.Selector), "{}"))}}
	f.Evidence = append(f.Evidence, cutEvidence(p, nil)...)
	f.Fix = advise("Correct the selector; leave it out to mean every pod of the namespace. The policy is enforced from then on, and may refuse what passes now.").
		get(p.Ref()).
		read("-n", p.Namespace, "get", "pods", "--show-labels")
	return f
}
