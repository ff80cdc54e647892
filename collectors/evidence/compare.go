package evidence

import (
	"slices"

	"github.com/waylight/waylight/mesh"
)

// Comparer holds dumps against what the API says of the mesh. One goroutine at
// a time asks it. What it answers may be long.
type Comparer interface {
	// Ztunnel also gives what other nodes' ztunnels are compared by.
	Ztunnel(snap *mesh.Snapshot, dump *mesh.ZtunnelDump) (mesh.Comparison, mesh.ZtunnelDigest)
	Envoy(snap *mesh.Snapshot, dump *mesh.EnvoyDump) mesh.Comparison
}

// notCompared is the Comparer of who has none.
type notCompared struct{}

const whyNotCompared = "Nothing compares what proxies have with the API here."

// Ztunnel implements Comparer.
func (notCompared) Ztunnel(*mesh.Snapshot, *mesh.ZtunnelDump) (mesh.Comparison, mesh.ZtunnelDigest) {
	return mesh.Comparison{Why: whyNotCompared}, mesh.ZtunnelDigest{}
}

// Envoy implements Comparer.
func (notCompared) Envoy(*mesh.Snapshot, *mesh.EnvoyDump) mesh.Comparison {
	return mesh.Comparison{Why: whyNotCompared}
}

func orNotCompared(c Comparer) Comparer {
	if c == nil {
		return notCompared{}
	}
	return c
}

// What a snapshot keeps of a comparison; all is counted. One wrong setting can
// make every workload differ.
const (
	maxDifferences = 20
	maxUnjudged    = 200
)

// bounded keeps the first of what a comparison lists.
func bounded(c mesh.Comparison) mesh.Comparison {
	c.DifferenceCount, c.UnjudgedCount = len(c.Differences), len(c.Unjudged)
	c.Differences = slices.Clone(c.Differences[:min(len(c.Differences), maxDifferences)])
	c.Unjudged = slices.Clone(c.Unjudged[:min(len(c.Unjudged), maxUnjudged)])
	return c
}
