package drift

import (
	"strconv"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// Names of what istiod makes itself (istio.md C.3).
const (
	staticStrict    = "istio_converted_static_strict"
	convertedPeer   = "converted_peer_authentication_"
	allowedWaypoint = "istio_allow_waypoint_"
)

// madeForWaypoint tells the policies that admit waypoints where istiod is told
// to make them; the name is "namespace/name".
func madeForWaypoint(name string) bool {
	return strings.HasPrefix(name[strings.IndexByte(name, '/')+1:], allowedWaypoint)
}

func (c *comparison) comparePolicies() {
	found := make(map[mesh.Ref]bool, len(c.dump.Policies))
	for i := range c.dump.Policies {
		p := &c.dump.Policies[i]
		ref := mesh.Ref{Kind: "AuthorizationPolicy", Namespace: p.Namespace, Name: p.Name}
		found[ref] = true
		if c.reaches(p.Namespace) && c.policiesKnown(p.Namespace) && !madeByIstiod(p.Name) {
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
			if sending(p) == mesh.FactYes && c.settled(&p.Meta) && !found[p.Ref()] {
				c.differ(p.Ref(), FieldPolicy, scope(c.snap, p)+" "+action(p), "")
			}
		}
	}
}

func madeByIstiod(name string) bool {
	return name == staticStrict || strings.HasPrefix(name, convertedPeer) || strings.HasPrefix(name, allowedWaypoint)
}

func (c *comparison) comparePolicy(ref mesh.Ref, found *mesh.ZtunnelPolicy) {
	text := found.Scope + " " + found.Action
	p, ok := c.snap.Lookup(ref).(*mesh.AuthorizationPolicy)
	switch {
	case !ok:
		c.differ(ref, FieldPolicy, "", text)
	case !c.settled(&p.Meta) || sending(p) == mesh.FactUnknown || found.DryRun:
		c.skip(ref)
	case sending(p) == mesh.FactNo:
		c.differ(ref, "sent to ztunnel", "", text)
	default:
		if expected := scope(c.snap, p) + " " + action(p); expected != text {
			c.differ(ref, "scope and action", expected, text)
		}
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

// policiesKnown tells that all policies that can concern a namespace's pods
// are known and none of them changed just now.
func (c *comparison) policiesKnown(namespace string) bool {
	for _, ns := range []string{c.snap.RootNamespace(), namespace} {
		known, seen := c.policies[ns]
		if !seen {
			known = c.policiesSettled(ns)
			c.policies[ns] = known
		}
		if !known {
			return false
		}
	}
	return true
}

func (c *comparison) policiesSettled(namespace string) bool {
	if !c.snap.Readable(mesh.ResourceAuthorizationPolicies, namespace) || !c.snap.Readable(mesh.ResourcePeerAuthentications, namespace) {
		return false
	}
	sh := c.snap.Shard(namespace)
	for _, p := range sh.Authorizations {
		if !c.settled(&p.Meta) {
			return false
		}
	}
	for _, p := range sh.PeerAuths {
		if !c.settled(&p.Meta) || p.Labels[mesh.LabelRevision] != "" {
			return false
		}
	}
	return true
}
