package drift

import (
	"fmt"
	"slices"
	"strings"

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
		if c.reaches(sh.Namespace) {
			c.missingServices(sh, found)
		}
	}
}

func (c *comparison) missingServices(sh *mesh.Shard, found map[string]bool) {
	ns := c.namespace(sh.Namespace)
	for _, svc := range sh.Services {
		if host := svc.Hostname(c.domain); svc.Type != "ExternalName" && !found[svc.Namespace+"/"+host] {
			c.miss(svc.Ref(), FieldService, host, c.settled(&svc.Meta, ns))
		}
	}
	for _, se := range sh.ServiceEntries {
		if se.Resolution != "STATIC" && se.Resolution != "DNS" || se.Labels[mesh.LabelRevision] != "" {
			continue
		}
		for _, host := range se.Hosts {
			if !strings.Contains(host, "*") && !found[se.Namespace+"/"+host] {
				c.miss(se.Ref(), FieldService, host, c.settled(&se.Meta, ns))
			}
		}
	}
}

func (c *comparison) compareService(found *mesh.ZtunnelService) {
	if svc := c.snap.Service(found.Namespace, found.Name); svc != nil && svc.Hostname(c.domain) == found.Hostname {
		c.compareServiceWaypoint(&svc.Meta, c.snap.ServiceBinding(svc), found)
		c.compareServiceEndpoints(svc, found)
		return
	}
	sh := c.snap.Shard(found.Namespace)
	for _, se := range sh.ServiceEntries {
		if slices.Contains(se.Hosts, found.Hostname) {
			c.compareServiceWaypoint(&se.Meta, c.snap.ServiceEntryBinding(se), found)
			return
		}
	}
	if c.readable(mesh.ResourceServices, found.Namespace) && c.readable(mesh.ResourceServiceEntries, found.Namespace) {
		c.differ(mesh.Ref{Kind: "Service", Namespace: found.Namespace, Name: found.Name}, FieldService, "", found.Hostname)
	}
}

// compareServiceWaypoint compares the one waypoint of a service, or the shares
// of two where the ztunnel is of a release that knows them.
func (c *comparison) compareServiceWaypoint(m *mesh.Meta, b mesh.Binding, found *mesh.ZtunnelService) {
	canary := b.Canary
	switch {
	case len(found.Weighted) == 0 && canary != nil && found.Waypoint == nil:
		c.skip(m.Ref())
	case len(found.Weighted) == 0:
		c.compareWaypoint(m, b, found.Waypoint)
	case b.State == mesh.BindingUnknown || b.Agrees() == mesh.FactNo || canary != nil && canary.State == mesh.BindingUnknown:
		c.skip(m.Ref())
	default:
		from := []*mesh.Meta{m, c.namespace(m.Namespace)}
		for _, w := range shareOut(b) {
			if g := c.snap.Gateway(w.gateway.Namespace, w.gateway.Name); g != nil {
				from = append(from, &g.Meta)
			}
		}
		c.judge(m.Ref(), "waypoints", shareWords(shareOut(b)), shareWords(c.sharesFound(b, found.Weighted)), from...)
	}
}

// waypointShare is a waypoint with its part of the calls, in percent. text is
// in place of a Gateway that is not known.
type waypointShare struct {
	gateway mesh.Ref
	text    string
	share   int
}

// shareOut is how a binding shares calls out; a waypoint that gets none is left
// out.
func shareOut(b mesh.Binding) []waypointShare {
	if !b.Bound() {
		return nil
	}
	canary := 0
	if b.Canary != nil && b.Canary.State == mesh.BindingBound {
		canary = b.Canary.Weight
	}
	var out []waypointShare
	if canary < 100 {
		out = append(out, waypointShare{gateway: b.Waypoint, share: 100 - canary})
	}
	if canary > 0 {
		out = append(out, waypointShare{gateway: b.Canary.Waypoint, share: canary})
	}
	return out
}

// sharesFound is what a dump has, in the same terms.
func (c *comparison) sharesFound(b mesh.Binding, weighted []mesh.ZtunnelWeightedWaypoint) []waypointShare {
	total := 0
	for _, w := range weighted {
		total += int(w.Weight)
	}
	var out []waypointShare
	for i := range weighted {
		d := &weighted[i].ZtunnelDestination
		if weighted[i].Weight == 0 {
			continue
		}
		s := waypointShare{text: destination(d), share: int(weighted[i].Weight) * 100 / total}
		for _, w := range shareOut(b) {
			if g := c.snap.Gateway(w.gateway.Namespace, w.gateway.Name); g != nil && c.leadsTo(d, g) {
				s.gateway = w.gateway
			}
		}
		out = append(out, s)
	}
	return out
}

func shareWords(list []waypointShare) string {
	var out []string
	for _, s := range list {
		name := s.text
		if !s.gateway.IsZero() {
			name = s.gateway.NamespacedName()
		}
		out = append(out, fmt.Sprintf("%d%% by %s", s.share, name))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// compareWaypoint compares a binding with where ztunnel sends. Where istiod
// itself says otherwise than the rules do, that is no drift of the proxy.
func (c *comparison) compareWaypoint(m *mesh.Meta, b mesh.Binding, found *mesh.ZtunnelDestination) {
	if b.State == mesh.BindingUnknown || b.Agrees() == mesh.FactNo {
		c.skip(m.Ref())
		return
	}
	from := []*mesh.Meta{m, c.namespace(m.Namespace), nil}
	g := c.snap.Gateway(b.Waypoint.Namespace, b.Waypoint.Name)
	if g != nil {
		from[2] = &g.Meta
	}
	expected, got := "", ""
	if b.Bound() {
		expected = b.Waypoint.NamespacedName()
	}
	if found != nil {
		got = destination(found)
		if g != nil && c.leadsTo(found, g) && b.Bound() {
			got = expected
		}
	}
	c.judge(m.Ref(), "waypoint", expected, got, from...)
}

// compareServiceEndpoints compares the pods that Kubernetes has for a Service
// with those that ztunnel sends its calls to. What is not ready there may be
// listed or not.
func (c *comparison) compareServiceEndpoints(svc *mesh.Service, found *mesh.ZtunnelService) {
	if !c.readable(mesh.ResourceEndpointSlices, svc.Namespace) {
		c.skip(svc.Ref())
		return
	}
	clear(c.pods)
	prefix := c.cluster + podUID + svc.Namespace + "/"
	for i := range found.Endpoints {
		if name, ok := strings.CutPrefix(found.Endpoints[i].WorkloadUID, prefix); ok {
			c.pods[name] = true
		}
	}
	var listed []string
	for _, sl := range c.snap.Shard(svc.Namespace).Slices(svc.Name) {
		if len(sl.Ports) == 0 {
			continue
		}
		for i := range sl.Endpoints {
			e := &sl.Endpoints[i]
			if e.Target.Kind != "Pod" || e.Target.Namespace != svc.Namespace {
				continue
			}
			if e.IsReady() && !c.pods[e.Target.Name] {
				c.missingEndpoint(svc, sl, e.Target)
			}
			listed = append(listed, e.Target.Name)
		}
	}
	for _, name := range listed {
		delete(c.pods, name)
	}
	c.surplusEndpoints(svc)
}

func (c *comparison) missingEndpoint(svc *mesh.Service, sl *mesh.EndpointSlice, target mesh.Ref) {
	pod := c.snap.Workload(target.Namespace, target.Name)
	if pod == nil || c.dump.Skipped > 0 {
		c.skip(svc.Ref())
		return
	}
	c.miss(svc.Ref(), "endpoint "+target.Name, "ready", c.settled(&svc.Meta, &sl.Meta, c.namespace(svc.Namespace)) && c.steady(pod))
}

// surplusEndpoints finds pods among the rest of the endpoints that the Service
// does not select. A pod that is not known at all is a surplus workload.
func (c *comparison) surplusEndpoints(svc *mesh.Service) {
	if len(svc.Selector) == 0 {
		return
	}
	for name := range c.pods {
		if pod := c.snap.Workload(svc.Namespace, name); pod != nil && !mesh.LabelsMatch(svc.Selector, pod.Labels) {
			c.judge(svc.Ref(), "endpoint "+name, "", "listed", &svc.Meta, &pod.Meta)
		}
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
