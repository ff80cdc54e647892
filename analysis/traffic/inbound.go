package traffic

import (
	"slices"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// Inbound is what was counted of the connections to a service by who calls, as
// path.Callers lists them. A nil one knows nothing. It is for one reader.
type Inbound struct {
	counts *Counts
	// opened are what callers' ztunnels counted, arrived what those before the
	// service's pods did, both by the caller's identity.
	opened, arrived map[string][]*mesh.ConnectionFlow
	// plain arrived without an identity, by the account and how calls leave its
	// pods; nameless are those that are of no row.
	plain    map[callerKey][]*mesh.ConnectionFlow
	nameless []*mesh.ConnectionFlow
	// rows remembers by namespace which row each pod is in.
	rows map[string]map[*mesh.Workload]callerKey
	// counted remembers which nodes' ztunnels were counted; atPods tells it of
	// all before the service's pods.
	counted map[string]bool
	atPods  bool
}

// callerKey is a row of callers.
type callerKey struct {
	namespace, account string
	entry              path.Entry
}

// Inbound sorts the connections to a service by its callers; nil where nothing
// was counted.
func (c *Counts) Inbound(service mesh.Ref) *Inbound {
	if c == nil {
		return nil
	}
	in := &Inbound{
		counts: c, opened: make(map[string][]*mesh.ConnectionFlow), arrived: make(map[string][]*mesh.ConnectionFlow),
		plain: make(map[callerKey][]*mesh.ConnectionFlow), counted: make(map[string]bool),
		rows: make(map[string]map[*mesh.Workload]callerKey),
	}
	for _, f := range c.connectionsTo(service, ReporterSource) {
		in.opened[identity(f.Source.Principal)] = append(in.opened[identity(f.Source.Principal)], f)
	}
	owners := newOwnerBook(c.snap)
	for _, f := range c.connectionsTo(service, ReporterDestination) {
		if who := identity(f.Source.Principal); who != "" {
			in.arrived[who] = append(in.arrived[who], f)
			continue
		}
		in.addPlain(owners.of(f.Source), f)
	}
	nodes := c.nodesOf(service)
	in.atPods = len(nodes) > 0 && !slices.ContainsFunc(nodes, func(node string) bool { return !in.countedAt(node) })
	return in
}

// addPlain finds whose connection without an identity it was. Where some of a
// workload's pods are outside of the mesh it was theirs.
func (in *Inbound) addPlain(owner mesh.Ref, f *mesh.ConnectionFlow) {
	var from callerKey
	for _, w := range OwnedBy(in.counts.snap, owner) {
		if key, listed := in.rowOf(w); listed && (from == callerKey{} || key.entry == path.EntryNone) {
			from = key
		}
	}
	if from == (callerKey{}) {
		in.nameless = append(in.nameless, f)
		return
	}
	in.plain[from] = append(in.plain[from], f)
}

// rowOf finds the row of callers that a pod is in; waypoints are in none.
func (in *Inbound) rowOf(w *mesh.Workload) (key callerKey, listed bool) {
	rows, known := in.rows[w.Namespace]
	if !known {
		rows = rowsIn(in.counts.snap.Shard(w.Namespace))
		in.rows[w.Namespace] = rows
	}
	key, listed = rows[w]
	return key, listed
}

func rowsIn(sh *mesh.Shard) map[*mesh.Workload]callerKey {
	rows := make(map[*mesh.Workload]callerKey)
	for _, a := range sh.Accounts() {
		for entry, pods := range map[path.Entry][]*mesh.Workload{
			path.EntryNone: a.Outside, path.EntryZtunnel: a.Captured, path.EntrySidecar: a.Sidecars, path.EntryGateway: a.Gateways,
		} {
			for _, w := range pods {
				rows[w] = callerKey{a.Namespace, a.Name, entry}
			}
		}
	}
	return rows
}

func (in *Inbound) countedAt(node string) bool {
	known, seen := in.counted[node]
	if !seen {
		known = in.counts.CountedNode(node)
		in.counted[node] = known
	}
	return known
}

// Of is what was counted of a caller's connections: on their way to the
// waypoint by the ztunnels on the caller's side, else as they arrived. They are
// not of one reporter more than of the other, and never of both.
func (in *Inbound) Of(c *path.Caller) Connections {
	if in == nil || in.Why(c) != "" {
		return Connections{}
	}
	return in.counts.sumConnections("", in.flows(c))
}

func (in *Inbound) flows(c *path.Caller) []*mesh.ConnectionFlow {
	key := callerKey{c.Account.Namespace, c.Account.Name, c.Entry}
	switch {
	case c.ViaWaypoint:
		return in.opened[identity(c.Principal)]
	case c.Entry == path.EntryNone:
		return in.plain[key]
	}
	return slices.Concat(in.arrived[identity(c.Principal)], in.plain[key])
}

// Why says in a sentence why nothing can be known of a caller's connections,
// whoever is read; empty where something can.
func (in *Inbound) Why(c *path.Caller) string {
	a := c.Account
	several := len(a.Captured) > 0 && len(a.Sidecars)+len(a.Gateways) > 0 || len(a.Sidecars) > 0 && len(a.Gateways) > 0
	switch {
	case in == nil:
		return "Nothing was counted."
	case c.Entry == path.EntryGateway && c.ViaWaypoint:
		return "Connections of gateways to waypoints are counted nowhere."
	case several && !c.ViaWaypoint && c.Entry != path.EntryNone:
		return "Pods of this account leave in several ways, and metrics tell accounts only."
	}
	return ""
}

// Complete tells that all who would count a caller's connections were read, so
// that none means none.
func (in *Inbound) Complete(c *path.Caller) bool {
	if in == nil || in.Why(c) != "" {
		return false
	}
	if !c.ViaWaypoint {
		return in.atPods
	}
	return !slices.ContainsFunc(c.Pods, func(w *mesh.Workload) bool { return !in.countedAt(w.Node) })
}

// Nameless is what arrived without an identity from nobody that is listed: the
// metric names no workload, or one that is not there any more.
func (in *Inbound) Nameless() Connections {
	if in == nil {
		return Connections{}
	}
	return in.counts.sumConnections("", in.nameless)
}
