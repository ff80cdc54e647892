package path

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// codeWaypointUnreachable is the hop code for a waypoint that is bound and
// cannot be reached.
const codeWaypointUnreachable = "WAYPOINT_UNREACHABLE"

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
		h.Evidence = append(h.Evidence, Evidence{Source: source, Object: p.target.ref, Field: "services.ports", Text: "no port " + portText(p.port.Port)})
		h.Contradiction = fmt.Sprintf("By the API %s has port %d.", p.target.ref, p.port.Port)
		return w.fail(*h, codePortNotOnService, reset, "the ztunnel on %s knows %s without port %d", w.node, p.target.ref, p.port.Port)
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
	h.Evidence = append(h.Evidence, Evidence{Source: source, Object: p.target.ref, Field: "services.waypoint", Text: text})
	if seen := p.describe(); seen != declared {
		h.Contradiction = fmt.Sprintf("By the API calls go %s; the ztunnel on %s sends them %s.", declared, w.node, seen)
	}
	return nil
}

// unheardOf is a service whose address the ztunnel does not know: it passes
// the call on as it is, and the node's own load balancing takes it to a pod in
// plaintext.
func (q *question) unheardOf(w *way, h Hop, p *plan, source string) []end {
	h.Code = codeNoService
	h.Evidence = append(h.Evidence, Evidence{Source: source, Object: p.target.ref, Field: "services", Text: "no entry"})
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
		out.state, out.code = StateBad, codeWaypointUnreachable
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
			out.code = codeWaypointUnreachable
		}
		out.explain = fmt.Sprintf("the ztunnel on %s has no healthy endpoint for it, so calls are refused and not sent around it (fail-closed)", v.dump.Node)
	}
	return out
}

// gatewayOf finds the Gateway behind a waypoint's address.
func (p *plan) gatewayOf(d mesh.ZtunnelDestination, svc *mesh.ZtunnelService) mesh.Ref {
	ref := mesh.Ref{Kind: "Gateway", Namespace: d.Namespace, Name: strings.SplitN(d.Hostname, ".", 2)[0]}
	if svc != nil {
		ref.Namespace, ref.Name = svc.Namespace, svc.Name
	}
	for _, w := range p.snap.Waypoints() {
		if w.Service != nil && w.Service.Namespace == ref.Namespace && w.Service.Name == ref.Name {
			return w.Ref()
		}
	}
	return ref
}

// toPods is a call to pods by their own addresses: a waypoint for services
// never sees it, one for workloads does.
func (q *question) toPods(w *way, h Hop) []end {
	if q.to.kind == toPod {
		return q.toOnePod(w, h, q.to.pod, q.to.number())
	}
	p := newPlan(q.snap, q.ztunnels, q.to.target, q.to.port)
	list, why := p.backends(q.to.target, q.to.port)
	if why != "" {
		return w.unknown(h, "%s", why)
	}
	ready := readyOf(list)
	if len(ready) == 0 {
		return w.fail(Hop{Kind: HopDNS, Name: "DNS", Transport: Local, Basis: Expected}, codeNoEndpoints, Outcome{Kind: OutcomeRefused, Text: "The name does not resolve."}, "%s is headless and none of its endpoints is ready, so its name stands for no address", q.to.target.ref)
	}
	return split(w, ready, func(w *way, b *backend) []end {
		if b.workload == nil {
			w.through(h)
			return q.reach(w, b)
		}
		return q.toOnePod(w, h, b.workload, q.to.number())
	})
}

// toOnePod is a call to the address of one pod.
func (q *question) toOnePod(w *way, h Hop, pod *mesh.Workload, port uint16) []end {
	binding := q.snap.WorkloadBinding(pod)
	p := &plan{snap: q.snap, ztunnels: q.ztunnels, trust: q.trust, podsKnown: q.snap.Readable(mesh.ResourcePods, ""), port: mesh.ServicePort{Port: port}}
	p.target = &target{ref: pod.Ref(), binding: binding, podAddressed: true}
	b := &backend{workload: pod, address: pod.IPs[0], port: port, ready: pod.Ready, node: pod.Node}
	p.enter(b)
	p.pod = b
	if d := q.ztunnelDump(w.node); d != nil {
		q.lookAtPod(&h, p, b, d, w.node)
	} else if binding.Bound() {
		p.addPassages(binding)
	}
	p.bypass = q.passedBy(pod)
	if len(p.passages) > 0 {
		return q.toWaypoint(w, h, p)
	}
	h.Explain = cmp.Or(h.Explain, fmt.Sprintf("The call is addressed to %s itself: no waypoint for services sees it.", pod.Ref()))
	w.through(h)
	w.bypassed(p)
	return q.reach(w, b)
}

// passedBy is the waypoint of a Service that has the pod, which a call to the
// pod's own address does not pass; nil where there is none.
func (q *question) passedBy(pod *mesh.Workload) *bypass {
	for _, svc := range q.snap.Shard(pod.Namespace).Services {
		if len(svc.Selector) == 0 || !mesh.LabelsMatch(svc.Selector, pod.Labels) {
			continue
		}
		if b := q.snap.ServiceBinding(svc); b.Bound() {
			out := &bypass{ref: b.Waypoint, state: StateWarn, explain: fmt.Sprintf("the call is addressed to a pod, and the waypoint of %s is for calls to the Service", svc.Ref())}
			if svc.Headless() {
				out.code = codePodAddressed
			}
			return out
		}
	}
	return nil
}

// lookAtPod reads a ztunnel's memory about the pod a call is addressed to.
func (q *question) lookAtPod(h *Hop, p *plan, b *backend, d *mesh.ZtunnelDump, node string) {
	x := workloadOf(d, b.workload)
	if x == nil {
		if d.Skipped == 0 && !d.At.Before(b.workload.Created) {
			b.sent = Plaintext
			h.Contradiction = fmt.Sprintf("The API has %s; the ztunnel on %s does not, and passes the call on in plaintext.", b.workload.Ref(), node)
		}
		return
	}
	b.see(x)
	h.Evidence = append(h.Evidence, Evidence{Source: "ztunnel/" + node, Object: b.workload.Ref(), Field: "workloads.protocol", Text: x.Protocol})
	if x.Waypoint != nil {
		v := view{dump: d}
		p.passages = append(p.passages, p.seenPassage(&v, *x.Waypoint, 100))
	}
}

// unaided is a call that no proxy of the mesh sends: the node's own load
// balancing takes it to a pod, in plaintext and without an identity.
func (q *question) unaided(w *way) []end {
	w.uses, w.from = Plaintext, authz.NoIdentity
	switch {
	case q.to.unknown != "":
		return w.unknown(Hop{Kind: HopBackend, Name: q.to.place(), Transport: Plaintext}, "%s", q.to.unknown)
	case q.to.kind == toStranger:
		return q.stranger(w)
	case q.to.kind == toPod:
		return q.reach(w, q.podBackend())
	case q.to.noPort:
		return w.fail(Hop{Kind: HopBackend, Name: q.to.target.ref.Name, Transport: Plaintext}, codePortNotOnService, Outcome{Kind: OutcomeRefused, Text: "The connection is refused or times out."}, "%s has no port %d", q.to.target.ref, q.to.number())
	}
	p := newPlan(q.snap, q.ztunnels, q.to.target, q.to.port)
	if len(p.passages) > 0 {
		p.bypass = &bypass{ref: p.passages[0].ref, state: StateWarn, explain: "only ztunnel sends calls to a waypoint, and this caller has none"}
	}
	w.bypassed(p)
	return q.toEndpoints(w, p, &view{})
}
