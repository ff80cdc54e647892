package analysis

import (
	"time"

	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
)

// memory is what a run knows of each namespace and leaves to the next one.
type memory struct {
	snap   *mesh.Snapshot
	now    time.Time
	places map[*mesh.Shard]*place
	// certificates are those of each node, with what they follow from.
	certificates map[string]ztunnelCertificates
	// counts is counted traffic, which mostly stays the same for many snapshots.
	counts *traffic.Counts
}

// place is what was found out about one namespace, by what was asked. Answers
// that rest on what proxies said are kept apart, since those change on their
// own.
type place struct {
	own, proxies map[string]any
}

// nextMemory keeps of an earlier run what must still be so. Nil is no run.
func nextMemory(in Input, last *memory) *memory {
	m := &memory{snap: in.Snap, now: in.Now, places: make(map[*mesh.Shard]*place, len(in.Snap.Shards)), certificates: make(map[string]ztunnelCertificates)}
	if last == nil {
		m.counts = traffic.New(in.Snap)
		return m
	}
	// These are found again by what they follow from.
	m.counts, m.certificates = last.counts.For(in.Snap), last.certificates
	if in.Now.Before(last.now) || !in.Snap.SameFrame(last.snap) {
		return m
	}
	sameProxies := in.Snap.SameEvidence(last.snap)
	for _, sh := range in.Snap.Shards {
		p := last.places[sh]
		if p == nil || last.now.Sub(sh.LastChange()) < settlingTime {
			continue // another namespace, or one that ages have made another
		}
		if !sameProxies {
			p = &place{own: p.own}
		}
		m.places[sh] = p
	}
	return m
}

// of are the answers about a namespace that rest on no more than a sight.
func (m *memory) of(sh *mesh.Shard, sight Sight) map[string]any {
	p := m.places[sh]
	if p == nil {
		p = &place{own: make(map[string]any)}
		m.places[sh] = p
	}
	if sight == SightNamespace {
		return p.own
	}
	if p.proxies == nil {
		p.proxies = make(map[string]any)
	}
	return p.proxies
}

// remember finds something out about a namespace, unless it is known already.
// find must look no further than sight says, which is not SightMesh, and what
// it returns must not be changed by anybody.
func remember[T any](in *Input, sh *mesh.Shard, sight Sight, what string, find func() T) T {
	known := in.memory.of(sh, sight)
	if v, ok := known[what].(T); ok {
		return v
	}
	v := find()
	known[what] = v
	return v
}

// said is what a check said of one namespace, and what it could not see.
type said struct {
	findings []Finding
	missed   []HeldBack
}

// say is what a check says of a namespace, anew only where it could say
// something else than before.
func (in *Input) say(c *Check, sh *mesh.Shard) []Finding {
	if c.Sight == SightMesh {
		return c.Namespace(in, sh)
	}
	s := remember(in, sh, c.Sight, c.Code, func() said {
		findings := c.Namespace(in, sh)
		return said{findings, in.missed}
	})
	in.missed = s.missed
	return s.findings
}
