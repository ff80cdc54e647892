package drift

import (
	"strconv"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// Names of what istiod makes itself (istio.md C.3).
const (
	staticStrict  = "istio_converted_static_strict"
	convertedPeer = "converted_peer_authentication_"
)

// madeForWaypoint tells the policies that admit waypoints where istiod is told
// to make them; the name is "namespace/name".
func madeForWaypoint(name string) bool {
	return strings.HasPrefix(name[strings.IndexByte(name, '/')+1:], mesh.WaypointPolicyPrefix)
}

func (c *comparison) comparePolicies() {
	found := make(map[mesh.Ref]bool, len(c.dump.Policies))
	for i := range c.dump.Policies {
		p := &c.dump.Policies[i]
		ref := mesh.Ref{Kind: "AuthorizationPolicy", Namespace: p.Namespace, Name: p.Name}
		found[ref] = true
		if c.reaches(p.Namespace) && c.policiesReadable(p.Namespace) && !madeByIstiod(p.Name) {
			c.comparePolicy(ref, p)
		}
	}
	if !complete(c.dump) {
		return
	}
	for _, sh := range c.snap.Shards {
		if !c.reaches(sh.Namespace) {
			continue
		}
		for _, p := range sh.Authorizations {
			if sending(p) == mesh.FactYes && !found[p.Ref()] {
				c.miss(p.Ref(), FieldPolicy, scope(c.snap, p)+" "+action(p), c.settled(&p.Meta))
			}
		}
	}
}

func madeByIstiod(name string) bool {
	return name == staticStrict || strings.HasPrefix(name, convertedPeer) || strings.HasPrefix(name, mesh.WaypointPolicyPrefix)
}

func (c *comparison) comparePolicy(ref mesh.Ref, found *mesh.ZtunnelPolicy) {
	text := found.Scope + " " + found.Action
	p, ok := c.snap.Lookup(ref).(*mesh.AuthorizationPolicy)
	switch {
	case !ok:
		c.differ(ref, FieldPolicy, "", text)
	case sending(p) == mesh.FactUnknown || found.DryRun:
		c.skip(ref)
	case sending(p) == mesh.FactNo:
		c.judge(ref, "sent to ztunnel", "", text, &p.Meta)
	default:
		c.judge(ref, "scope and action", scope(c.snap, p)+" "+action(p), text, &p.Meta)
		c.compareRules(p, found)
	}
}

// compareRules compares what is left of a policy's rules for ztunnel.
func (c *comparison) compareRules(p *mesh.AuthorizationPolicy, found *mesh.ZtunnelPolicy) {
	switch agrees := authz.ZtunnelAgrees(p, found); {
	case agrees == mesh.FactYes:
	case agrees == mesh.FactNo && c.settled(&p.Meta):
		c.differ(p.Ref(), "rules", authz.DescribeForZtunnel(p), authz.DescribeLoaded(found))
	default:
		c.skip(p.Ref())
	}
}

// sending tells whether istiod sends a policy to ztunnel: unknown for what
// depends on istiod's revision or features.
func sending(p *mesh.AuthorizationPolicy) mesh.Fact {
	dryRun, _ := strconv.ParseBool(p.Annotations[mesh.AnnotationDryRun])
	switch {
	case len(p.TargetRefs) > 0 || p.Action == authz.ActionCustom || p.Action == authz.ActionAudit:
		return mesh.FactNo
	case dryRun || p.Labels[mesh.LabelRevision] != "":
		return mesh.FactUnknown
	}
	return mesh.FactYes
}

// scope and action are a policy's as ztunnel writes them.
func scope(s *mesh.Snapshot, p *mesh.AuthorizationPolicy) string {
	switch {
	case p.Selector != nil:
		return "WorkloadSelector"
	case p.Namespace == s.RootNamespace():
		return "Global"
	}
	return "Namespace"
}

func action(p *mesh.AuthorizationPolicy) string {
	if p.Action == authz.ActionDeny {
		return "Deny"
	}
	return "Allow"
}

// policiesReadable tells that all policies are known that can concern a
// namespace's pods.
func (v *view) policiesReadable(namespace string) bool {
	for _, ns := range []string{v.snap.RootNamespace(), namespace} {
		if !v.readable(mesh.ResourceAuthorizationPolicies, ns) || !v.readable(mesh.ResourcePeerAuthentications, ns) {
			return false
		}
	}
	return true
}

// policiesSettled tells that none of them changed just now, nor depends on
// istiod's revision.
func (v *view) policiesSettled(namespace string) bool {
	for _, ns := range []string{v.snap.RootNamespace(), namespace} {
		settled, seen := v.policies[ns]
		if !seen {
			settled = v.policiesSettledIn(v.snap.Shard(ns))
			v.policies[ns] = settled
		}
		if !settled {
			return false
		}
	}
	return true
}

func (v *view) policiesSettledIn(sh *mesh.Shard) bool {
	for _, p := range sh.Authorizations {
		if !v.settled(&p.Meta) {
			return false
		}
	}
	for _, p := range sh.PeerAuths {
		if !v.settled(&p.Meta) || p.Labels[mesh.LabelRevision] != "" {
			return false
		}
	}
	return true
}
