package path

import (
	"cmp"
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// toPods is a call to pods by their own addresses: a waypoint for services
// never sees it, one for workloads does.
func (q *question) toPods(w *way, h Hop) []end {
	if q.to.kind == toPod {
		return q.toOnePod(w, h, q.to.pod, q.to.number())
	}
	list, why := q.addressed(newPlan(q.snap, q.ztunnels, q.to.target, q.to.port))
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

// addressed are the pods behind the name of a headless Service. A client
// connects to the number it wrote at their own addresses, whatever target port
// the Service has for it.
func (q *question) addressed(p *plan) (list []*backend, why string) {
	port, declared := p.target.port(q.to.number())
	if !declared {
		port, _ = p.target.port(0)
	}
	list, why = p.backends(p.target, port)
	for _, b := range list {
		b.port = q.to.number()
	}
	return list, why
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
	if x == nil || !knows(x, b.workload) {
		if d.Skipped == 0 && !d.At.Before(b.workload.Created) {
			b.sent = Plaintext
			h.Contradiction = fmt.Sprintf("The API has %s at %s; the ztunnel on %s does not, and passes the call on in plaintext.", b.workload.Ref(), b.address, node)
		}
		return
	}
	b.see(x)
	h.show(Evidence{Source: "ztunnel/" + node, Object: b.workload.Ref(), Field: "workloads.protocol", Text: x.Protocol})
	if x.Waypoint != nil {
		v := view{dump: d}
		p.passages = append(p.passages, p.seenPassage(&v, *x.Waypoint, 100))
	}
}
