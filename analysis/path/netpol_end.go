package path

import (
	"net/netip"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// NetworkEnd is one end of a connection as NetworkPolicies judge it: the pod
// whose policies are asked, and who is at the other end.
type NetworkEnd struct {
	Pod  *mesh.Workload
	Peer *mesh.Workload // nil where nobody has the address PeerIP
	// PeerIP is set without a Peer.
	PeerIP netip.Addr
	// Egress asks about what leaves Pod, else about what enters it.
	Egress bool
}

func (e NetworkEnd) side(s *mesh.Snapshot) wallSide {
	return wallSide{snap: s, pod: e.Pod, peer: e.Peer, peerIP: e.PeerIP, egress: e.Egress}
}

// Limits lists the NetworkPolicies that isolate the pod in this direction;
// none means that everything passes. Host-network pods are never isolated.
func (e NetworkEnd) Limits(s *mesh.Snapshot) []*mesh.NetworkPolicy {
	if e.Pod.HostNetwork || e.Pod.Kind != "Pod" {
		return nil
	}
	side := e.side(s)
	var out []*mesh.NetworkPolicy
	for _, p := range s.Shard(e.Pod.Namespace).NetworkPolicies {
		if side.isolates(p) && p.PodSelector.Matches(e.Pod.Labels) {
			out = append(out, p)
		}
	}
	return out
}

// Admits tells whether one of the policies lets a TCP connection with the other
// end pass on a port.
func (e NetworkEnd) Admits(s *mesh.Snapshot, policies []*mesh.NetworkPolicy, port uint16) bool {
	side := e.side(s)
	return slices.ContainsFunc(policies, func(p *mesh.NetworkPolicy) bool { return side.admits(p, port) })
}

// Includes tells whether the peers of a policy's rule include the other end.
func (e NetworkEnd) Includes(s *mesh.Snapshot, p *mesh.NetworkPolicy, peers []mesh.NetworkPeer) bool {
	return e.side(s).peerMatches(p.Namespace, peers)
}
