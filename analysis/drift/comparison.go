package drift

import (
	"cmp"
	"time"

	"github.com/waylight/waylight/mesh"
)

// comparison is one ztunnel's dump held against one snapshot.
type comparison struct {
	view
	dump *mesh.ZtunnelDump
	// cluster and domain are what the proxy says it belongs to.
	cluster, domain string
	out             []mesh.Difference
	unjudged        map[mesh.Ref]bool
}

func newComparison(s *mesh.Snapshot, d *mesh.ZtunnelDump, now time.Time) *comparison {
	return &comparison{
		view: newView(s, d.At, now), dump: d, unjudged: make(map[mesh.Ref]bool),
		cluster: cmp.Or(d.Config["clusterId"], "Kubernetes"), // ztunnel's default
		domain:  cmp.Or(d.Config["clusterDomain"], mesh.DefaultClusterDomain),
	}
}

// complete tells that what is missing in a dump was not there: none was left
// undecoded, and the proxy does not ask for them one by one.
func complete(d *mesh.ZtunnelDump) bool { return d.Skipped == 0 && d.Config["xdsOnDemand"] != "true" }

func (c *comparison) differ(object mesh.Ref, field, expected, found string) {
	c.out = append(c.out, mesh.Difference{Object: object, Field: field, Expected: expected, Found: found})
}

// skip notes that something about an object was not judged.
func (c *comparison) skip(object mesh.Ref) { c.unjudged[object] = true }
