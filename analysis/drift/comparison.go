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
	pods            map[string]bool // of the service at hand, by name
}

func newComparison(s *mesh.Snapshot, d *mesh.ZtunnelDump, now time.Time) *comparison {
	return &comparison{
		view: newView(s, d.At, now), dump: d, unjudged: make(map[mesh.Ref]bool), pods: make(map[string]bool),
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

// judge compares what the API says with what was found; what it follows from
// must not have changed just now.
func (c *comparison) judge(object mesh.Ref, field, expected, found string, from ...*mesh.Meta) {
	switch {
	case expected == found:
	case c.settled(from...):
		c.differ(object, field, expected, found)
	default:
		c.skip(object)
	}
}

// miss notes what was not found, where that is no matter of time.
func (c *comparison) miss(object mesh.Ref, field, expected string, settled bool) {
	if settled {
		c.differ(object, field, expected, "")
		return
	}
	c.skip(object)
}

// skip notes that something about an object was not judged.
func (c *comparison) skip(object mesh.Ref) { c.unjudged[object] = true }
