package path

import (
	"cmp"
	"fmt"
	"net/netip"

	"github.com/waylight/waylight/mesh"
)

// Codes for calls that a NetworkPolicy stops: the finding where the policies
// forget HBONE, and for calls in plaintext the flag that ztunnel itself has for
// it. Where they mean to block HBONE the hop code says so.
const (
	codeNetpolHBONE   = "NETPOL_BLOCKS_HBONE"
	codeNetworkPolicy = "NETWORK_POLICY"
)

// block is a connection that NetworkPolicies do not let through; the zero
// value is none.
type block struct {
	code    string
	side    string // whose policies: "egress from" or "ingress to" and the pod
	policy  mesh.Ref
	unread  string // NetworkPolicies that are not readable and may block it
	forgets bool   // they admit the call itself and not HBONE
}

// blocked asks the NetworkPolicies of both ends about a connection from the
// pods that send it. The network sees what is on the wire: HBONE is port 15008
// whatever the call is for. Destination is nil for an address nobody has.
func (q *question) blocked(w *way, destination *mesh.Workload, ip netip.Addr, port uint16, t Transport) block {
	wire := port
	if t == HBONE {
		wire = mesh.PortHBONE
	}
	var open block
	for _, source := range senders(w.pods) {
		for _, side := range [...]wallSide{{q.snap, source, destination, ip, true}, {q.snap, destination, source, netip.Addr{}, false}} {
			if b := side.stops(wire, port); b.code != "" {
				return b
			} else if b.unread != "" {
				open = b
			}
		}
	}
	return open
}

// senders are the pods a connection may come from: one stands for those of a
// waypoint, which have the same labels. Nil is a caller outside.
func senders(pods []*mesh.Workload) []*mesh.Workload {
	if len(pods) == 0 {
		return []*mesh.Workload{nil}
	}
	return pods[:1]
}

// wallSide is one end of a connection with the policies that isolate it.
type wallSide struct {
	snap   *mesh.Snapshot
	pod    *mesh.Workload // the isolated one
	peer   *mesh.Workload // the other end, nil where nobody has its address
	peerIP netip.Addr     // set where there is no peer
	egress bool
}

// stops tells whether the policies of this end refuse a connection. A pod that
// no policy selects takes and sends everything; one that is selected only what
// some policy admits. Host-network pods are the node, which none isolates.
func (s wallSide) stops(wire, port uint16) block {
	if s.pod == nil || s.pod.HostNetwork || s.pod.Kind != "Pod" {
		return block{}
	}
	var isolating *mesh.NetworkPolicy
	forgets := false
	for _, p := range s.snap.Shard(s.pod.Namespace).NetworkPolicies {
		if !s.isolates(p) || !p.PodSelector.Matches(s.pod.Labels) {
			continue
		}
		if s.admits(p, wire) {
			return block{}
		}
		forgets = forgets || s.admits(p, port)
		isolating = cmp.Or(isolating, p)
	}
	if isolating == nil {
		if !s.snap.Readable(mesh.ResourceNetworkPolicies, s.pod.Namespace) {
			return block{unread: fmt.Sprintf("NetworkPolicies in namespace %s are not readable", s.pod.Namespace)}
		}
		return block{}
	}
	b := block{code: codeNetworkPolicy, side: s.String(), policy: isolating.Ref(), forgets: forgets && wire != port}
	switch {
	case b.forgets:
		b.code = codeNetpolHBONE
	case wire == mesh.PortHBONE:
		b.code = mesh.CodeHBONEBlocked
	}
	return b
}

func (s wallSide) String() string {
	if s.egress {
		return "what leaves " + s.pod.Name
	}
	return "what enters " + s.pod.Name
}

func (s wallSide) isolates(p *mesh.NetworkPolicy) bool {
	if s.egress {
		return p.IsolatesEgress
	}
	return p.IsolatesIngress
}

func (s wallSide) admits(p *mesh.NetworkPolicy, port uint16) bool {
	rules := p.Ingress
	if s.egress {
		rules = p.Egress
	}
	for i := range rules {
		if s.peerMatches(p.Namespace, rules[i].Peers) && s.portMatches(rules[i].Ports, port) {
			return true
		}
	}
	return false
}

// portMatches compares with the port on the wire. A named port is that of the
// pod which is connected to.
func (s wallSide) portMatches(ports []mesh.NetworkPort, port uint16) bool {
	if len(ports) == 0 {
		return true
	}
	server := s.pod
	if s.egress {
		server = s.peer
	}
	for _, p := range ports {
		switch {
		case p.Protocol != "" && p.Protocol != "TCP":
		case p.Name != "":
			if server == nil {
				continue
			}
			if n, ok := server.PortNamed(p.Name); ok && n == port {
				return true
			}
		case p.Port == 0, p.Port == port, p.EndPort != 0 && port >= p.Port && port <= p.EndPort:
			return true
		}
	}
	return false
}

func (s wallSide) peerMatches(policyNamespace string, peers []mesh.NetworkPeer) bool {
	if len(peers) == 0 {
		return true
	}
	for i := range peers {
		if s.isPeer(policyNamespace, &peers[i]) {
			return true
		}
	}
	return false
}

// isPeer compares with one peer. A block of addresses is compared with those of
// the other end: in ambient a call keeps the address of the pod that sends it.
func (s wallSide) isPeer(policyNamespace string, p *mesh.NetworkPeer) bool {
	if p.CIDR != "" {
		return s.inBlock(p)
	}
	if s.peer == nil || s.peer.HostNetwork || s.peer.Kind != "Pod" {
		return false
	}
	if p.NamespaceSelector == nil && s.peer.Namespace != policyNamespace {
		return false
	}
	if p.NamespaceSelector != nil {
		labels, known := s.snap.NamespaceLabels(s.peer.Namespace)
		if !known || !p.NamespaceSelector.Matches(labels) {
			return false
		}
	}
	return p.PodSelector == nil || p.PodSelector.Matches(s.peer.Labels)
}

func (s wallSide) inBlock(p *mesh.NetworkPeer) bool {
	addresses := []netip.Addr{s.peerIP}
	if s.peer != nil {
		addresses = addressesOf([]*mesh.Workload{s.peer})
	}
	for _, a := range addresses {
		if !a.IsValid() || !contains(p.CIDR, a) {
			continue
		}
		excepted := false
		for _, e := range p.Except {
			excepted = excepted || contains(e, a)
		}
		if !excepted {
			return true
		}
	}
	return false
}

// netpolStop ends a way that a NetworkPolicy blocks. Policies that are not
// readable leave a doubt, and the way goes on.
func (w *way) netpolStop(h Hop, b block) []end {
	if b.code == "" {
		if b.unread != "" {
			w.doubt = b.unread + ", so whether the network lets the call through is unknown"
		}
		return nil
	}
	h.DecidedBy = b.policy
	h.show(Evidence{Source: mesh.KubernetesSource, Object: b.policy, Field: "spec", Text: "isolates " + b.side})
	if b.forgets {
		return w.fail(h, b.code, w.late(), "NetworkPolicy %s admits the call and not port 15008, by which it travels (%s)", b.policy.NamespacedName(), b.side)
	}
	code := b.code
	if code == mesh.CodeHBONEBlocked && w.behind != nil {
		code = codeNetpolHBONE // whoever has a waypoint before them must admit it
	}
	return w.fail(h, code, w.late(), "no NetworkPolicy admits the connection (%s is limited by %s)", b.side, b.policy.NamespacedName())
}
