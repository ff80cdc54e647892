package path

import (
	"slices"
	"strings"
)

// split sends a way to several places of which one takes each call. Places
// with one key are alike and asked once; those that end all calls alike are
// one way, with the first of them for an example. Otherwise each way has the
// labels of its places.
func split[T any, K comparable](w *way, places []T, key func(T) K, label func(T) string, follow func(*way, T) []end) []end {
	var groups []splitGroup
	asked := make(map[K]int)
	for _, p := range places {
		i, known := asked[key(p)]
		if !known {
			ends := follow(w.fork("", 100), p)
			i = slices.IndexFunc(groups, func(g splitGroup) bool { return sameEnds(g.ends, ends) })
			if i < 0 {
				i = len(groups)
				groups = append(groups, splitGroup{ends: ends})
			}
			asked[key(p)] = i
		}
		groups[i].labels = append(groups[i].labels, label(p))
	}
	if len(groups) == 1 {
		return groups[0].ends
	}
	var out []end
	for _, g := range groups {
		for _, e := range g.ends {
			e.weight *= float64(len(g.labels)) / float64(len(places))
			at := len(w.labels)
			e.labels = slices.Insert(slices.Clone(e.labels), at, someWords(g.labels))
			out = append(out, e)
		}
	}
	return out
}

// splitGroup are places that end calls alike.
type splitGroup struct {
	ends   []end
	labels []string
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
