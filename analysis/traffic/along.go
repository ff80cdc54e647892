package traffic

import (
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// Along is what was counted along the drawn path of a service.
type Along struct {
	// Why says why nothing is known; empty where something is.
	Why string
	// Split is of the port that is drawn, as far as metrics tell ports apart.
	Split Split
	// AllPorts tells that the service has several ports, of which metrics give
	// one number.
	AllPorts bool
	nodes    map[string]Load
	legs     map[legKey]Load
}

// Load is what was counted of a node or a leg of a drawing. What is nil is not
// known; what is there with nothing in it is no traffic.
type Load struct {
	// Requests are those a waypoint counted, Connections those ztunnels did. A
	// waypoint keeps connections open and puts many requests on each.
	Requests    *Requests
	Connections *Connections
}

type legKey struct{ from, to string }

// Node is what was counted of a node of the drawing.
func (a *Along) Node(id string) Load { return a.nodes[id] }

// Leg is what was counted of a leg of the drawing. Where a leg is one of
// several at both of its ends, no metric tells its part.
func (a *Along) Leg(from, to string) Load { return a.legs[legKey{from, to}] }

// Along finds what was counted of the nodes and legs of a drawing of a service.
func (c *Counts) Along(g *path.Graph) *Along {
	if c == nil {
		return &Along{Why: notCounted}
	}
	split, versions := c.splitAt(g.Service, g.Port.Port)
	w := newWalk(c, g)
	if versions != nil {
		w.countRequests(versions, split.Known)
	}
	w.countConnections()
	w.requests.infer()
	w.connections.infer()
	return &Along{Split: split, AllPorts: c.ports(g.Service) > 1, nodes: w.nodes(), legs: w.legs()}
}

func (c *Counts) ports(service mesh.Ref) int {
	switch o := c.snap.Lookup(service).(type) {
	case *mesh.Service:
		return len(o.Ports)
	case *mesh.ServiceEntry:
		return len(o.Ports)
	}
	return 0
}

// walk sorts the flows of a service by the nodes of its drawing.
type walk struct {
	counts *Counts
	graph  *path.Graph
	// waypoint is the node that calls pass, empty for none; pods are those of
	// the waypoint.
	waypoint string
	pods     []*mesh.Workload
	// identity is the waypoint's, as policies write it.
	identity    string
	owners      *ownerBook
	callers     map[string]*path.Node
	stages      map[string]path.Stage
	backends    map[mesh.Ref]string // nodes of pods by their owner
	requests    network[*mesh.RequestFlow]
	connections network[*mesh.ConnectionFlow]
}

func newWalk(c *Counts, g *path.Graph) *walk {
	w := &walk{counts: c, graph: g, owners: newOwnerBook(c.snap), callers: make(map[string]*path.Node), stages: make(map[string]path.Stage), backends: make(map[mesh.Ref]string)}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		w.stages[n.ID] = n.Stage
		switch {
		case n.Stage == path.StageCaller:
			w.callers[n.ID] = n
		case n.Stage == path.StageBackend && !n.Ref.IsZero():
			w.backends[n.Ref] = n.ID
		case n.Stage == path.StageWaypoint && n.State != path.StateBypassed:
			w.waypoint = n.ID
			if wp := c.snap.Waypoint(n.Ref.Namespace, n.Ref.Name); wp != nil {
				w.pods, w.identity = wp.Pods, wp.Principal(c.snap.TrustDomain())
			}
		}
	}
	w.requests.end, w.connections.end = w.waypoint, w.waypoint
	for i := range g.Legs {
		l := legKey{g.Legs[i].From, g.Legs[i].To}
		w.connections.legs = append(w.connections.legs, l)
		if n := w.callers[l.from]; n == nil || !w.past(n) {
			w.requests.legs = append(w.requests.legs, l)
		}
	}
	return w
}

// past tells of a card of callers that their calls do not pass the waypoint.
func (w *walk) past(n *path.Node) bool {
	if w.waypoint == "" {
		return false
	}
	for i := range w.graph.Legs {
		if l := &w.graph.Legs[i]; l.From == n.ID {
			return w.stages[l.To] > path.StageWaypoint
		}
	}
	return true
}

func (w *walk) nodes() map[string]Load {
	out := make(map[string]Load, len(w.graph.Nodes))
	for i := range w.graph.Nodes {
		id := w.graph.Nodes[i].ID
		out[id] = w.load(w.requests.nodes[id], w.connections.nodes[id])
	}
	return out
}

func (w *walk) legs() map[legKey]Load {
	out := make(map[legKey]Load, len(w.graph.Legs))
	for i := range w.graph.Legs {
		key := legKey{w.graph.Legs[i].From, w.graph.Legs[i].To}
		out[key] = w.load(w.requests.found[key], w.connections.found[key])
	}
	return out
}

func (w *walk) load(requests *flows[*mesh.RequestFlow], connections *flows[*mesh.ConnectionFlow]) Load {
	var l Load
	if requests != nil {
		if r := sum("", requests.list); requests.complete || r.Count > 0 {
			l.Requests = &r
		}
	}
	if connections != nil {
		if x := w.counts.sumConnections("", connections.list); connections.complete || x.All() > 0 {
			l.Connections = &x
		}
	}
	return l
}
