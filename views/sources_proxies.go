package views

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// ProxyReads sums up how far the proxies of a kind were read: there can be as
// many sources as nodes.
type ProxyReads struct {
	// Source stands for all of them: "ztunnel/*".
	Source string
	// Words count what was read: "dumps of 37 of 200 nodes read".
	Words string
	// Oldest is when the oldest of what is kept was read; zero for nothing.
	Oldest time.Time
	// Rest says how the others stand: "3 forbidden, 160 starting"; empty where
	// all were read.
	Rest string
}

// newProxyReads sums up the kinds that are asked at all.
func newProxyReads(s *mesh.Snapshot, sources mesh.Sources) []ProxyReads {
	var out []ProxyReads
	for _, k := range []struct {
		kind  string
		read  map[string]time.Time // by source
		words func(read, all int) string
	}{
		{"ztunnel", ztunnelReads(s), func(read, all int) string { return "dumps of " + number(read) + " of " + plural(all, "node") + " read" }},
		{"envoy", envoyReads(s), func(read, all int) string {
			return "dumps of " + number(read) + " of " + plural(all, "waypoint proxy", "waypoint proxies") + " read"
		}},
		{"istiod", istiodReads(s), func(read, all int) string { return number(read) + " of " + plural(all, "istiod") + " asked" }},
	} {
		reads, all := countReads(k.kind, k.read, sources)
		if all > 0 {
			reads.Words = k.words(len(k.read), all)
			out = append(out, reads)
		}
	}
	return out
}

// countReads goes through the sources of a kind; one that is gone is none.
func countReads(kind string, read map[string]time.Time, sources mesh.Sources) (r ProxyReads, all int) {
	r.Source, all = kind+"/*", len(read)
	for _, at := range read {
		if r.Oldest.IsZero() || at.Before(r.Oldest) {
			r.Oldest = at
		}
	}
	rest := make(map[mesh.SourceState]int)
	for _, st := range sources {
		_, has := read[st.Name]
		if strings.HasPrefix(st.Name, kind+"/") && st.State != mesh.SourceAbsent && !has {
			all++
			rest[st.State]++
		}
	}
	var words []string
	for _, state := range slices.Sorted(maps.Keys(rest)) {
		words = append(words, number(rest[state])+" "+string(state))
	}
	r.Rest = strings.Join(words, ", ")
	return r, all
}

func ztunnelReads(s *mesh.Snapshot) map[string]time.Time {
	out := make(map[string]time.Time)
	for _, e := range s.ZtunnelEvidences() {
		out["ztunnel/"+e.Name] = e.At
	}
	return out
}

func envoyReads(s *mesh.Snapshot) map[string]time.Time {
	out := make(map[string]time.Time)
	for _, e := range s.EnvoyEvidences() {
		out["envoy/"+e.Name] = e.At
	}
	return out
}

func istiodReads(s *mesh.Snapshot) map[string]time.Time {
	out := make(map[string]time.Time)
	for _, e := range s.SyncEvidences() {
		out["istiod/"+e.Name] = e.At
	}
	return out
}
