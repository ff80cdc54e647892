package main

import (
	"time"

	"github.com/waylight/waylight/analysis/drift"
	"github.com/waylight/waylight/mesh"
)

// standsAfter is how old an earlier look must be to tell what stands from what
// passes.
const standsAfter = time.Minute

// driftLooks compares dumps that are read again and again, and lists only what
// stands. It is for one goroutine.
type driftLooks map[string]*twoLooks

// twoLooks are the last look at a node that is old enough, and one that is
// going to be.
type twoLooks struct {
	older []mesh.Difference
	newer []mesh.Difference
	since time.Time // of newer
}

func (l driftLooks) compare(snap *mesh.Snapshot, dump *mesh.ZtunnelDump) []mesh.Difference {
	now := drift.Ztunnel(snap, dump, dump.At)
	of := l[dump.Node]
	switch {
	case of == nil:
		of = &twoLooks{newer: now, since: dump.At}
		l[dump.Node] = of
	case dump.At.Sub(of.since) >= standsAfter:
		of.older, of.newer, of.since = of.newer, now, dump.At
	}
	return drift.Standing(of.older, now)
}
