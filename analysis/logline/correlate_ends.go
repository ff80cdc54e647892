package logline

import (
	"strings"

	"github.com/waylight/waylight/mesh"
)

// role is which part of a call a line tells of, the deeper the greater.
type role int

const (
	clientConnection role = iota // the ztunnel of the client, outbound
	request                      // an Envoy, of a request or a TCP connection
	tunnelOut                    // a waypoint, of its tunnel to a pod that failed
	podConnection                // the ztunnel of the destination, inbound
	roles
)

// end is what two lines of one call have in common. Which fields count depends
// on what is joined.
type end struct {
	kind    endKind
	a, b, c string
}

type endKind int

const (
	// sameSocket: both ztunnels saw the client's own address and port; nothing
	// re-originates a connection in plaintext.
	sameSocket endKind = iota
	// sameTunnel: the client's address, the pod's port 15008, and where the
	// tunnel leads. The port is another at each end, since tunnels share
	// connections.
	sameTunnel
	// atWaypoint: the client's address, the address it called, and the waypoint's
	// pod. The waypoint sees the client's address with a port of the tunnel.
	atWaypoint
	// behindWaypoint: the waypoint's pod and the pod's address and port that it
	// called.
	behindWaypoint
	// sameRequest: an x-request-id, which Envoys pass on.
	sameRequest
	// sameConnection: one ztunnel's lines of the opening and the end of a
	// connection.
	sameConnection
)

// kin is what a line is to another of its call.
type kin int

const (
	// pair: one of the one is one of the other.
	pair kin = iota
	// child: the other can have many like this one, as a connection has requests
	// and a request has tries; this one has one like the other.
	child
	// parent: the other way round.
	parent
	// sibling: they have something in common and nothing is told of others.
	sibling
)

// partner is how a line finds others of its call: by an end, the role of the
// other line, and what it is to it.
type partner struct {
	end  end
	role role
	kin  kin
}

// newEntry reads the ends of a line, nil if it is of no call.
func newEntry(l *mesh.LogLine) *entry {
	e := &entry{line: l, start: l.Time, end: l.Time}
	switch {
	case l.From == nil:
		return nil
	case l.Connection != nil:
		e.role = clientConnection
		if l.Connection.Direction == "inbound" {
			e.role = podConnection
		}
		e.start = l.Time.Add(-max(l.Connection.Duration, 0))
		e.ends = connectionEnds(call{l.Connection})
	case l.Request != nil:
		x := exchange{l.Request}
		e.role = request
		if x.tunnel() {
			e.role = tunnelOut
		}
		if !x.Started.IsZero() {
			e.start, e.end = x.Started, x.Started
		}
		e.end = e.start.Add(max(x.Duration, 0))
		e.ends = requestEnds(l.From.Pod.NamespacedName(), x)
	default:
		return nil
	}
	if len(e.ends) == 0 {
		return nil
	}
	return e
}

func connectionEnds(c call) []end {
	if c.Source.Addr == "" {
		return nil
	}
	client := host(c.Source.Addr)
	ends := make([]end, 1, 3)
	ends[0] = end{sameConnection, c.Source.Addr, c.Destination.Addr, c.HBONEAddr}
	switch {
	case c.HBONEAddr == "":
		return append(ends, end{sameSocket, c.Source.Addr, "", ""})
	case c.viaWaypoint():
		return append(ends, end{atWaypoint, client, c.HBONEAddr, peerPod(&c.Destination)})
	case c.inbound():
		ends = append(ends, end{behindWaypoint, peerPod(&c.Source), c.HBONEAddr, ""})
	}
	return append(ends, end{sameTunnel, client, c.Destination.Addr, c.HBONEAddr})
}

func peerPod(p *mesh.LogPeer) string { return p.Namespace + "/" + p.Workload }

// requestEnds are those of a line of the Envoy in a pod.
func requestEnds(pod string, x exchange) []end {
	ends := make([]end, 0, 3)
	switch up := x.upstream(); {
	case up != "" && x.tunnelled():
		ends = append(ends, end{behindWaypoint, pod, up, ""})
	case x.UpstreamLocal != "":
		ends = append(ends, end{sameSocket, x.UpstreamLocal, "", ""})
	}
	if x.tunnel() {
		return ends
	}
	if x.DownstreamRemote != "" && !strings.HasPrefix(x.DownstreamRemote, "envoy://") {
		ends = append(ends, end{atWaypoint, host(x.DownstreamRemote), x.DownstreamLocal, pod})
	}
	if x.RequestID != "" {
		ends = append(ends, end{sameRequest, x.RequestID, "", ""})
	}
	return ends
}

// partners are the lines that this one looks for.
func (e *entry) partners() []partner {
	out := make([]partner, 0, 6)
	for _, k := range e.ends {
		for _, r := range relations {
			if r.end == k.kind && r.of == e.role {
				out = append(out, partner{end: k, role: r.to, kin: r.kin})
			}
		}
	}
	return out
}

// relations are what lines that share an end can be to each other. Where a
// tunnel did not fail, a waypoint has no line of it, and the connection at the
// pod belongs to the request itself.
var relations = [...]struct {
	end    endKind
	of, to role
	kin    kin
}{
	{sameConnection, clientConnection, clientConnection, pair},
	{sameConnection, podConnection, podConnection, pair},
	{sameSocket, clientConnection, podConnection, pair},
	{sameSocket, podConnection, clientConnection, pair},
	{sameSocket, request, podConnection, parent},
	{sameSocket, podConnection, request, child},
	{sameTunnel, clientConnection, podConnection, pair},
	{sameTunnel, podConnection, clientConnection, pair},
	{atWaypoint, clientConnection, request, parent},
	{atWaypoint, request, clientConnection, child},
	{behindWaypoint, request, tunnelOut, parent},
	{behindWaypoint, tunnelOut, podConnection, pair},
	{behindWaypoint, tunnelOut, request, child},
	{behindWaypoint, podConnection, tunnelOut, pair},
	{behindWaypoint, request, podConnection, parent},
	{behindWaypoint, podConnection, request, child},
	{sameRequest, request, request, sibling},
}
