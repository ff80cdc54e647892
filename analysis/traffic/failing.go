package traffic

import (
	"cmp"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// What failures of connections must come to, to be worth a word (the check
// CONNECTIONS_FAILING).
const (
	// FailingCount is the least number of them.
	FailingCount = 5
	// FailingShare is the least part of all connections, in percent.
	FailingShare = 1
)

// Failing is an edge of which connections fail, for another reason than a
// policy.
type Failing struct {
	// Source is who calls, Destination the workload at the other end of the
	// connection, which is the waypoint where there is one. Both are owners.
	Source, Destination mesh.Ref
	// Services are what was called, sorted; empty where pods were addressed.
	Services []mesh.Ref
	// Reporter counted most of the failures.
	Reporter string
	Connections
}

// edgeKey tells edges apart.
type edgeKey struct{ source, destination mesh.Ref }

// Failing lists the edges whose connections fail in numbers, by source and
// destination. Both ends count a connection, so each edge is judged by the end
// that saw more of it fail.
func (c *Counts) Failing() []Failing {
	if c == nil {
		return nil
	}
	return c.failing()
}

func (c *Counts) findFailing() []Failing {
	edges := c.failedEdges()
	var out []Failing
	for key, e := range edges {
		if f := e.judge(c, key); f != nil {
			out = append(out, *f)
		}
	}
	slices.SortFunc(out, func(a, b Failing) int {
		return cmp.Or(a.Source.Compare(b.Source), a.Destination.Compare(b.Destination))
	})
	return out
}

// edge are the flows of an edge, by reporter.
type edge map[string][]*mesh.ConnectionFlow

// failedEdges groups flows, leaving out edges on which nothing failed: those
// are mostly all, and are passed over by the numbers of their ends.
func (c *Counts) failedEdges() map[edgeKey]edge {
	owners, numbers := c.ownersOfPeers()
	found := make(map[ends]edge)
	for i, e := range c.ends {
		f := &c.traffic.Connections[i]
		if failures(f) > 0 && (f.Reporter == ReporterSource || f.Reporter == ReporterDestination) {
			found[ends{numbers[e.source], numbers[e.destination]}] = make(edge)
		}
	}
	for i, e := range c.ends {
		if list := found[ends{numbers[e.source], numbers[e.destination]}]; list != nil {
			f := &c.traffic.Connections[i]
			list[f.Reporter] = append(list[f.Reporter], f)
		}
	}
	out := make(map[edgeKey]edge, len(found))
	for e, flows := range found {
		if key := (edgeKey{owners[e.source], owners[e.destination]}); !key.source.IsZero() && !key.destination.IsZero() {
			out[key] = flows
		}
	}
	return out
}

// ownersOfPeers lists the owners of the peers, each once, and which of them is
// that of each peer.
func (c *Counts) ownersOfPeers() (owners []mesh.Ref, numbers []int32) {
	known := make(map[mesh.Ref]int32, len(c.peers))
	numbers = make([]int32, len(c.peers))
	for i, p := range c.peers {
		owner := Owner(c.snap, p)
		n, ok := known[owner]
		if !ok {
			n = int32(len(owners)) //nolint:gosec // no more than peers
			known[owner], owners = n, append(owners, owner)
		}
		numbers[i] = n
	}
	return owners, numbers
}

func (e edge) judge(c *Counts, key edgeKey) *Failing {
	at, from := c.sumConnections("", e[ReporterDestination]), c.sumConnections("", e[ReporterSource])
	c.withoutRefusals(&from, &at, key.destination)
	best := &Failing{Source: key.source, Destination: key.destination, Reporter: ReporterDestination, Connections: at}
	if from.Failed-from.Denied > at.Failed-at.Denied {
		best.Reporter, best.Connections = ReporterSource, from
	}
	share, ok := best.FailedShare()
	if !ok || whole(best.Failed-best.Denied) < FailingCount || share <= FailingShare {
		return nil
	}
	for _, f := range e[best.Reporter] {
		if s := c.serviceOf(f); failures(f) > 0 && !s.IsZero() && !slices.Contains(best.Services, s) {
			best.Services = append(best.Services, s)
		}
	}
	slices.SortFunc(best.Services, mesh.Ref.Compare)
	return best
}

// refusedTimes is how many times as often as the other end refused, connections
// may end with CONNECT and still be taken for those refusals: the two ends are
// not read at the same moment.
const refusedTimes = 2

// withoutRefusals takes for a policy's what the source counts as CONNECT and
// the destination as DENY: the source learns no more than "401 Unauthorized".
// Where the destination's ztunnel was not counted it could have refused all of
// them, so that nothing is known of them.
func (c *Counts) withoutRefusals(from, at *Connections, destination mesh.Ref) {
	for i := range from.Ended {
		e := &from.Ended[i]
		if e.Flag == flagConnect && (e.Count <= refusedTimes*at.Denied || !c.countedBefore(destination)) {
			from.Denied += e.Count
			e.Meaning = ConnectionFlagMeaning(FlagDenied)
		}
	}
}

// countedBefore tells whether whatever refuses calls to a workload's pods by
// policy was counted. A waypoint takes every connection and refuses within it.
func (c *Counts) countedBefore(owner mesh.Ref) bool {
	for _, w := range OwnedBy(c.snap, owner) {
		if !w.IsWaypoint() && w.Running() && !c.CountedNode(w.Node) {
			return false
		}
	}
	return true
}

// serviceOf is what a connection was opened for.
func (c *Counts) serviceOf(f *mesh.ConnectionFlow) mesh.Ref {
	return c.service(f.ServiceNamespace, f.ServiceName, f.Host)
}

// ownerBook remembers owners: flows name the same ones again and again.
type ownerBook struct {
	snap  *mesh.Snapshot
	known map[mesh.TrafficPeer]mesh.Ref
}

func newOwnerBook(s *mesh.Snapshot) *ownerBook {
	return &ownerBook{snap: s, known: make(map[mesh.TrafficPeer]mesh.Ref)}
}

func (b *ownerBook) of(p mesh.TrafficPeer) mesh.Ref {
	key := mesh.TrafficPeer{Workload: p.Workload, Namespace: p.Namespace}
	owner, ok := b.known[key]
	if !ok {
		owner = Owner(b.snap, p)
		b.known[key] = owner
	}
	return owner
}
