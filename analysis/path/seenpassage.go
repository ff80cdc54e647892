package path

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// see replaces the waypoints by those that the ztunnel has for the service.
func (p *plan) see(v *view) {
	declared := p.passages
	p.passages = nil
	list := v.waypoints()
	total := uint32(0)
	for _, d := range list {
		total += d.Weight
	}
	for _, d := range list {
		if d.Weight == 0 && total > 0 {
			continue
		}
		share := 100.0
		if total > 0 {
			share = 100 * float64(d.Weight) / float64(total)
		}
		p.passages = append(p.passages, p.seenPassage(v, d.ZtunnelDestination, share))
	}
	switch {
	case len(p.passages) > 0:
		p.bypass = nil
	case len(declared) > 0:
		p.bypass = &bypass{ref: declared[0].ref, code: codeDrift, state: StateBad, basis: Seen, explain: fmt.Sprintf("the ztunnel on %s does not know that %s has a waypoint", v.dump.Node, p.target.ref)}
	case p.bypass != nil:
		p.bypass.basis = Seen
	}
}

// seenPassage is a waypoint as the ztunnel has it: where it is, and whether
// any endpoint of it is healthy.
func (p *plan) seenPassage(v *view, d mesh.ZtunnelDestination, share float64) *passage {
	svc := v.serviceAt(d)
	out := p.newPassage(p.gatewayOf(d, svc), share)
	if svc == nil {
		out.state, out.code = StateBad, mesh.CodeWaypointUnreachable
		if out.waypoint == nil && p.snap.Gateway(out.ref.Namespace, out.ref.Name) != nil {
			out.code = codeWrongGateway
		}
		out.explain = fmt.Sprintf("the ztunnel on %s does not know the waypoint it is told to use (%s)", v.dump.Node, destinationText(d))
		return out
	}
	port := cmp.Or(d.Port, mesh.PortHBONE)
	out.endpoints = v.healthy(svc, port)
	was := out.state
	out.state, out.basis = StateOK, Seen
	out.evidence = []Evidence{{
		Source: "ztunnel/" + v.dump.Node, Object: mesh.Ref{Kind: "Service", Namespace: svc.Namespace, Name: svc.Name}, Field: "services.endpoints",
		Text: fmt.Sprintf("%d of %d healthy", len(out.endpoints), len(svc.Endpoints)),
	}}
	if len(out.endpoints) == 0 {
		out.state = StateBad
		if was != StateBad {
			out.code = mesh.CodeWaypointUnreachable
		}
		out.explain = fmt.Sprintf("the ztunnel on %s has no healthy endpoint for it, so calls are refused and not sent around it (fail-closed)", v.dump.Node)
	}
	return out
}

// gatewayOf finds the Gateway behind a waypoint's address: the one that has it,
// else the waypoint whose Service it is. Where there is none any more the name
// is all that is left.
func (p *plan) gatewayOf(d mesh.ZtunnelDestination, svc *mesh.ZtunnelService) mesh.Ref {
	ref := mesh.Ref{Kind: "Gateway", Namespace: d.Namespace, Name: strings.SplitN(d.Hostname, ".", 2)[0]}
	if svc != nil {
		ref.Namespace, ref.Name = svc.Namespace, svc.Name
	}
	for _, g := range p.snap.Shard(ref.Namespace).Gateways {
		for _, a := range g.Addresses {
			if a.Value != "" && (a.Value == d.Hostname || a.Value == d.Address) {
				return g.Ref()
			}
		}
	}
	for _, w := range p.snap.Waypoints() {
		if w.Service != nil && w.Service.Namespace == ref.Namespace && w.Service.Name == ref.Name {
			return w.Ref()
		}
	}
	return ref
}
