package main

import (
	"maps"
	"time"

	"github.com/waylight/waylight/analysis/drift"
	"github.com/waylight/waylight/collectors/evidence"
	"github.com/waylight/waylight/mesh"
)

// driftAtItsMoment compares the dumps of a bundle, as of the moment its
// snapshot describes.
type driftAtItsMoment struct{}

var _ evidence.Comparer = driftAtItsMoment{}

// Ztunnel implements evidence.Comparer.
func (driftAtItsMoment) Ztunnel(s *mesh.Snapshot, d *mesh.ZtunnelDump) (mesh.Comparison, mesh.ZtunnelDigest) {
	return drift.Ztunnel(s, d, s.At), drift.Digest(d)
}

// Envoy implements evidence.Comparer.
func (driftAtItsMoment) Envoy(s *mesh.Snapshot, d *mesh.EnvoyDump) mesh.Comparison {
	return drift.OfWaypoint(s, d, s.At)
}

const (
	// standsAfter is how old an earlier look must be to tell what stands from
	// what passes.
	standsAfter = time.Minute
	// forgottenAfter is how long the looks at a proxy are kept that is not read
	// any more. A round of the sweep takes less.
	forgottenAfter = 24 * time.Hour
)

// driftLooks compares dumps that are read again and again, and lists only what
// stands. It is for one goroutine.
type driftLooks struct {
	looks   map[string]*twoLooks // by source
	digests map[string]mesh.ZtunnelDigest
}

var _ evidence.Comparer = (*driftLooks)(nil)

func newDriftLooks() *driftLooks {
	return &driftLooks{looks: make(map[string]*twoLooks), digests: make(map[string]mesh.ZtunnelDigest)}
}

// twoLooks are the last look at a proxy that is old enough, and one that is
// going to be.
type twoLooks struct {
	older []mesh.Difference
	newer []mesh.Difference
	since time.Time // of newer
}

// Ztunnel implements evidence.Comparer.
func (l *driftLooks) Ztunnel(s *mesh.Snapshot, d *mesh.ZtunnelDump) (mesh.Comparison, mesh.ZtunnelDigest) {
	digest := drift.Digest(d).After(l.digests[d.Node])
	l.digests[d.Node] = digest
	return l.standing("ztunnel/"+d.Node, d.At, drift.Ztunnel(s, d, d.At)), digest
}

// Envoy implements evidence.Comparer.
func (l *driftLooks) Envoy(s *mesh.Snapshot, d *mesh.EnvoyDump) mesh.Comparison {
	return l.standing("envoy/"+d.Pod.NamespacedName(), d.At, drift.OfWaypoint(s, d, d.At))
}

// standing leaves out what may be of this moment, and remembers the look.
func (l *driftLooks) standing(proxy string, at time.Time, c mesh.Comparison) mesh.Comparison {
	if !c.Compared {
		return c
	}
	of := l.looks[proxy]
	switch {
	case of == nil:
		of = &twoLooks{newer: c.Differences, since: at}
		l.looks[proxy] = of
	case at.Sub(of.since) >= standsAfter:
		of.older, of.newer, of.since = of.newer, c.Differences, at
	}
	maps.DeleteFunc(l.looks, func(_ string, of *twoLooks) bool { return at.Sub(of.since) > forgottenAfter })
	return drift.Standing(of.older, c)
}
