package path

import (
	"fmt"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// loaded is what the Envoy of a waypoint's pod has in memory about a call. The
// zero value is one that was not read.
type loaded struct {
	dump  *mesh.EnvoyDump
	chain *mesh.EnvoyChain // nil: it has none for the call
	hop   *authz.Hop       // what the chain enforces
}

// Names of the chains for calls to the addresses of pods (istio.md E).
const (
	chainDirectHTTP = "direct-http"
	chainDirectTCP  = "direct-tcp"
)

// loadedFor finds the filter chain of a waypoint's pod that takes a call.
func (q *question) loadedFor(p *plan, pod waypointPod) loaded {
	if pod.Workload == nil {
		return loaded{}
	}
	l := loaded{dump: q.envoyDump(pod.Ref())}
	if l.dump == nil {
		return l
	}
	l.chain = loadedChain(l.dump, p.isChain, p.http())
	switch {
	case l.chain != nil:
		l.hop = authz.FromEnvoy(l.dump, l.chain)
	case l.dump.At.Before(p.target.created()) || l.dump.Lost() > 0:
		return loaded{} // older than the service, or not read whole
	}
	return l
}

// isChain tells whether a filter chain is for the calls of a plan.
func (p *plan) isChain(c *mesh.EnvoyChain) bool {
	if p.pod != nil {
		return c.Name == chainDirectHTTP || c.Name == chainDirectTCP
	}
	return c.Direction == "inbound-vip" && c.Host == p.target.host && c.Port == p.port.Port
}

// source names the dump.
func (l *loaded) source() string { return "envoy/" + l.dump.Pod.NamespacedName() }

// noChain ends a way at a waypoint that does not know the service.
func (q *question) noChain(w *way, h Hop, p *plan, l *loaded) []end {
	h.Basis = Seen
	h.show(Evidence{Source: l.source(), Object: p.target.ref, Field: "listeners[main_internal]", Text: "no filter chain"})
	return w.fail(h, q.staleCode(l.dump.Pod), reset, "%s has no filter chain for %s port %d: istiod did not tell it, and it cuts the call", l.dump.Pod.Name, p.target.ref, p.port.Port)
}

// seenAtWaypoint compares what the waypoint has loaded with what is declared.
func seenAtWaypoint(h *Hop, l *loaded, expected, found authz.Decision, from authz.Identity) {
	h.Basis = Seen
	h.Contradiction = differ(expected, found, l.dump.Pod.Name)
	h.show(Evidence{Source: l.source(), Object: l.dump.Pod, Field: fmt.Sprintf("listeners[main_internal].chains[%s]", l.chain.Name), Text: found.ReasonFor(from)})
}
