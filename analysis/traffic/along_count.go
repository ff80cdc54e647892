package traffic

import (
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// countRequests measures callers, the waypoint, versions and pods by the
// requests that the waypoint counted. told is false where metrics do not tell
// versions apart.
func (w *walk) countRequests(versions *attribution, told bool) {
	if w.waypoint == "" {
		return
	}
	of, rest := versions.flows()
	complete := len(w.counts.Gaps(w.pods)) == 0
	w.requests.measure(w.waypoint, complete, rest...)
	for i, flows := range of {
		w.requests.measure(w.waypoint, complete, flows...)
		if told {
			w.requests.measure(versions.versions[i].ID, complete, flows...)
		}
		rest = append(rest, flows...)
	}
	for _, id := range w.backends {
		w.requests.measure(id, complete)
	}
	callers := w.byPrincipal(func(n *path.Node) bool {
		if !w.past(n) {
			w.requests.measure(n.ID, complete)
		}
		return !w.past(n)
	}, principalsOf(rest))
	for _, f := range rest {
		if id := callers[identity(f.Source.Principal)]; id != "" {
			w.requests.measure(id, complete, f)
		}
		if id := w.backends[w.owners.of(f.Destination)]; id != "" {
			w.requests.measure(id, complete, f)
		}
	}
}

// countConnections measures callers by the ztunnels on their side, those that
// go past the waypoint by the ztunnels before the pods, and the pods by the
// latter.
func (w *walk) countConnections() {
	service := w.graph.Service
	opened, arrived := w.counts.connectionsTo(service, ReporterSource), w.counts.connectionsTo(service, ReporterDestination)
	complete := len(w.counts.traffic.Unread) == 0 && w.counts.traffic.Dropped == 0
	for id := range w.callers {
		w.connections.measure(id, complete)
	}
	for _, id := range w.backends {
		w.connections.measure(id, complete)
	}
	for _, f := range arrived {
		if id := w.backends[w.owners.of(f.Destination)]; id != "" {
			w.connections.measure(id, complete, f)
		}
	}
	w.countVersion(arrived, complete)
	if w.waypoint == "" {
		w.countCallers(arrived, complete, func(*path.Node) bool { return true })
		return
	}
	w.connections.measure(w.waypoint, complete, opened...)
	w.countCallers(opened, complete, func(n *path.Node) bool { return !w.past(n) })
	w.countCallers(arrived, complete, w.past)
}

// countVersion measures the version, where there is one, by the connections of
// whom calls reach it from: the waypoint, else callers with an identity.
func (w *walk) countVersion(arrived []*mesh.ConnectionFlow, complete bool) {
	only := ""
	for id, stage := range w.stages {
		if stage == path.StageVersion && only != "" {
			return
		} else if stage == path.StageVersion {
			only = id
		}
	}
	if only == "" {
		return
	}
	w.connections.measure(only, complete)
	for _, f := range arrived {
		if p := identity(f.Source.Principal); p != "" && (w.waypoint == "" || p == w.identity) {
			w.connections.measure(only, complete, f)
		}
	}
}

// countCallers measures some of the cards of callers.
func (w *walk) countCallers(list []*mesh.ConnectionFlow, complete bool, which func(*path.Node) bool) {
	wanted := make(map[string]bool)
	for _, f := range list {
		wanted[identity(f.Source.Principal)] = true
	}
	callers := w.byPrincipal(which, wanted)
	for _, f := range list {
		if principal := identity(f.Source.Principal); principal == "" || principal != w.identity {
			if id := callers[principal]; id != "" {
				w.connections.measure(id, complete, f)
			}
		}
	}
}

func principalsOf(list []*mesh.RequestFlow) map[string]bool {
	out := make(map[string]bool)
	for _, f := range list {
		out[identity(f.Source.Principal)] = true
	}
	return out
}

// byPrincipal finds the cards of callers by who is on them, of those that are
// wanted: a card can stand for every account of the mesh. Callers without an
// identity are on the one card whose callers have none.
func (w *walk) byPrincipal(which func(*path.Node) bool, wanted map[string]bool) map[string]string {
	out := make(map[string]string)
	for id, n := range w.callers {
		if !which(n) {
			continue
		}
		if len(n.Principals) == 0 {
			out[""] = id
		}
		for _, p := range n.Principals {
			if p := identity(p); wanted[p] {
				out[p] = id
			}
		}
	}
	return out
}
