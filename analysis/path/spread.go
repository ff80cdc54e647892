package path

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/waylight/waylight/mesh"
)

// codeLocalEmpty explains a call that must stay on its node, where nothing
// answers it.
const codeLocalEmpty = "TRAFFIC_POLICY_LOCAL_EMPTY"

// toEndpoints sends a way to the endpoints of the target itself: those that
// the caller's ztunnel has, else those that the API declares.
func (q *question) toEndpoints(w *way, p *plan, v *view) []end {
	if e := p.target.entry; e != nil && (e.Resolution == "NONE" || e.Resolution == "") && len(e.Endpoints) == 0 && e.WorkloadSelector == nil {
		return q.passedOn(w)
	}
	list, why := p.backends(p.target, p.port)
	switch {
	case q.to.kind == toEndpoints:
		list, why = q.addressed(p)
	case v.service != nil:
		list, why = p.seenBackends(v, list), ""
	}
	if why != "" {
		return w.unknown(Hop{Kind: HopBackend, Name: p.target.ref.Name, Ref: p.target.ref, Basis: Expected}, "%s", why)
	}
	return q.spread(w, p, list)
}

// seenBackends are the endpoints a ztunnel sends to. What they are comes from
// the API; how they are sent to from its memory.
func (p *plan) seenBackends(v *view, declared []*backend) []*backend {
	var out []*backend
	for _, e := range v.healthy(v.service, p.port.Port) {
		i := slices.IndexFunc(declared, func(b *backend) bool { return slices.Contains(e.IPs, b.address) })
		var b *backend
		if i >= 0 {
			b = declared[i]
			b.ready = true
		} else {
			b = &backend{workload: e.pod(p.snap), address: e.ip(), node: e.Node, port: cmp.Or(e.port, p.port.Port), ready: true, stale: e.stale(p.snap)}
			b.owner = mesh.Ref{Kind: "Pod", Namespace: e.Namespace, Name: e.Name}
			p.enter(b)
		}
		b.see(e.ZtunnelWorkload)
		out = append(out, b)
	}
	return out
}

// spread sends a way to the ready ones of some endpoints, of which the sender
// takes one for each call.
func (q *question) spread(w *way, p *plan, list []*backend) []end {
	h := Hop{Kind: HopBackend, Name: p.target.ref.Name, Ref: p.target.ref, Transport: w.uses, Basis: Expected}
	ready := readyOf(list)
	if len(ready) == 0 {
		o, who := w.refused(), "the caller's ztunnel"
		if w.behind != nil {
			who = "the waypoint"
		}
		code := codeNoEndpoints
		if p.unresolved() {
			code = codePortUnresolved
		}
		return w.fail(h, code, o, "%s has no ready endpoint for port %d, so %s has nowhere to send the call", p.target.ref, p.port.Port, who)
	}
	near, why := p.near(ready, w)
	if len(near) == 0 {
		return w.fail(h, codeLocalEmpty, w.refused(), "%s", why)
	}
	return split(w, near, q.reach)
}

// unresolved tells that the port is one by name, which no pod behind the Service
// has: the pods are there, in EndpointSlices without the port.
func (p *plan) unresolved() bool {
	if _, err := strconv.Atoi(p.port.TargetPort); err == nil || p.port.TargetPort == "" || p.target.service == nil {
		return false
	}
	for _, slice := range p.snap.Shard(p.target.ref.Namespace).Slices(p.target.ref.Name) {
		if _, has := slicePort(slice, p.port); !has && len(slice.Endpoints) > 0 {
			return true
		}
	}
	return false
}

// near keeps the endpoints that a sender uses: with internalTrafficPolicy Local
// those on its node and no others, with a trafficDistribution the closest that
// are ready. The sender's place is that of the pod that connects.
func (p *plan) near(ready []*backend, w *way) (list []*backend, why string) {
	svc := p.target.service
	if svc == nil || len(w.pods) == 0 {
		return ready, ""
	}
	node := w.node
	onNode := func(b *backend) bool { return b.node == node }
	if svc.InternalTrafficPolicy == "Local" {
		if node == "" {
			return ready, ""
		}
		return keep(ready, onNode), fmt.Sprintf("%s takes calls from its own node only (internalTrafficPolicy Local), and %s has no ready endpoint", svc.Ref(), node)
	}
	zone := w.pods[0].Zone
	inZone := func(b *backend) bool { return zone != "" && b.workload != nil && b.workload.Zone == zone }
	switch svc.TrafficDistribution {
	case "PreferSameNode":
		if near := keep(ready, onNode); len(near) > 0 {
			return near, ""
		}
		fallthrough
	case "PreferClose", "PreferSameZone":
		if near := keep(ready, inZone); len(near) > 0 {
			return near, ""
		}
	}
	return ready, ""
}

func keep(list []*backend, want func(*backend) bool) []*backend {
	var out []*backend
	for _, b := range list {
		if want(b) {
			out = append(out, b)
		}
	}
	return out
}
