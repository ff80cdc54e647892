package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var waypointBypassedSidecar = Check{
	Code: "WAYPOINT_BYPASSED_SIDECAR", Severity: Warning, Class: Unprotected,
	Subject: "Service",
	Title:   "Callers with a sidecar go past a Service's waypoint",
	Explanation: "A sidecar sends straight to the pods of an ambient Service, never through its waypoint: Istio's authors feared that policies would apply twice. So the authorization that is written for the waypoint does not act on callers with a sidecar. " +
		"Move them to ambient, or write at ztunnel (a policy without targetRefs) that only the waypoint may call the pods.",
	Fires:  "A Service bound to a waypoint has an L7 policy there, and pods with a sidecar run in its own namespace, or were counted calling it.",
	Silent: "No AuthorizationPolicy or RequestAuthentication acts at the waypoint for the Service; the ztunnels before its pods admit none of those callers; the Service is headless.",
	Doubt:  "Whether pods of its own namespace call the Service is not known where nothing was counted; those of other namespaces are not seen then.",
	Needs:  []string{mesh.ResourceServices, mesh.ResourceGateways, mesh.ResourcePods},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceAuthorizationPolicies, mesh.ResourceRequestAuthentications, countedTraffic},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		if len(in.shared.sidecars()) == 0 {
			return nil
		}
		guarded := remember(in, sh, SightNamespace, "guarded services", func() []guardedService { return in.guardedServices(sh) })
		var out []Finding
		for _, g := range guarded {
			counted := in.counts().CallersPast(g.Ref())
			callers := in.withSidecar(sh.Namespace, counted)
			if past := in.admittedPast(g.Service, callers); len(past) > 0 {
				out = append(out, bypassedBySidecar(in, g, past, counted))
			}
		}
		return out
	},
}

// guardedService is a Service for which policies or token rules act at its
// waypoint.
type guardedService struct {
	*mesh.Service
	binding  mesh.Binding
	policies []mesh.Ref
}

func (in *Input) guardedServices(sh *mesh.Shard) []guardedService {
	var out []guardedService
	for _, svc := range sh.Services {
		b := in.Snap.ServiceBinding(svc)
		g := in.Snap.Gateway(b.Waypoint.Namespace, b.Waypoint.Name)
		if !b.Bound() || svc.Headless() || g == nil {
			continue
		}
		if policies := in.policiesAt(g, svc.Ref()); len(policies) > 0 {
			out = append(out, guardedService{svc, b, policies})
		}
	}
	return out
}

// policiesAt lists the policies and token rules that act on a service at a
// waypoint.
func (in *Input) policiesAt(g *mesh.Gateway, service mesh.Ref) []mesh.Ref {
	out := refs(authz.WaypointPolicies(in.Snap, g, service))
	return append(out, refs(authz.RequestAuthentications(in.Snap, g, service))...)
}

// findSidecars lists the running pods with a sidecar, by namespace; those
// without any are left out.
func (in *Input) findSidecars() map[string][]*mesh.Workload {
	out := make(map[string][]*mesh.Workload)
	for _, sh := range in.Snap.Shards {
		if pods := remember(in, sh, SightNamespace, "sidecars", func() []*mesh.Workload { return sidecarsOf(sh) }); len(pods) > 0 {
			out[sh.Namespace] = pods
		}
	}
	return out
}

func sidecarsOf(sh *mesh.Shard) []*mesh.Workload {
	var out []*mesh.Workload
	for _, w := range sh.Workloads {
		if w.HasSidecar() && w.Running() && w.GatewayName() == "" {
			out = append(out, w)
		}
	}
	return out
}

// withSidecar are the pods with a sidecar of a namespace, and those of others
// that were counted calling.
func (in *Input) withSidecar(namespace string, counted map[mesh.Ref]float64) []*mesh.Workload {
	sidecars := in.shared.sidecars()
	out := slices.Clone(sidecars[namespace])
	for owner := range counted {
		for _, w := range sidecars[owner.Namespace] {
			if !slices.Contains(out, w) && in.Snap.ControllerOf(w) == owner {
				out = append(out, w)
			}
		}
	}
	return out
}

// admittedPast keeps the callers that no ztunnel before the service's pods
// refuses, leaving out the service's own pods.
func (in *Input) admittedPast(svc *mesh.Service, callers []*mesh.Workload) []*mesh.Workload {
	doors := in.doorsOf(svc.Ref())
	var out []*mesh.Workload
	for _, c := range callers {
		if mesh.LabelsMatch(svc.Selector, c.Labels) && len(svc.Selector) > 0 {
			continue
		}
		refused := len(doors) > 0
		for _, d := range doors {
			decision := d.hop.Decide(authz.Call{From: authz.Known(c.Principal(in.Snap.TrustDomain())), Port: d.port})
			refused = refused && decision.Refused()
		}
		if !refused {
			out = append(out, c)
		}
	}
	return out
}

func bypassedBySidecar(in *Input, svc guardedService, past []*mesh.Workload, counted map[mesh.Ref]float64) Finding {
	b, policies := svc.binding, svc.policies
	owners := in.byOwner(past)
	f := Finding{Subject: svc.Ref()}
	for _, o := range owners {
		f.Affects = append(f.Affects, o.Owner)
	}
	f.Summary = fmt.Sprintf("Calls from pods with a sidecar (%s) to %s go past waypoint %s.", names(f.Affects), svc.Ref(), b.Waypoint.NamespacedName())
	f.Detail = fmt.Sprintf("They go straight to the pods, and %s not applied to them (fail-open).", isAre(names(policies), len(policies)))
	f.Evidence = []Evidence{fieldEvidence(b.LabelOn, "metadata.labels["+mesh.LabelUseWaypoint+"]", b.Label)}
	for _, r := range policies[:min(len(policies), namedAtMost)] {
		f.Evidence = append(f.Evidence, fieldEvidence(r, attachmentField(r), "acts at waypoint "+b.Waypoint.NamespacedName()))
	}
	for _, o := range owners[:min(len(owners), namedAtMost)] {
		f.Evidence = append(f.Evidence, fieldEvidence(o.Pods[0].Ref(), "metadata.annotations["+mesh.AnnotationSidecarStatus+"]", "present"))
	}
	for _, o := range owners {
		if n := counted[o.Owner]; n > 0 {
			f.Evidence = append(f.Evidence, in.countedEvidence(o.Owner, "", fmt.Sprintf("%.0f calls to %s past the waypoint", n, svc.Name)))
			f.Doubt = "Metrics name workloads: of one of which only some pods have a sidecar the others may have called."
		}
	}
	f.Fix = advise("Move those callers to ambient, or let an AuthorizationPolicy without targetRefs admit only the waypoint's identity to the pods: calls past the waypoint are refused from then on.").
		read("-n", svc.Namespace, "get", "pods", "-o", "custom-columns=POD:.metadata.name,CONTAINERS:.spec.containers[*].name,INIT:.spec.initContainers[*].name").
		get(svc.Ref())
	return f
}
