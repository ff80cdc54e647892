package server

import (
	"cmp"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// maxDenialProxies bounds how many containers are followed for what fails.
const maxDenialProxies = 64

// proxyChoice are the proxies whose logs are read, of all that there are.
type proxyChoice struct {
	targets []mesh.LogTarget
	all     int
}

// chooseProxies takes the waypoints, which are few and decide about most, up to
// half of the bound, and then the ztunnels of the nodes with most pods of the
// mesh.
func chooseProxies(s *mesh.Snapshot) proxyChoice {
	const bound = maxDenialProxies
	waypoints, ztunnels := waypointLogs(s), ztunnelLogs(s)
	out := proxyChoice{all: len(waypoints) + len(ztunnels)}
	if out.all > bound {
		waypoints = waypoints[:min(len(waypoints), max(bound/2, bound-len(ztunnels)))]
		byPods(s, ztunnels)
		ztunnels = ztunnels[:bound-len(waypoints)]
	}
	out.targets = slices.Concat(waypoints, ztunnels)
	return out
}

func waypointLogs(s *mesh.Snapshot) []mesh.LogTarget {
	var out []mesh.LogTarget
	for _, w := range s.Waypoints() {
		out = append(out, s.LogTargets(mesh.WaypointLogs(w.Namespace, w.Name))...)
	}
	return out
}

func ztunnelLogs(s *mesh.Snapshot) []mesh.LogTarget {
	var nodes []string
	for _, sh := range s.Shards {
		for _, w := range sh.PartsOfMesh() {
			if w.Labels["app"] == "ztunnel" && w.Node != "" {
				nodes = append(nodes, w.Node)
			}
		}
	}
	slices.Sort(nodes)
	var out []mesh.LogTarget
	for _, node := range slices.Compact(nodes) {
		out = append(out, s.LogTargets(mesh.ZtunnelLogs(node))...)
	}
	return out
}

// byPods puts the ztunnels first that serve most pods.
func byPods(s *mesh.Snapshot, ztunnels []mesh.LogTarget) {
	captured := make(map[string]int)
	for _, sh := range s.Shards {
		for _, w := range sh.Workloads {
			if w.Captured() {
				captured[w.Node]++
			}
		}
	}
	slices.SortStableFunc(ztunnels, func(a, b mesh.LogTarget) int {
		return cmp.Or(cmp.Compare(captured[b.Node], captured[a.Node]), cmp.Compare(a.Node, b.Node))
	})
}
