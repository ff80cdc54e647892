package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var authzDenyHitsWaypoint = Check{
	Code: "AUTHZ_DENY_HITS_WAYPOINT", Severity: Critical, Class: Breaks,
	Subject: "Service",
	Title:   "A DENY policy refuses the waypoint",
	Explanation: "Past a waypoint the ztunnel before the pods sees the waypoint as the caller, with its identity and address. A DENY for the pods that matches those (all but certain callers, a namespace, a block of addresses) refuses everything that comes through the waypoint. " +
		"Leave the waypoint out of it, or move the DENY to the waypoint by targetRefs.",
	Fires:  "A Service is bound to a waypoint, and a DENY at the ztunnel of a captured pod of it matches the waypoint on every target port. Info where it matches on some ports only.",
	Silent: "No DENY matches the waypoint; what it depends on is not known; no waypoint is bound or calls pass none (headless); pods are not captured.",
	Doubt:  "Computed from the policies' specs; a ztunnel that is not up to date decides by older ones.",
	Needs:  []string{mesh.ResourceAuthorizationPolicies, mesh.ResourceGateways, mesh.ResourceServices, mesh.ResourcePods},
	Uses:   []string{mesh.ResourceNamespaces},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		if !in.deniesAtZtunnel(sh) {
			return nil
		}
		var out []Finding
		for _, svc := range sh.Services {
			if f, hit := in.waypointDenied(sh, svc); hit {
				out = append(out, f)
			}
		}
		return out
	},
}

// deniesAtZtunnel tells whether a DENY can reach pods of a namespace at all.
func (in *Input) deniesAtZtunnel(sh *mesh.Shard) bool {
	denies := func(p *mesh.AuthorizationPolicy) bool {
		return len(p.TargetRefs) == 0 && p.Action == authz.ActionDeny
	}
	return slices.ContainsFunc(sh.Authorizations, denies) || slices.ContainsFunc(in.Snap.Shard(in.Snap.RootNamespace()).Authorizations, denies)
}

// denial is a DENY that refuses a waypoint before a pod.
type denial struct {
	pod      *mesh.Workload
	waypoint *mesh.Waypoint
	decision authz.Decision
	port     uint16
}

func (in *Input) waypointDenied(sh *mesh.Shard, svc *mesh.Service) (Finding, bool) {
	waypoints := in.waypointsOf(in.Snap.ServiceBinding(svc))
	if len(waypoints) == 0 || svc.Headless() {
		return Finding{}, false
	}
	// whole: on every port of the Service; partly: on some.
	var whole, partly []denial
	for _, w := range selectedPods(sh, svc) {
		if !w.Captured() {
			continue
		}
		for _, wp := range waypoints {
			switch hits, all := in.deniedPorts(svc, w, wp); {
			case all && len(hits) > 0:
				whole = append(whole, hits[0])
			default:
				partly = append(partly, hits...)
			}
		}
	}
	switch {
	case len(whole) > 0:
		return in.denyHits(svc, whole, true), true
	case len(partly) > 0:
		return in.denyHits(svc, partly, false), true
	}
	return Finding{}, false
}

// deniedPorts are the ports of a Service on which a pod's ztunnel refuses a
// waypoint; all tells that no other is left.
func (in *Input) deniedPorts(svc *mesh.Service, w *mesh.Workload, wp *mesh.Waypoint) (hits []denial, all bool) {
	all = true
	for _, p := range svc.Ports {
		if p.Protocol == "UDP" {
			continue
		}
		d, hit := in.deniesWaypoint(w, wp, targetPort(w, p))
		if all = all && hit; hit {
			hits = append(hits, d)
		}
	}
	return hits, all
}

// deniesWaypoint asks the ztunnel before a pod about the waypoint, from every
// pod of it.
func (in *Input) deniesWaypoint(w *mesh.Workload, wp *mesh.Waypoint, port uint16) (denial, bool) {
	call := authz.Call{From: authz.Known(wp.Principal(in.Snap.TrustDomain())), Port: port, Destination: firstAddress(w)}
	out := denial{pod: w, waypoint: wp, port: port}
	for _, p := range wp.Pods {
		call.Source = firstAddress(p)
		out.decision = in.shared.ztunnels().Before(w).Decide(call)
		if !out.decision.Refused() || out.decision.Code != mesh.CodePolicyDenied {
			return out, false
		}
	}
	return out, len(wp.Pods) > 0
}

func (in *Input) denyHits(svc *mesh.Service, hits []denial, whole bool) Finding {
	first := hits[0]
	f := Finding{Subject: svc.Ref(), Affects: []mesh.Ref{first.decision.Policy}}
	who := authz.ShortPrincipal(first.waypoint.Principal(in.Snap.TrustDomain()), svc.Namespace)
	f.Summary = fmt.Sprintf("%s refuses waypoint %s, and so calls through it to %s.", first.decision.Policy, first.waypoint.Ref().NamespacedName(), svc.Name)
	f.Detail = fmt.Sprintf("The ztunnel before the pods sees the waypoint (%s) as the caller, and %s. Over HTTP callers see 503 from the waypoint.", who, first.decision.Reason)
	if p, ok := in.Snap.Lookup(first.decision.Policy).(*mesh.AuthorizationPolicy); ok && slices.ContainsFunc(authz.Cuts(p), func(c authz.Cut) bool { return c.Wider }) {
		f.CausedBy = &Cause{Code: authzDenyBroader.Code, Subject: p.Ref()}
	}
	if !whole {
		f.Severity, f.Class = Info, Risk
		f.Summary = fmt.Sprintf("%s refuses waypoint %s on some ports of %s.", first.decision.Policy, first.waypoint.Ref().NamespacedName(), svc.Name)
	}
	f.Evidence = []Evidence{fieldEvidence(first.waypoint.Ref(), "principal of its pods", first.waypoint.Principal(in.Snap.TrustDomain()))}
	if len(first.waypoint.Pods) > 0 {
		f.Evidence = append(f.Evidence, fieldEvidence(first.waypoint.Pods[0].Ref(), "status.podIP", firstAddress(first.waypoint.Pods[0]).String()))
	}
	f.Evidence = append(f.Evidence, policyEvidence(in.shared.ztunnels().Before(first.pod), first.decision.Policy))
	f.Fix = advise("Leave the waypoint's identity or address out of the DENY, and refuse the clients it is meant for by a policy with targetRefs, which sees them. Write that one first: they are let through in between.").
		get(first.decision.Policy)
	return f
}
