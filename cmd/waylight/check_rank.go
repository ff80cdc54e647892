package main

import (
	"slices"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
)

// suspicion is how soon a proxy is read when there may be no time for all: by
// the gravest finding that the API alone gives about its node, its pods or its
// waypoint, and where there is none after those, nodes that hold most of the
// mesh first.
type suspicion struct {
	pods map[mesh.Ref]int
}

// suspects ranks the proxies of a mesh whose proxies were not read.
func suspects(snap *mesh.Snapshot) *suspicion {
	named := gravestByRef(analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
	nodes := make(map[string]int)
	captured := make(map[string]int)
	s := &suspicion{pods: make(map[mesh.Ref]int)}
	for _, sh := range snap.Shards {
		for _, w := range sh.Workloads {
			if w.Kind != "Pod" {
				continue
			}
			grave := gravest(named, w.Ref(), snap.ControllerOf(w), mesh.Ref{Kind: "Namespace", Name: w.Namespace}, mesh.Ref{Kind: "Node", Name: w.Node})
			if w.IsWaypoint() {
				s.pods[w.Ref()] = min(grave, gravest(named, mesh.Ref{Kind: "Gateway", Namespace: w.Namespace, Name: w.GatewayName()}))
			}
			nodes[w.Node] = min(nodes[w.Node], grave)
			if w.Captured() {
				captured[w.Node]++
			}
		}
	}
	for node, grave := range nodes {
		for _, z := range snap.Ztunnels(node) {
			s.pods[z.Ref()] = grave*maxPodsOfNode - min(captured[node], maxPodsOfNode-1)
		}
	}
	return s
}

// maxPodsOfNode bounds how much the pods of a node count beside a finding: no
// number of them outweighs one.
const maxPodsOfNode = 10_000

// rank implements evidence.Round's.
func (s *suspicion) rank(pod mesh.Ref) int { return s.pods[pod] }

// bySeverity orders severities, the gravest first.
var bySeverity = []analysis.Severity{analysis.Critical, analysis.Error, analysis.Warning, analysis.Info}

// gravestByRef is how grave the worst finding about each object is, the less
// the graver; there is none about others, which is zero.
func gravestByRef(r *analysis.Report) map[mesh.Ref]int {
	out := make(map[mesh.Ref]int)
	for i := range r.Findings {
		f := &r.Findings[i]
		grave := slices.Index(bySeverity, f.Severity) - len(bySeverity)
		for _, about := range append([]mesh.Ref{f.Subject}, f.Affects...) {
			out[about] = min(out[about], grave)
		}
	}
	return out
}

func gravest(named map[mesh.Ref]int, about ...mesh.Ref) int {
	worst := 0
	for _, r := range about {
		worst = min(worst, named[r])
	}
	return worst
}
