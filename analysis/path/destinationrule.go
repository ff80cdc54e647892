package path

import (
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// subsetRules are the DestinationRules in effect for one host at a waypoint:
// one, or several of one namespace and host, which Istio merges.
type subsetRules []*mesh.DestinationRule

// destinationRulesFor looks where istiod looks: beside the waypoint, beside
// the service, in the root namespace; the first place with a rule for the host
// wins, and there the most specific host (istio.md C.5). A waypoint in the
// root namespace looks there last, but for private rules. workloadSelector is
// not evaluated for inbound traffic of a waypoint.
func destinationRulesFor(s *mesh.Snapshot, waypointNamespace string, t *target) subsetRules {
	root := s.RootNamespace()
	for i, ns := range []string{waypointNamespace, t.ref.Namespace, root} {
		visible := func(d *mesh.DestinationRule) bool { return mesh.Exported(d.ExportTo, d.Namespace, waypointNamespace) }
		if i == 0 && ns == root {
			visible = func(d *mesh.DestinationRule) bool { return slices.Equal(d.ExportTo, []string{"."}) }
		}
		if got := mostSpecific(s.Shard(ns).DestinationRules, t.host, visible); len(got) > 0 {
			return got
		}
	}
	return nil
}

// mostSpecific keeps the rules of the best host: the exact one, else the
// longest wildcard; oldest first, which decides conflicts.
func mostSpecific(list []*mesh.DestinationRule, host string, visible func(*mesh.DestinationRule) bool) subsetRules {
	var out subsetRules
	best := ""
	for _, d := range list {
		h := fullHost(d.Host, d.Namespace)
		if !visible(d) || !covers(h, host) {
			continue
		}
		switch {
		case h == best:
			out = append(out, d)
		case len(out) == 0 || closer(h, best):
			out, best = subsetRules{d}, h
		}
	}
	slices.SortStableFunc(out, func(a, b *mesh.DestinationRule) int { return a.Created.Compare(b.Created) })
	return out
}

// covers tells whether a rule's host, perhaps a wildcard, includes a host.
func covers(rule, host string) bool {
	if suffix, ok := strings.CutPrefix(rule, "*"); ok {
		return strings.HasSuffix(host, suffix)
	}
	return rule == host
}

func closer(a, b string) bool {
	wildA, wildB := strings.HasPrefix(a, "*"), strings.HasPrefix(b, "*")
	if wildA != wildB {
		return wildB
	}
	return len(a) > len(b)
}

// subset finds a subset by name; of two with one name the older object's.
func (r subsetRules) subset(name string) *mesh.Subset {
	for _, d := range r {
		if s := d.Subset(name); s != nil {
			return s
		}
	}
	return nil
}

// names lists the objects for a sentence.
func (r subsetRules) names() string {
	var out []string
	for _, d := range r {
		out = append(out, d.Namespace+"/"+d.Name)
	}
	return someWords(out)
}

// DestinationRulesAt lists the DestinationRules in effect for a service at a
// waypoint in a namespace: one, or several of one namespace and host, which
// Istio merges, the oldest first.
func DestinationRulesAt(s *mesh.Snapshot, waypointNamespace string, service mesh.Ref) []*mesh.DestinationRule {
	t := targetOf(s, service)
	if t == nil {
		return nil
	}
	return destinationRulesFor(s, waypointNamespace, t)
}
