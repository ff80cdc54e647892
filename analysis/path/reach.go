package path

import (
	"fmt"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// The code of a finding about the port of a call.
const (
	codePortUnresolved = "SERVICE_PORT_UNRESOLVED"
)

// reach ends a way at a backend: over the network, past the ztunnel before it,
// to the application.
func (q *question) reach(w *way, b *backend) []end {
	w.toward = b
	t := w.transportTo(b)
	h := Hop{Kind: HopDestinationZtunnel, Node: b.node, Name: "ztunnel", Transport: t, Result: HopPass, Basis: Expected}
	if b.entrance != throughZtunnel {
		h = q.backendHop(b, t)
	} else if pod := mesh.ReadyPod(q.snap.Ztunnels(b.node)); pod != nil {
		h.Name, h.Ref = pod.Name, pod.Ref()
	}
	if t == HBONE {
		h.Identity = spiffe(w.from)
	}
	if ends := q.connects(w, h, b, t); ends != nil {
		return ends
	}
	switch {
	case b.entrance == throughZtunnel:
		return q.throughDestination(w, h, b, t)
	case b.unfollowed:
		return w.unknown(h, "%s has a proxy of its own, and what its policies decide is not followed here", b.name())
	case b.workload != nil && b.workload.Claimed() == mesh.FactPending:
		return w.fail(h, codeRedirectionPending, w.refused(), "the traffic of %s is redirected to a ztunnel that never took the pod (redirection pending)", b.name())
	}
	return q.application(w, b, t)
}

// transportTo is how the sender carries the call: HBONE where it can and the
// destination takes it, as far as the sender knows.
func (w *way) transportTo(b *backend) Transport {
	switch {
	case w.uses != HBONE:
		return Plaintext
	case b.sent != "":
		return b.sent
	}
	return b.transport()
}

// connects asks whether a connection to the backend comes about.
func (q *question) connects(w *way, h Hop, b *backend, t Transport) []end {
	if b.stale {
		h.Basis = Seen
		return w.fail(h, codeDrift, w.late(), "the sender still has %s at %s, where no pod of that name is any more", b.owner.NamespacedName(), b.address)
	}
	if n := q.otherNetwork(w, b); n != "" {
		return w.unknown(h, "%s is on the network %s: calls between networks go through gateways, which are not followed here", b.name(), n)
	}
	if ends := w.netpolStop(h, q.blocked(w, b.workload, b.ip(), b.port, t)); ends != nil {
		return ends
	}
	if t != HBONE {
		return nil
	}
	if b.entrance == inTheClear {
		return w.fail(h, codeDrift, w.cut(), "the sender takes %s for a pod that speaks HBONE, and nothing takes HBONE there", b.name())
	}
	if w.behind == nil {
		if c := q.certificate(w.node, w.from.Principal); c.code != "" {
			h.show(c.evidence...)
			h.Basis = Seen
			return w.fail(h, c.code, w.cut(), "%s", c.text)
		}
	}
	if b.workload != nil && b.peer != "" && b.peer != orDefault(b.workload.ServiceAccount) {
		return w.fail(h, mesh.CodePeerIdentityMismatch, w.cut(), "the sender expects the account %s at %s, which runs as %s", b.peer, b.name(), orDefault(b.workload.ServiceAccount))
	}
	return nil
}

func orDefault(account string) string {
	if account == "" {
		return "default"
	}
	return account
}

// otherNetwork names the network of a backend that is not the sender's.
func (q *question) otherNetwork(w *way, b *backend) string {
	if b.workload == nil || len(w.pods) == 0 || b.workload.Network == "" || w.pods[0].Network == "" || b.workload.Network == w.pods[0].Network {
		return ""
	}
	return b.workload.Network
}

// throughDestination passes the ztunnel of a captured backend.
func (q *question) throughDestination(w *way, h Hop, b *backend, t Transport) []end {
	if b.noZtunnel {
		h.Ref = mesh.Ref{Kind: "Node", Name: b.node}
		return w.fail(h, codeZtunnelMissing, w.refused(), "node %s has no ready ztunnel, so nothing takes calls for the captured pods there", b.node)
	}
	if l := q.servedLocally(b.workload); l.code != "" {
		h.show(l.evidence...)
		if len(l.evidence) > 0 {
			h.Basis = Seen
		}
		return w.fail(h, l.code, w.refused(), "%s", l.text)
	}
	from := authz.NoIdentity
	if t == HBONE {
		from = w.from
		if c := q.certificate(b.node, b.workload.Principal(q.trust)); c.code != "" {
			h.show(c.evidence...)
			h.Basis = Seen
			return w.fail(h, c.code, w.cut(), "%s", c.text)
		}
	}
	if ends := q.judgedAtZtunnel(w, &h, b, from); ends != nil {
		return ends
	}
	w.through(h)
	return q.application(w, b, Local)
}

// backendHop is the place a call ends at.
func (q *question) backendHop(b *backend, t Transport) Hop {
	h := Hop{Kind: HopBackend, Name: b.name(), Node: b.node, Ref: b.owner, Transport: t, Result: HopPass, Basis: Expected}
	if b.workload != nil {
		h.Ref = b.workload.Ref()
	}
	return h
}

// application ends a way at the pod. Whether somebody listens on the port is
// not declared anywhere: container ports are for the reader only.
func (q *question) application(w *way, b *backend, t Transport) []end {
	h := q.backendHop(b, t)
	switch {
	case b.port == 0:
		return w.fail(h, codePortUnresolved, w.cut(), "%s has no port by the name the Service asks for", b.name())
	case b.entrance == inTheClear && q.snap.Enrolment(b.workload).AskedFor == mesh.FactYes:
		h.Code = codeNotCaptured
		h.Explain = fmt.Sprintf("%s takes the call on port %d in plaintext: it is not captured, so no policy at ztunnel protects it.", b.name(), b.port)
	case b.entrance == inTheClear:
		h.Explain = fmt.Sprintf("%s takes the call on port %d in plaintext: it is not in the mesh.", b.name(), b.port)
	case b.entrance == ownProxy:
		h.Explain = fmt.Sprintf("%s takes the call through a proxy of its own.", b.name())
	case b.entrance == outsideCluster:
		h.Explain = fmt.Sprintf("%s is outside the cluster: what it answers is out of the mesh's sight.", b.name())
	default:
		h.Explain = fmt.Sprintf("%s takes the call on port %d.", b.name(), b.port)
	}
	way := ""
	if w.behind != nil {
		way = " through waypoint " + w.behind.ref.NamespacedName()
	}
	return w.arrive(h, "the call reaches %s%s", b.name(), way)
}
