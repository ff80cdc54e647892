package authz

import (
	"strings"

	"github.com/waylight/waylight/mesh"
)

// Ztunnels gives the enforcement point before each pod. Pods under the same
// policies share one Hop, so that a Service of a thousand pods compiles once.
// Not safe for concurrent use.
type Ztunnels struct {
	snap   *mesh.Snapshot
	admits bool // istiod lets waypoints in by policies of its own
	policy map[*mesh.AuthorizationPolicy]converted
	hops   map[string]*Hop
}

type converted struct {
	policy *policy
	idle   string
}

// NewZtunnels prepares for a snapshot.
func NewZtunnels(s *mesh.Snapshot) *Ztunnels {
	return &Ztunnels{snap: s, admits: s.AdmitsWaypoints(), policy: make(map[*mesh.AuthorizationPolicy]converted), hops: make(map[string]*Hop)}
}

// AtZtunnel is the enforcement point before one captured workload.
func AtZtunnel(s *mesh.Snapshot, w *mesh.Workload) *Hop { return NewZtunnels(s).Before(w) }

// Before is the enforcement point of the ztunnel that stands before a captured
// workload. Pods that are not captured have none.
func (z *Ztunnels) Before(w *mesh.Workload) *Hop {
	policies := ZtunnelPolicies(z.snap, w)
	mode := PeerModeOf(z.snap, w)
	waypoints := z.admitted(w)
	key := keyOf(w.Namespace, policies, waypoints, mode)
	if h, ok := z.hops[key]; ok {
		return h
	}
	h := &Hop{Enforcer: Ztunnel, Mode: mode}
	for _, p := range policies {
		c := z.convert(p)
		h.attachRead(z.snap, p, c.policy, c.idle)
	}
	for _, wp := range waypoints {
		h.admitWaypoint(wp, z.snap.TrustDomain())
	}
	for _, ns := range unique(z.snap.RootNamespace(), w.Namespace) {
		h.unread(z.snap, mesh.ResourceAuthorizationPolicies, ns)
	}
	h.finish()
	z.hops[key] = h
	return h
}

func (z *Ztunnels) convert(p *mesh.AuthorizationPolicy) converted {
	c, ok := z.policy[p]
	if !ok {
		c.policy, c.idle = forZtunnel(p)
		z.policy[p] = c
	}
	return c
}

// keyOf names what a pod's hop is made of.
func keyOf(namespace string, policies []*mesh.AuthorizationPolicy, waypoints []*mesh.Waypoint, m PeerMode) string {
	var b strings.Builder
	b.WriteString(namespace)
	for _, p := range policies {
		b.WriteString("\n" + p.Namespace + "/" + p.Name)
	}
	for _, wp := range waypoints {
		b.WriteString("\n" + wp.Ref().String())
	}
	b.WriteString("\n" + m.By.String() + "\n" + m.PortsBy.String())
	return b.String()
}

// ZtunnelPolicies lists the policies that istiod attaches to a workload at
// ztunnel, without targetRefs: those of the root namespace and of its own,
// with a selector that matches or none. A selector that is present and empty
// matches no pod (istio.md C.3; A.7 scopes).
func ZtunnelPolicies(s *mesh.Snapshot, w *mesh.Workload) []*mesh.AuthorizationPolicy {
	var out []*mesh.AuthorizationPolicy
	for _, ns := range unique(s.RootNamespace(), w.Namespace) {
		for _, p := range s.Shard(ns).Authorizations {
			if len(p.TargetRefs) == 0 && covers(p, w) {
				out = append(out, p)
			}
		}
	}
	return out
}

func covers(p *mesh.AuthorizationPolicy, w *mesh.Workload) bool {
	return p.Selector == nil || (!p.Selector.Empty() && p.Selector.Matches(w.Labels))
}
