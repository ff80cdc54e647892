package authz

import (
	"cmp"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// Target is what a call through a waypoint is addressed to.
type Target struct {
	// Service is the Service or ServiceEntry; zero for a call addressed to a
	// workload, to which only the Gateway's policies apply.
	Service mesh.Ref
	// Port as the Service declares it: HTTP conditions mean nothing on a port
	// declared to be something else.
	Port mesh.ServicePort
}

// AtWaypoint is the enforcement point of a waypoint for one service port. Only
// policies with targetRefs count: selector, namespace and root policies never
// apply at a waypoint (istio.md C.3).
func AtWaypoint(s *mesh.Snapshot, gateway *mesh.Gateway, t Target) *Hop {
	h := &Hop{Enforcer: Waypoint, tcp: t.Port.Declared() == mesh.ProtocolTCP, paths: DefaultPathRules}
	w := &waypointCompiler{tcp: h.tcp, domains: domainsOf(s)}
	for _, p := range WaypointPolicies(s, gateway, t.Service) {
		switch {
		case p.DryRun():
			h.attachRead(s, p, nil, "it is a dry run")
		case p.Action == ActionAudit:
			h.attachRead(s, p, nil, "AUDIT only marks requests for logging")
		default:
			h.attachRead(s, p, w.compile(p), "")
		}
	}
	if !w.tcp {
		h.readTokens(s, RequestAuthentications(s, gateway, t.Service))
	}
	h.providers = make(map[string]bool)
	for _, name := range s.MeshConfig().ExtensionProviders {
		h.providers[name] = true
	}
	for _, ns := range namespacesOf(s, gateway, t.Service) {
		h.unread(s, mesh.ResourceAuthorizationPolicies, ns)
		h.tokensUnread = h.tokensUnread || !s.Readable(mesh.ResourceRequestAuthentications, ns)
	}
	h.finish()
	return h
}

// WaypointPolicies lists the policies attached to a service, or to the
// waypoint that serves it, by targetRefs.
func WaypointPolicies(s *mesh.Snapshot, gateway *mesh.Gateway, service mesh.Ref) []*mesh.AuthorizationPolicy {
	var out []*mesh.AuthorizationPolicy
	for _, ns := range namespacesOf(s, gateway, service) {
		for _, p := range s.Shard(ns).Authorizations {
			if attaches(s, p.Namespace, p.TargetRefs, gateway, service) {
				out = append(out, p)
			}
		}
	}
	return out
}

// RequestAuthentications lists the token rules in effect, attached as policies
// are.
func RequestAuthentications(s *mesh.Snapshot, gateway *mesh.Gateway, service mesh.Ref) []*mesh.RequestAuthentication {
	var out []*mesh.RequestAuthentication
	for _, ns := range namespacesOf(s, gateway, service) {
		for _, r := range s.Shard(ns).RequestAuths {
			if attaches(s, r.Namespace, r.TargetRefs, gateway, service) {
				out = append(out, r)
			}
		}
	}
	return out
}

// namespacesOf are the places a policy for this waypoint can be in.
func namespacesOf(s *mesh.Snapshot, gateway *mesh.Gateway, service mesh.Ref) []string {
	out := []string{s.RootNamespace(), gateway.Namespace}
	if service.Namespace != "" {
		out = append(out, service.Namespace)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// attaches tells whether one of the targets is the service, the waypoint, or
// from the root namespace the class istio-waypoint by exactly that name. A
// target in another namespace than the policy's is never attached.
func attaches(s *mesh.Snapshot, namespace string, targets []mesh.TargetRef, gateway *mesh.Gateway, service mesh.Ref) bool {
	return slices.ContainsFunc(targets, func(t mesh.TargetRef) bool {
		if t.Kind == "GatewayClass" {
			return namespace == s.RootNamespace() && t.Name == mesh.ClassWaypoint && gateway.Class == mesh.ClassWaypoint
		}
		ref := mesh.Ref{Kind: t.Kind, Namespace: cmp.Or(t.Namespace, namespace), Name: t.Name}
		return ref.Namespace == namespace && (ref == service || ref == gateway.Ref())
	})
}
