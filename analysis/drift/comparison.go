package drift

import (
	"cmp"
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

// comparison is one dump held against one snapshot.
type comparison struct {
	snap *mesh.Snapshot
	dump *mesh.ZtunnelDump
	// before is the moment until which a change must have arrived.
	before time.Time
	// cluster and domain are what the proxy says it belongs to.
	cluster, domain string
	// reach and policies remember answers by namespace.
	reach, policies map[string]bool
	out             []mesh.Difference
}

func newComparison(s *mesh.Snapshot, d *mesh.ZtunnelDump, now time.Time) *comparison {
	c := &comparison{snap: s, dump: d, before: now, reach: make(map[string]bool), policies: make(map[string]bool)}
	if !d.At.IsZero() && d.At.Before(now) {
		c.before = d.At
	}
	c.before = c.before.Add(-settlingTime)
	c.cluster = cmp.Or(d.Config["clusterId"], "Kubernetes") // ztunnel's default
	c.domain = cmp.Or(d.Config["clusterDomain"], mesh.DefaultClusterDomain)
	return c
}

// possible tells whether it is known which namespaces istiod looks at.
func (c *comparison) possible() bool {
	config := c.snap.MeshConfig()
	return config.Malformed == "" && c.snap.Readable(mesh.ResourceConfigMaps, cmp.Or(config.Namespace, config.RootNamespace))
}

// complete tells that a missing entry was not there: none was left undecoded,
// and the proxy does not ask for them one by one.
func (c *comparison) complete() bool {
	return c.dump.Skipped == 0 && c.dump.Config["xdsOnDemand"] != "true"
}

// reaches tells that a namespace is watched by us and not left out by istiod's
// discoverySelectors.
func (c *comparison) reaches(namespace string) bool {
	in, known := c.reach[namespace]
	if !known {
		in = c.snap.InScope(namespace) && c.discovered(namespace)
		c.reach[namespace] = in
	}
	return in
}

func (c *comparison) discovered(namespace string) bool {
	selectors := c.snap.MeshConfig().DiscoverySelectors
	if selectors == nil {
		return true
	}
	labels, known := c.snap.NamespaceLabels(namespace)
	return known && slices.ContainsFunc(selectors, func(s mesh.LabelSelector) bool { return s.Matches(labels) })
}

// settled tells that the objects something follows from have not changed for
// a while; nil ones do not count.
func (c *comparison) settled(objects ...*mesh.Meta) bool {
	for _, m := range objects {
		if m == nil {
			continue
		}
		if m.ChangedAt().After(c.before) || m.StatusChange.Time.After(c.before) || !m.Deleting.IsZero() {
			return false
		}
	}
	return true
}

// namespace is the Namespace's metadata, nil where it is not known.
func (c *comparison) namespace(name string) *mesh.Meta {
	if info := c.snap.Shard(name).Info; info != nil {
		return &info.Meta
	}
	return nil
}

func (c *comparison) differ(object mesh.Ref, field, expected, found string) {
	c.out = append(c.out, mesh.Difference{Object: object, Field: field, Expected: expected, Found: found})
}
