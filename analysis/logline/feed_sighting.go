package logline

import (
	"net/netip"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Call is what an access line says of the call it is about: who called what, by
// the names a snapshot has for the addresses of the line.
type Call struct {
	Source, Destination End
	// At is when the call ended, which for an Envoy is seconds before it was
	// written.
	At time.Time
	// Front tells that the writer knows the client: its own ztunnel, or the
	// waypoint before which the call was still the client's. Tunnel tells that
	// the line is about a waypoint's HBONE connection and no call.
	Front, Tunnel bool
	// Forwarded tells that the writer sent the call on to another pod.
	Forwarded bool
	// Method and Path are empty where the writer saw no request.
	Method, Path string
}

// CallOf reads a decoded access line; false for any other line.
func CallOf(s *mesh.Snapshot, l *mesh.LogLine) (Call, bool) {
	x := locate(s, l)
	if x == nil {
		return Call{}, false
	}
	return Call{
		Source: x.source, Destination: x.destination, At: x.at, Front: x.part == partFront, Tunnel: x.part == partTunnel,
		Forwarded: x.leg != leg{}, Method: x.method, Path: x.path,
	}, true
}

// sighting is what one line says of a call that failed.
type sighting struct {
	line  *mesh.LogLine
	means mesh.LogExplanation
	// at is when the call ended; start, where the line tells, when it began.
	at, start time.Time
	part      part
	// leg is the connection the line is about, where other proxies write of it
	// too; the zero value where none does.
	leg                 leg
	source, destination End
	// elsewhere is who decided, where that was not the writer.
	elsewhere    Decider
	method, path string
}

// leg is a connection between two pods: who opens it, and the address and port
// it is for. Both ends' proxies name them alike, which they do not for the
// port it comes from: HBONE connections carry many.
type leg struct {
	from netip.Addr
	to   netip.AddrPort
}

// part is the place of a line's writer on the call.
type part int

const (
	// partFront knows the client: its own ztunnel, or the waypoint before which
	// the call was still the client's own.
	partFront part = iota
	// partTunnel is a waypoint's HBONE connection, which knows no request.
	partTunnel
	// partInbound is before the destination.
	partInbound
	parts
)

// sightingOf reads a line; false for one that is about no failed call.
func sightingOf(s *mesh.Snapshot, l *mesh.LogLine) (*sighting, bool) {
	if succeeded(l) {
		return nil, false
	}
	means := Explain(l)
	if means.Code == "" && l.Connection == nil {
		return nil, false
	}
	x := locate(s, l)
	if x == nil {
		return nil, false
	}
	if x.means = means; means.Elsewhere {
		x.elsewhere = decidedBehind(s, x.leg, x.destination.Pod)
	}
	return x, true
}

// succeeded tells of a line about a call without a failure, without the cost of
// explaining it: they are by far the most.
func succeeded(l *mesh.LogLine) bool {
	switch {
	case l.Connection != nil:
		return l.Connection.Error == ""
	case l.Request != nil:
		return l.Request.Status > 0 && l.Request.Status < 400 && len(l.Request.Flags) == 0
	}
	return true
}

// locate finds out between whom the call of a line is; nil for a line about
// none.
func locate(s *mesh.Snapshot, l *mesh.LogLine) *sighting {
	x := &sighting{line: l, at: l.Time}
	switch {
	case l.Connection != nil:
		x.connection(s, l.Connection)
	case l.Request != nil:
		x.request(s, l.Request)
	default:
		return nil
	}
	return x
}

// connection reads a line of a ztunnel.
func (x *sighting) connection(s *mesh.Snapshot, c *mesh.ConnectionLog) {
	target := c.HBONEAddr
	if target == "" {
		target = c.Destination.Addr
	}
	x.source, x.destination = podEnd(s, c.Source), calledEnd(s, c.Service, target)
	x.leg = legOf(c.Source.Addr, target)
	if c.Direction == "inbound" {
		x.part = partInbound
	}
}

// Clusters of a waypoint's own tunnels and the method of those that end there:
// no requests of anybody's (istio.md E).
const (
	clusterConnectOriginate = "connect_originate"
	methodConnect           = "CONNECT"
)

// request reads a line of an Envoy. Its access log is written seconds late, so
// that the time of the request itself counts.
func (x *sighting) request(s *mesh.Snapshot, r *mesh.RequestLog) {
	if !r.Started.IsZero() {
		x.start, x.at = r.Started, r.Started.Add(max(r.Duration, 0))
	}
	own := ""
	if pod := s.Workload(x.line.From.Pod.Namespace, x.line.From.Pod.Name); pod != nil && len(pod.IPs) > 0 {
		own = pod.IPs[0] + ":0"
		if strings.Contains(pod.IPs[0], ":") {
			own = "[" + pod.IPs[0] + "]:0"
		}
	}
	x.source = podEnd(s, mesh.LogPeer{Addr: r.DownstreamRemote})
	switch {
	case r.UpstreamCluster == clusterConnectOriginate:
		x.part = partTunnel
		x.source = podEnd(s, mesh.LogPeer{Addr: own})
		x.destination = calledEnd(s, "", r.DownstreamLocal)
		x.leg = legOf(own, r.DownstreamLocal)
	case r.Method == methodConnect:
		x.part = partInbound
		x.destination = calledEnd(s, "", r.Authority)
		x.leg = legOf(r.DownstreamRemote, r.Authority)
	default:
		x.destination = calledEnd(s, "", r.DownstreamLocal)
		if x.destination.Ref.Kind != "Service" {
			x.destination = calledEnd(s, hostOfCluster(r.UpstreamCluster), r.DownstreamLocal)
		}
		x.leg = legOf(own, r.UpstreamHost)
		x.method, x.path = r.Method, r.Path
	}
}

// hostOfCluster is the last part of "inbound-vip|80|http/v1|host", empty for
// clusters with other names.
func hostOfCluster(cluster string) string {
	parts := strings.Split(cluster, "|")
	if len(parts) != 4 {
		return ""
	}
	return parts[3]
}

// legOf is the zero value where an address is missing.
func legOf(from, to string) leg {
	a := addrPort(from)
	b := addrPort(to)
	if !a.IsValid() || !b.IsValid() {
		return leg{}
	}
	return leg{from: a.Addr(), to: b}
}

// decidedBehind is who decides at the far end of a leg: the ztunnel of the
// pod's node, or a waypoint.
func decidedBehind(s *mesh.Snapshot, l leg, pod mesh.Ref) Decider {
	w := s.Workload(pod.Namespace, pod.Name)
	if w == nil && l.to.IsValid() {
		w = s.WorkloadByIP(l.to.Addr().String())
	}
	switch {
	case w == nil:
		return Decider{}
	case w.IsWaypoint():
		return Decider{Writer: mesh.WriterWaypoint, Node: w.Node}
	}
	return Decider{Writer: mesh.WriterZtunnel, Node: w.Node}
}
