package path

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// throughZtunnel is a call of a captured pod: its ztunnel decides by the
// address where it goes (istio.md A.13).
func (q *question) throughZtunnel(w *way, c *client) []end {
	h := q.sourceHop(c)
	w.uses, w.from = HBONE, authz.Known(c.pod.Principal(q.trust))
	if ends := q.sourceWorks(w, &h, c); ends != nil {
		return ends
	}
	switch {
	case q.to.unknown != "":
		return w.unknown(h, "%s", q.to.unknown)
	case q.to.kind == toStranger:
		return q.passthrough(w, h)
	case q.to.portMissing():
		return w.fail(h, mesh.CodePortNotOnService, reset, "%s has no port %d, and the ztunnel before the caller knows no other way to its address", q.to.target.ref, q.to.number())
	case q.to.kind == toService:
		return q.toService(w, h)
	}
	return q.toPods(w, h)
}

// sourceHop is the ztunnel on the client's node.
func (q *question) sourceHop(c *client) Hop {
	h := Hop{Kind: HopSourceZtunnel, Node: c.node(), Name: "ztunnel", Transport: Local, Identity: "spiffe://" + c.pod.Principal(q.trust), Result: HopPass, Basis: Expected}
	if pod := mesh.ReadyPod(q.snap.Ztunnels(c.node())); pod != nil {
		h.Name, h.Ref = pod.Name, pod.Ref()
	}
	if q.ztunnelDump(c.node()) != nil {
		h.Basis = Seen
	}
	return h
}

// sourceWorks ends a way whose ztunnel cannot take it at all.
func (q *question) sourceWorks(w *way, h *Hop, c *client) []end {
	if q.ztunnelMissing(c.node()) {
		h.Ref = mesh.Ref{Kind: "Node", Name: c.node()}
		return w.fail(*h, codeZtunnelMissing, refusedHere, "node %s has no ready ztunnel, so nothing takes the calls of captured pods there", c.node())
	}
	if e := q.servedLocally(c.pod); e.code != "" {
		h.show(e.evidence...)
		return w.fail(*h, e.code, e.outcome, "%s", e.text)
	}
	return nil
}

// ztunnelMissing tells that a node is known to have no ready ztunnel.
func (q *question) ztunnelMissing(node string) bool {
	return q.snap.Readable(mesh.ResourcePods, "") && mesh.ReadyPod(q.snap.Ztunnels(node)) == nil
}

// trouble is why a proxy cannot do its part; the zero value is none.
type trouble struct {
	code, text string
	outcome    Outcome
	evidence   []Evidence
}

// servedLocally asks whether the ztunnel of a captured pod's node serves it:
// it must have been handed the pod by istio-cni, and have heard of it from
// istiod.
func (q *question) servedLocally(w *mesh.Workload) trouble {
	source := "ztunnel/" + w.Node
	d := q.ztunnelDump(w.Node)
	if d == nil {
		return q.expectedLocally(w)
	}
	if !d.LocalKnown || d.At.Before(w.Created) {
		return trouble{}
	}
	i := slices.IndexFunc(d.Local, func(l mesh.ZtunnelLocal) bool { return l.PodUID == w.UID })
	switch {
	case i < 0:
		return trouble{
			code: codeNotInZtunnel, outcome: refusedHere, text: fmt.Sprintf("the ztunnel on %s was not given %s, though istio-cni says that its traffic is redirected", w.Node, w.Name),
			evidence: []Evidence{{Source: source, Object: w.Ref(), Field: "workloadState", Text: "no entry for the pod"}},
		}
	case d.Local[i].State == "Pending":
		return trouble{
			code: codeNotInZtunnel, outcome: refusedHere, text: fmt.Sprintf("the ztunnel on %s has %s as Pending: it does not serve it yet", w.Node, w.Name),
			evidence: []Evidence{{Source: source, Object: w.Ref(), Field: "workloadState", Text: "Pending"}},
		}
	case workloadOf(d, w) == nil && d.Skipped == 0:
		t := q.undiscovered(w)
		if t.code == "" {
			t = trouble{code: mesh.CodeUnknownWorkload, outcome: reset, text: fmt.Sprintf("the ztunnel on %s was not told of %s by istiod, and refuses what it sends", w.Node, w.Name)}
		}
		t.evidence = []Evidence{{Source: source, Object: w.Ref(), Field: "workloads", Text: "no entry for the pod"}}
		return t
	}
	return trouble{}
}

// expectedLocally judges without a dump: by what the background sweep kept of
// it, and by which namespaces istiod looks at.
func (q *question) expectedLocally(w *mesh.Workload) trouble {
	if seen := q.snap.Enrolment(w).Seen; seen == mesh.FactNo || seen == mesh.FactPending {
		return trouble{code: codeNotInZtunnel, outcome: refusedHere, text: fmt.Sprintf("the ztunnel on %s does not serve %s, though istio-cni says that its traffic is redirected", w.Node, w.Name)}
	}
	return q.undiscovered(w)
}

// undiscovered tells of a pod in a namespace that istiod does not look at.
func (q *question) undiscovered(w *mesh.Workload) trouble {
	selectors := q.snap.MeshConfig().DiscoverySelectors
	labels, known := q.snap.NamespaceLabels(w.Namespace)
	if selectors == nil || !known || slices.ContainsFunc(selectors, func(s mesh.LabelSelector) bool { return s.Matches(labels) }) {
		return trouble{}
	}
	return trouble{code: codeOutsideDiscovery, outcome: reset, text: fmt.Sprintf("namespace %s is outside istiod's discoverySelectors, so ztunnel is never told of %s and refuses what it sends", w.Namespace, w.Name)}
}

// workloadOf finds a pod in a dump; nil if ztunnel does not know it. Clusters
// of one mesh can have pods of one name: the one with the pod's address counts.
func workloadOf(d *mesh.ZtunnelDump, w *mesh.Workload) *mesh.ZtunnelWorkload {
	var named *mesh.ZtunnelWorkload
	for _, x := range d.Workloads {
		if x.Name != w.Name || x.Namespace != w.Namespace {
			continue
		}
		if knows(x, w) {
			return x
		}
		named = cmp.Or(named, x)
	}
	return named
}

// knows tells that ztunnel has the address the pod has now.
func knows(x *mesh.ZtunnelWorkload, w *mesh.Workload) bool {
	return len(w.IPs) > 0 && slices.Contains(x.IPs, w.IPs[0])
}

// passthrough is an address the mesh does not know: ztunnel lets the call out
// as it is.
func (q *question) passthrough(w *way, h Hop) []end {
	h.Explain = fmt.Sprintf("Nobody in the mesh has %s: ztunnel passes the call on as it is, in plaintext and without an identity.", q.to.place())
	w.through(h)
	w.uses, w.from = Plaintext, authz.NoIdentity
	return q.stranger(w)
}

// place names where a call goes, for a sentence.
func (a *address) place() string {
	switch {
	case a.target != nil:
		return a.target.ref.String()
	case a.pod != nil:
		return a.pod.Ref().String()
	case a.host != "":
		return a.host
	}
	return a.ip.String()
}

// stranger ends a way at something nobody knows.
func (q *question) stranger(w *way) []end {
	h := Hop{Kind: HopBackend, Name: q.to.place(), Transport: Plaintext, Result: HopUnknown, Basis: Expected}
	if ends := w.netpolStop(h, q.blocked(w, nil, q.to.ip, q.to.number(), Plaintext)); ends != nil {
		return ends
	}
	return w.unknown(h, "the mesh lets the call to %s pass as it is; what answers there is out of its sight", q.to.place())
}
