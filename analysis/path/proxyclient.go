package path

import (
	"fmt"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// throughSidecar is a call of a pod with a sidecar: it presents its identity
// to captured pods and skips waypoints for services (istio.md C.1).
func (q *question) throughSidecar(w *way, c *client) []end {
	w.uses, w.from = HBONE, authz.Known(c.pod.Principal(q.trust))
	h := Hop{Kind: HopSidecar, Name: c.pod.Name, Node: c.node(), Ref: c.pod.Ref(), Transport: Local, Identity: spiffe(w.from), Result: HopPass, Basis: Expected}
	if q.to.portMissing() {
		return w.fail(h, mesh.CodePortNotOnService, reset, "%s has no port %d", q.to.target.ref, q.to.number())
	}
	if q.to.kind == toStranger {
		return w.unknown(h, "what the sidecar does with calls to %s depends on its outboundTrafficPolicy, which is not followed here", q.to.place())
	}
	p := q.directPlan("sidecars send calls to endpoints themselves")
	if p == nil {
		h.Explain = "The sidecar sends the call to the pod it is addressed to."
		w.through(h)
		return q.pastWaypoint(w, nil)
	}
	if p.unused = p.routesWithoutWaypoint(); len(p.unused) > 0 {
		return w.unknown(h, "the sidecar applies %s itself, which is not followed here", p.unused[0].Ref())
	}
	h.Explain = "The sidecar sends the call to an endpoint itself, past any waypoint of the Service."
	w.through(h)
	return q.pastWaypoint(w, p)
}

// throughGateway is a call of an ingress or egress gateway: through the
// waypoint where the Service asks for that, else past it.
func (q *question) throughGateway(w *way, c *client) []end {
	w.uses, w.from = HBONE, authz.Known(c.pod.Principal(q.trust))
	h := Hop{Kind: HopIngressGateway, Name: c.ref().NamespacedName(), Node: c.node(), Ref: c.ref(), Transport: Local, Identity: spiffe(w.from), Result: HopPass, Basis: Expected}
	if q.to.portMissing() {
		return w.fail(h, mesh.CodePortNotOnService, answered(503, "the gateway"), "%s has no port %d", q.to.target.ref, q.to.number())
	}
	if q.to.kind == toStranger {
		return w.unknown(h, "%s is none of the mesh's, and what the gateway does with such calls is not followed here", q.to.place())
	}
	if q.to.target != nil {
		p := newPlan(q.snap, q.ztunnels, q.to.target, q.to.port)
		if len(p.passages) > 0 && p.ingressUsesWaypoint() {
			h.Explain = fmt.Sprintf("The gateway sends calls to %s through its waypoint, as %s asks for.", q.to.target.ref, mesh.LabelIngressUseWaypoint)
			return q.toWaypoint(w, h, p)
		}
	}
	h.Explain = "The gateway sends the call to an endpoint itself."
	w.through(h)
	return q.pastWaypoint(w, q.directPlan("gateways pass it only where "+mesh.LabelIngressUseWaypoint+" is true"))
}

// directPlan is the plan of calls that go past a service's waypoint, nil where
// they are addressed to a pod.
func (q *question) directPlan(why string) *plan {
	if q.to.target == nil {
		return nil
	}
	p := newPlan(q.snap, q.ztunnels, q.to.target, q.to.port)
	if len(p.passages) > 0 {
		p.bypass = &bypass{ref: p.passages[0].ref, state: StateWarn, explain: why}
		p.passages = nil
	}
	return p
}

// pastWaypoint sends a way to endpoints; without a plan to the pod addressed.
func (q *question) pastWaypoint(w *way, p *plan) []end {
	if p != nil {
		w.bypassed(p)
		return q.toEndpoints(w, p, &view{})
	}
	return q.reach(w, q.podBackend())
}

// podBackend is the pod that a call is addressed to.
func (q *question) podBackend() *backend {
	w := q.to.pod
	b := &backend{workload: w, address: q.to.ip.String(), port: q.to.number(), ready: w.Ready, node: w.Node}
	p := &plan{snap: q.snap, ztunnels: q.ztunnels, trust: q.trust, podsKnown: q.snap.Readable(mesh.ResourcePods, "")}
	p.enter(b)
	return b
}
