package traffic

import "github.com/waylight/waylight/mesh"

// index is traffic put in order as far as nothing else matters, so that
// snapshots which share one share this too.
type index struct {
	traffic *mesh.Traffic
	// Flows by the service or, in requests and connections to a ServiceEntry,
	// by the host.
	requests    map[string][]*mesh.RequestFlow
	connections map[string][]*mesh.ConnectionFlow
	gaps        map[mesh.Ref]string
	// peers are the workloads at the ends of connections, each once, without
	// principal and version; ends are those of each flow, in the order of the
	// traffic. Both are empty where nothing failed.
	peers []mesh.TrafficPeer
	ends  []ends
}

// ends are the indexes of two peers, or of two owners of peers.
type ends struct{ source, destination int32 }

func newIndex(t *mesh.Traffic) *index {
	x := &index{
		traffic:  t,
		requests: make(map[string][]*mesh.RequestFlow), connections: make(map[string][]*mesh.ConnectionFlow),
		gaps: make(map[mesh.Ref]string, len(t.Unread)),
	}
	for i := range t.Requests {
		f := &t.Requests[i]
		key := serviceKey(f.Host, f.ServiceNamespace, f.ServiceName)
		x.requests[key] = append(x.requests[key], f)
	}
	failed := false
	for i := range t.Connections {
		f := &t.Connections[i]
		key := serviceKey(f.Host, f.ServiceNamespace, f.ServiceName)
		x.connections[key] = append(x.connections[key], f)
		failed = failed || failures(f) > 0
	}
	for _, g := range t.Unread {
		x.gaps[g.Proxy] = g.Reason
	}
	if failed {
		x.indexPeers()
	}
	return x
}

func (x *index) indexPeers() {
	known := make(map[mesh.TrafficPeer]int32)
	number := func(p mesh.TrafficPeer) int32 {
		key := mesh.TrafficPeer{Workload: p.Workload, Namespace: p.Namespace}
		n, ok := known[key]
		if !ok {
			n = int32(len(x.peers)) //nolint:gosec // as many as there are series, which are bounded
			known[key], x.peers = n, append(x.peers, key)
		}
		return n
	}
	x.ends = make([]ends, len(x.traffic.Connections))
	for i := range x.traffic.Connections {
		f := &x.traffic.Connections[i]
		x.ends[i] = ends{number(f.Source), number(f.Destination)}
	}
}
