package path

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// Codes of findings that explain why a call does not leave its pod.
const (
	codeRedirectionPending = "REDIRECTION_PENDING"
	codeNotInZtunnel       = "ENROLLED_NOT_IN_ZTUNNEL"
	codeOutsideDiscovery   = "OUTSIDE_DISCOVERY_SELECTORS"
)

// depart begins a way at its client.
func (q *question) depart(w *way, c *client) []end {
	h := q.clientHop(c)
	w.node = c.node()
	if c.pod != nil {
		w.pods = []*mesh.Workload{c.pod}
	}
	if c.pod != nil && c.pod.Claimed() == mesh.FactPending {
		return w.fail(h, codeRedirectionPending, refusedHere, "the traffic of %s is redirected to a ztunnel that never took the pod (redirection pending), so nothing takes its calls", c.pod.Name)
	}
	w.through(h)
	w.unheld = h.Code
	if ends := q.resolveName(w); ends != nil {
		return ends
	}
	switch c.entry {
	case EntryZtunnel:
		return q.throughZtunnel(w, c)
	case EntrySidecar:
		return q.throughSidecar(w, c)
	case EntryGateway:
		return q.throughGateway(w, c)
	}
	return q.unaided(w)
}

var refusedHere = Outcome{Kind: OutcomeRefused, Text: "The connection is refused within the client's own pod."}

// clientHop says how the client's calls leave.
func (q *question) clientHop(c *client) Hop {
	h := Hop{Kind: HopClient, Name: c.title(), Node: c.node(), Ref: c.ref(), Transport: Local, Result: HopPass, Basis: Expected}
	switch w := c.pod; {
	case w == nil:
		h.Explain = "The caller is not in the mesh: it calls in plaintext and without an identity."
	case c.entry == EntryZtunnel:
		h.Explain = fmt.Sprintf("%s is captured: its calls leave through the ztunnel of its node.", w.Name)
		h.show(redirection(w))
		if q.snap.Enrolment(w).Seen == mesh.FactYes {
			h.Basis = Seen
		}
	case c.entry == EntrySidecar:
		h.Explain = fmt.Sprintf("%s has a sidecar, which carries its calls.", w.Name)
	case c.entry == EntryGateway:
		h.Explain = fmt.Sprintf("%s is a gateway: it calls on behalf of its clients.", w.Name)
	case w.HostNetwork:
		h.Code, h.Explain = mesh.CodeNoIdentity, fmt.Sprintf("%s uses the network of its node: nothing captures it, so it calls in plaintext and without an identity.", w.Name)
	default:
		q.uncaptured(&h, w)
	}
	return h
}

// uncaptured says of a pod outside the mesh whether it was meant to be in it.
func (q *question) uncaptured(h *Hop, w *mesh.Workload) {
	h.Explain = fmt.Sprintf("%s is not in the mesh: it calls in plaintext and without an identity.", w.Name)
	if e := q.snap.Enrolment(w); e.AskedFor == mesh.FactYes && e.Exempt == mesh.ExemptNone {
		h.Code, h.DecidedBy = codeNotCaptured, w.Ref()
		h.Explain = fmt.Sprintf("%s is selected for the mesh by %s and not captured: it calls in plaintext and without an identity.", w.Name, e.AskedBy)
		h.show(redirection(w))
	}
}

func redirection(w *mesh.Workload) Evidence {
	return Evidence{
		Source: mesh.KubernetesSource, Object: w.Ref(), Field: "metadata.annotations[" + mesh.AnnotationRedirection + "]",
		Text: w.Annotations[mesh.AnnotationRedirection],
	}
}

// resolveName adds what DNS makes of a name, where one was written; ends where
// it stands for nothing.
func (q *question) resolveName(w *way) []end {
	a := q.to
	if a.host == "" && a.via == "" && a.kind != toNothing {
		return nil
	}
	h := Hop{Kind: HopDNS, Name: "DNS", Transport: Local, Result: HopPass, Basis: Expected}
	if a.kind == toNothing {
		if a.unknown != "" {
			return w.unknown(h, "%s", a.unknown)
		}
		return w.fail(h, mesh.CodeNoService, Outcome{Kind: OutcomeRefused, Text: "The name does not resolve."}, "%s", a.nameless)
	}
	h.Explain = sentence(a.meaning())
	if a.via != "" {
		h.Explain = sentence(a.via) + " " + h.Explain
	}
	if a.target != nil {
		h.Ref = a.target.ref
	} else if a.pod != nil {
		h.Ref = a.pod.Ref()
	}
	w.through(h)
	return nil
}

// meaning says what a name stands for.
func (a *address) meaning() string {
	switch a.kind {
	case toService:
		if a.ip.IsValid() {
			return fmt.Sprintf("the name stands for %s, address %s", a.target.ref, a.ip)
		}
		return fmt.Sprintf("the name stands for %s", a.target.ref)
	case toEndpoints:
		return fmt.Sprintf("the name stands for the addresses of the pods of %s, of which the client takes one", a.target.ref)
	case toPod:
		return fmt.Sprintf("the name stands for the address of %s", a.pod.Ref())
	}
	return "the name is none of the mesh's"
}
