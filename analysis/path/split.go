package path

import (
	"slices"
	"strings"
)

// place is somewhere a call may go to, or come from.
type place[K comparable] interface {
	// key is equal for places that treat calls alike for sure.
	key() K
	name() string
	// parts is how many the place stands for.
	parts() int
}

// split sends a way to several places of which one takes each call. Places
// with one key are alike and asked once; those that end all calls alike are
// one way, with the first of them for an example. Otherwise each way has the
// labels of its places.
func split[P place[K], K comparable](w *way, places []P, follow func(*way, P) []end) []end {
	var groups []splitGroup
	asked := make(map[K]int)
	all := 0
	for _, p := range places {
		i, known := asked[p.key()]
		if !known {
			ends := follow(w.fork("", 100), p)
			i = slices.IndexFunc(groups, func(g splitGroup) bool { return sameEnds(g.ends, ends) })
			if i < 0 {
				i = len(groups)
				groups = append(groups, splitGroup{ends: ends})
			}
			asked[p.key()] = i
		}
		groups[i].labels = append(groups[i].labels, p.name())
		groups[i].parts += p.parts()
		all += p.parts()
	}
	if len(groups) == 1 {
		return groups[0].ends
	}
	var out []end
	for _, g := range groups {
		out = append(out, g.labelled(len(w.labels), float64(g.parts)/float64(all))...)
	}
	return out
}

// splitGroup are places that end calls alike.
type splitGroup struct {
	ends   []end
	labels []string
	parts  int
}

// labelled are the ends with the labels of the places, put where those of the
// way so far end, and their part of the calls.
func (g splitGroup) labelled(at int, share float64) []end {
	for i := range g.ends {
		e := &g.ends[i]
		e.weight *= share
		e.labels = slices.Insert(slices.Clone(e.labels), at, someWords(g.labels))
	}
	return g.ends
}

// sameEnds tells that two places treat calls alike, whatever they are called.
func sameEnds(a, b []end) bool {
	return slices.EqualFunc(a, b, func(x, y end) bool {
		return x.verdict == y.verdict && x.code == y.code && x.outcome == y.outcome && strings.Join(x.labels, "\n") == strings.Join(y.labels, "\n") &&
			slices.EqualFunc(x.hops, y.hops, func(g, h Hop) bool {
				return g.Kind == h.Kind && g.Result == h.Result && g.Code == h.Code && g.DecidedBy == h.DecidedBy && g.Transport == h.Transport && (g.Contradiction == "") == (h.Contradiction == "")
			})
	})
}
