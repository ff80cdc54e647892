package path

import (
	"cmp"
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// toService is a call to a virtual address: through the service's waypoints if
// it has any, else to an endpoint. What the ztunnel has in memory beats what
// the API declares.
func (q *question) toService(w *way, h Hop) []end {
	p := newPlan(q.snap, q.ztunnels, q.to.target, q.to.port)
	v := q.viewOf(w.node)
	if code, why := q.unrecognised(&v); code != "" {
		return q.aroundEntry(w, h, p, code, why)
	}
	if v.dump != nil {
		if ends := q.lookAt(w, &h, p, &v); ends != nil {
			return ends
		}
	}
	if p.bypass != nil && p.bypass.state == StateUnknown {
		return w.unknown(h, "%s", p.bypass.explain)
	}
	if len(p.passages) == 0 {
		h.Explain = cmp.Or(h.Explain, fmt.Sprintf("ztunnel sends calls to %s straight to its endpoints.", q.to.target.ref))
		w.through(h)
		w.bypassed(p)
		return q.toEndpoints(w, p, &v)
	}
	var out []end
	for _, pass := range p.passages {
		label := ""
		if len(p.passages) > 1 {
			label = "waypoint " + pass.ref.NamespacedName()
		}
		out = append(out, q.toWaypoint(w.fork(label, pass.share), h, p.only(pass))...)
	}
	return out
}

// bypassed notes the waypoint that a call goes past.
func (w *way) bypassed(p *plan) {
	b := p.bypass
	if b == nil {
		return
	}
	w.past = b
	h := Hop{
		Kind: HopWaypoint, Name: b.ref.NamespacedName(), Ref: b.ref, Result: HopSkipped, Code: b.code, Basis: cmp.Or(b.basis, Expected), DecidedBy: p.target.binding.LabelOn,
		Explain: sentence(b.explain) + " Its policies and routes are NOT applied to this call.", Transport: w.uses,
	}
	if label := p.target.binding; !label.LabelOn.IsZero() {
		h.Evidence = []Evidence{{Source: mesh.KubernetesSource, Object: label.LabelOn, Field: "metadata.labels[" + mesh.LabelUseWaypoint + "]", Text: label.Label}}
	}
	w.through(h)
}

// only is the plan for calls that pass one of the waypoints, with the routing
// that is in effect there.
func (p *plan) only(pass *passage) *plan {
	out := *p
	out.passages, out.versions = []*passage{pass}, nil
	out.findRouting()
	return &out
}

// lookAt puts what the ztunnel has in memory in the place of what the API
// declares, and ends a way that the ztunnel does not let get further.
func (q *question) lookAt(w *way, h *Hop, p *plan, v *view) []end {
	source := "ztunnel/" + w.node
	if v.service == nil {
		if !v.seen() {
			return nil
		}
		return q.unheardOf(w, *h, p, source)
	}
	if _, has := v.service.Ports[p.port.Port]; !has {
		h.show(Evidence{Source: source, Object: p.target.ref, Field: "services.ports", Text: "no port " + portText(p.port.Port)})
		h.Contradiction = fmt.Sprintf("By the API %s has port %d.", p.target.ref, p.port.Port)
		return w.fail(*h, mesh.CodePortNotOnService, reset, "the ztunnel on %s knows %s without port %d", w.node, p.target.ref, p.port.Port)
	}
	declared := p.describe()
	p.see(v)
	if p.bypass != nil && p.bypass.code == codeDrift {
		p.bypass.code = q.staleCode(v.dump.Pod)
	}
	text := "no waypoint"
	if list := v.waypoints(); len(list) > 0 {
		text = "waypoint " + destinationText(list[0].ZtunnelDestination)
	}
	h.show(Evidence{Source: source, Object: p.target.ref, Field: "services.waypoint", Text: text})
	if seen := p.describe(); seen != declared {
		h.Contradiction = fmt.Sprintf("By the API calls go %s; the ztunnel on %s sends them %s.", declared, w.node, seen)
	}
	return nil
}

// unheardOf is a service whose address the ztunnel does not know: it passes
// the call on as it is, and the node's own load balancing takes it to a pod in
// plaintext.
func (q *question) unheardOf(w *way, h Hop, p *plan, source string) []end {
	h.Code = mesh.CodeNoService
	h.show(Evidence{Source: source, Object: p.target.ref, Field: "services", Text: "no entry"})
	h.Explain = fmt.Sprintf("The ztunnel on %s was not told of %s: it passes the call on as it is, in plaintext and without an identity.", w.node, p.target.ref)
	h.Contradiction = fmt.Sprintf("The API has %s; the ztunnel on %s does not.", p.target.ref, w.node)
	w.through(h)
	return q.unaided(w)
}

func destinationText(d mesh.ZtunnelDestination) string {
	if d.Address != "" {
		return d.Address
	}
	return d.Namespace + "/" + d.Hostname
}

// describe says in a few words which way calls take.
func (p *plan) describe() string {
	if len(p.passages) == 0 {
		return "straight to the endpoints"
	}
	var out []string
	for _, w := range p.passages {
		out = append(out, "through waypoint "+w.ref.NamespacedName())
	}
	return words(out)
}
