package traffic

import (
	"cmp"
	"maps"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// Connections is what was counted of TCP connections that have something in
// common, by one reporter.
type Connections struct {
	Name string
	// Opened is how many were opened in the window.
	Opened, PerSecond float64
	// Ended counts those that ended with a flag, most first.
	Ended []FlagCount
	// Failed are all of them, Denied the ones a policy refused.
	Failed, Denied float64
	// BytesSent and BytesReceived are of the window, as the caller sees them.
	BytesSent, BytesReceived float64
	// Encrypted are those opened under mTLS, Plain those that are known not to
	// be.
	Encrypted, Plain float64
}

// FlagCount counts connections that ended alike.
type FlagCount struct {
	Flag, Meaning string
	Count         float64
}

// FailedShare is the part of connections that failed for another reason than a
// policy, in percent; not known without traffic. Connections opened before the
// window can fail in it.
func (x *Connections) FailedShare() (float64, bool) {
	if x.All() <= 0 {
		return 0, false
	}
	return 100 * (x.Failed - x.Denied) / x.All(), true
}

// All is how many connections there were to fail in the window.
func (x *Connections) All() float64 { return max(x.Opened, x.Failed) }

// MTLSShare is the part under mTLS, in percent; not known without traffic.
func (x *Connections) MTLSShare() (float64, bool) {
	if x.Encrypted+x.Plain <= 0 {
		return 0, false
	}
	return 100 * x.Encrypted / (x.Encrypted + x.Plain), true
}

// failures is how many connections of a flow failed. Before 1.29 ztunnel says
// so only of the closed ones.
func failures(f *mesh.ConnectionFlow) float64 {
	if f.Flags == NoFlag || f.Flags == "" {
		return 0
	}
	return max(f.Closed, f.Failed)
}

// mutualTLS is how a flow says that it was under mTLS; anything else is no
// proof of the contrary (saysPlain).
const mutualTLS = "mutual_tls"

// saysPlain tells of a flow without mTLS that this is known. Who takes a
// connection knows it, and so does the ztunnel of a caller; the Envoy of one, a
// sidecar's or a gateway's, writes unknown whatever it does.
func (c *Counts) saysPlain(f *mesh.ConnectionFlow) bool {
	if f.Reporter != ReporterSource {
		return true
	}
	return !slices.ContainsFunc(OwnedBy(c.snap, Owner(c.snap, f.Source)), func(w *mesh.Workload) bool { return w.HasSidecar() || w.GatewayName() != "" })
}

func (c *Counts) sumConnections(name string, flows []*mesh.ConnectionFlow) Connections {
	x := Connections{Name: name}
	flags := make(map[string]float64)
	for _, f := range flows {
		x.Opened += f.Opened
		x.BytesSent += f.BytesSent
		x.BytesReceived += f.BytesReceived
		if n := failures(f); n > 0 {
			flags[f.Flags] += n
			x.Failed += n
			if f.Flags == FlagDenied {
				x.Denied += n
			}
		}
		switch {
		case f.Security == mutualTLS:
			x.Encrypted += f.Opened
		case c.saysPlain(f):
			x.Plain += f.Opened
		}
	}
	x.PerSecond = c.PerSecond(x.Opened)
	for _, flag := range slices.Sorted(maps.Keys(flags)) {
		x.Ended = append(x.Ended, FlagCount{Flag: flag, Meaning: ConnectionFlagMeaning(flag), Count: flags[flag]})
	}
	slices.SortStableFunc(x.Ended, func(a, b FlagCount) int { return cmp.Compare(b.Count, a.Count) })
	return x
}

// ConnectionsOf is what one reporter counted of connections to a service:
// source is the ztunnels of callers, to whom a waypoint is the other end,
// destination those before the pods.
func (c *Counts) ConnectionsOf(service mesh.Ref, reporter string) Connections {
	return c.sumConnections("", c.connectionsTo(service, reporter))
}

// EdgesOf is the same by who called and how the connection was secured, the
// most first: the part of mTLS of each edge.
func (c *Counts) EdgesOf(service mesh.Ref, reporter string) []Connections {
	groups := make(map[string][]*mesh.ConnectionFlow)
	for _, f := range c.connectionsTo(service, reporter) {
		name := peerName(f.Source)
		groups[name] = append(groups[name], f)
	}
	var out []Connections
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		out = append(out, c.sumConnections(name, groups[name]))
	}
	slices.SortStableFunc(out, func(a, b Connections) int { return cmp.Compare(b.Opened, a.Opened) })
	return out
}

// Passage is the proof that calls to a service pass its waypoint, or do not:
// of the connections that arrived at its pods' ztunnels, those whose caller is
// the waypoint itself.
type Passage struct {
	// All is how many arrived, By the waypoint how many of them.
	All, ByWaypoint float64
	// Others are the callers that came past it, the most first. Name is
	// "namespace/workload", empty where the caller is not known.
	Others []Connections
}

// Share is the part that came by the waypoint, in percent; not known without
// traffic.
func (p *Passage) Share() (float64, bool) {
	if p.All <= 0 {
		return 0, false
	}
	return 100 * p.ByWaypoint / p.All, true
}

// PassageOf tells who the connections to a service's pods came from, given the
// identities of its waypoints as policies write them. Waypoints keep
// connections open and put many requests on each: shares are of connections,
// and tell a bypass from none, not how many requests took it.
func (c *Counts) PassageOf(service mesh.Ref, waypoints []string) Passage {
	var p Passage
	groups := make(map[string][]*mesh.ConnectionFlow)
	for _, f := range c.connectionsTo(service, ReporterDestination) {
		p.All += f.Opened
		if slices.Contains(waypoints, identity(f.Source.Principal)) {
			p.ByWaypoint += f.Opened
			continue
		}
		if f.Opened > 0 {
			groups[peerName(f.Source)] = append(groups[peerName(f.Source)], f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		p.Others = append(p.Others, c.sumConnections(name, groups[name]))
	}
	slices.SortStableFunc(p.Others, func(a, b Connections) int { return cmp.Compare(b.Opened, a.Opened) })
	return p
}
