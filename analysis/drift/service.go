package drift

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/mesh"
)

func (c *comparison) compareServices() {
	found := make(map[string]bool, len(c.dump.Services))
	for _, svc := range c.dump.Services {
		found[svc.Namespace+"/"+svc.Hostname] = true
		if c.reaches(svc.Namespace) {
			c.compareService(svc)
		}
	}
	if !complete(c.dump) {
		return
	}
	for _, sh := range c.snap.Shards {
		if !c.reaches(sh.Namespace) || !c.settled(c.namespace(sh.Namespace)) {
			continue
		}
		for _, svc := range sh.Services {
			if host := svc.Hostname(c.domain); svc.Type != "ExternalName" && c.settled(&svc.Meta) && !found[svc.Namespace+"/"+host] {
				c.differ(svc.Ref(), FieldService, host, "")
			}
		}
	}
}

func (c *comparison) compareService(found *mesh.ZtunnelService) {
	if svc := c.snap.Service(found.Namespace, found.Name); svc != nil && svc.Hostname(c.domain) == found.Hostname {
		c.compareServiceWaypoint(&svc.Meta, c.snap.ServiceBinding(svc), found)
		return
	}
	sh := c.snap.Shard(found.Namespace)
	for _, se := range sh.ServiceEntries {
		if slices.Contains(se.Hosts, found.Hostname) {
			c.compareServiceWaypoint(&se.Meta, c.snap.ServiceEntryBinding(se), found)
			return
		}
	}
	if c.snap.Readable(mesh.ResourceServices, found.Namespace) && c.snap.Readable(mesh.ResourceServiceEntries, found.Namespace) {
		c.differ(mesh.Ref{Kind: "Service", Namespace: found.Namespace, Name: found.Name}, FieldService, "", found.Hostname)
	}
}

// compareServiceWaypoint leaves the shares of a canary to what it is written
// for: the primary waypoint is compared.
func (c *comparison) compareServiceWaypoint(m *mesh.Meta, b mesh.Binding, found *mesh.ZtunnelService) {
	if b.Canary != nil && found.Waypoint == nil {
		return
	}
	c.compareWaypoint(m, b, found.Waypoint)
}

// compareWaypoint compares a binding with where ztunnel sends. Where istiod
// itself says otherwise than the rules do, that is no drift of the proxy.
func (c *comparison) compareWaypoint(m *mesh.Meta, b mesh.Binding, found *mesh.ZtunnelDestination) {
	g := c.snap.Gateway(b.Waypoint.Namespace, b.Waypoint.Name)
	unsure := b.State == mesh.BindingUnknown || b.Agrees() == mesh.FactNo
	if unsure || !c.settled(m, c.namespace(m.Namespace)) || g != nil && !c.settled(&g.Meta) {
		c.skip(m.Ref())
		return
	}
	switch {
	case !b.Bound() && found != nil:
		c.differ(m.Ref(), "waypoint", "", destination(found))
	case b.Bound() && found == nil:
		c.differ(m.Ref(), "waypoint", b.Waypoint.NamespacedName(), "")
	case b.Bound() && !c.leadsTo(found, g):
		c.differ(m.Ref(), "waypoint", b.Waypoint.NamespacedName(), destination(found))
	}
}

// leadsTo tells whether a destination is a Gateway: by a hostname among its
// addresses, or by an address of it or of the Service behind it.
func (c *comparison) leadsTo(d *mesh.ZtunnelDestination, g *mesh.Gateway) bool {
	if d.Address == "" {
		return d.Namespace == g.Namespace && slices.ContainsFunc(g.Addresses, func(a mesh.GatewayAddress) bool { return a.Value == d.Hostname })
	}
	if slices.ContainsFunc(g.Addresses, func(a mesh.GatewayAddress) bool { return a.Value == d.Address }) {
		return true
	}
	wp := c.snap.Waypoint(g.Namespace, g.Name)
	return wp != nil && wp.Service != nil && slices.Contains(wp.Service.VIPs, d.Address)
}

// destination is a waypoint as the dump writes it.
func destination(d *mesh.ZtunnelDestination) string {
	if d.Address != "" {
		return fmt.Sprintf("%s/%s", d.Network, d.Address)
	}
	return fmt.Sprintf("%s/%s", d.Namespace, d.Hostname)
}
