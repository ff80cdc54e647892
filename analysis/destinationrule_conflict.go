package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

var destinationruleConflict = Check{
	Code: "DESTINATIONRULE_CONFLICT", Severity: Warning, Class: Risk, Manifests: OnSomeManifests,
	Subject: "DestinationRule: the later one, or the one that is hidden",
	Title:   "Two DestinationRules for one host do not both apply",
	Explanation: "Rules of one namespace for the same host are merged: subsets are added up, the traffic policy of the older one wins, and of two subsets with one name the older one's counts. Where their exportTo differs the last one wins whole. " +
		"Rules of different namespaces are never merged: one in the waypoint's namespace, even with a wildcard host, hides one in the Service's.",
	Fires:  "Two rules of a namespace for the same host both have a trafficPolicy, define a subset of the same name, or differ in exportTo; or a rule of the waypoint's namespace hides one of the Service's.",
	Silent: "Their subsets are disjoint and only one has a traffic policy: they are merged; the rules are for different hosts.",
	Doubt:  "Callers with a sidecar look beside themselves first, and may find another rule.",
	Needs:  []string{mesh.ResourceDestinationRules, mesh.ResourceServices, mesh.ResourceGateways}, Uses: []string{mesh.ResourceNamespaces, mesh.ResourceServiceEntries},
	Mesh: func(in *Input) []Finding {
		var out []Finding
		for _, sh := range in.Snap.Shards {
			out = append(out, in.mergedRules(sh)...)
			for _, svc := range sh.Services {
				out = append(out, in.hiddenRules(sh, svc)...)
			}
		}
		return out
	},
}

// mergedRules finds rules of one namespace that stand in each other's way.
func (in *Input) mergedRules(sh *mesh.Shard) []Finding {
	rules := slices.Clone(sh.DestinationRules)
	slices.SortStableFunc(rules, func(a, b *mesh.DestinationRule) int { return a.Created.Compare(b.Created) })
	var out []Finding
	for i, later := range rules {
		for _, older := range rules[:i] {
			if !in.sameHost(older, later) {
				continue
			}
			if field, text := clash(older, later); field != "" {
				out = append(out, conflict(later, older, field, text))
			}
		}
	}
	return out
}

// sameHost compares the hosts of two rules of one namespace, short names and
// full ones alike.
func (in *Input) sameHost(a, b *mesh.DestinationRule) bool {
	if a.Host == b.Host {
		return true
	}
	nameA, nsA := serviceOfHost(a.Host, a.Namespace)
	nameB, nsB := serviceOfHost(b.Host, b.Namespace)
	return nsA != "" && nameA == nameB && nsA == nsB && in.Snap.Service(nsA, nameA) != nil
}

// clash says which field of two merged rules does not both apply, and how.
func clash(older, later *mesh.DestinationRule) (field, text string) {
	x, y := slices.Sorted(slices.Values(older.ExportTo)), slices.Sorted(slices.Values(later.ExportTo))
	if !slices.Equal(x, y) {
		return "spec.exportTo", "they differ, so they are not merged: the last one counts whole"
	}
	for i := range later.Subsets {
		if older.Subset(later.Subsets[i].Name) != nil {
			return "spec.subsets[" + later.Subsets[i].Name + "]", "both define it, and the older one's counts"
		}
	}
	if older.Policy != nil && later.Policy != nil {
		return "spec.trafficPolicy", "both have one, and the older one's counts"
	}
	return "", ""
}

// hiddenRules finds rules beside a Service that the waypoint does not look at
// because one in its own namespace comes first.
func (in *Input) hiddenRules(sh *mesh.Shard, svc *mesh.Service) []Finding {
	if len(sh.DestinationRules) == 0 {
		return nil
	}
	b := in.Snap.ServiceBinding(svc)
	if !b.Bound() || b.Waypoint.Namespace == sh.Namespace {
		return nil
	}
	inEffect := path.DestinationRulesAt(in.Snap, b.Waypoint.Namespace, svc.Ref())
	if len(inEffect) == 0 || inEffect[0].Namespace == sh.Namespace {
		return nil
	}
	var out []Finding
	for _, d := range sh.DestinationRules {
		if name, ns := serviceOfHost(d.Host, d.Namespace); name == svc.Name && ns == svc.Namespace {
			f := conflict(d, inEffect[0], "metadata.namespace", fmt.Sprintf("it is in the namespace of waypoint %s, which looks there first", b.Waypoint.NamespacedName()))
			f.Affects = []mesh.Ref{svc.Ref()}
			out = append(out, f)
		}
	}
	return out
}

func conflict(loser, winner *mesh.DestinationRule, field, text string) Finding {
	f := Finding{Subject: loser.Ref()}
	f.Summary = fmt.Sprintf("%s and %s are for the same host, and %s does not apply as written.", winner.Ref(), loser.Ref(), loser.Name)
	f.Detail = fmt.Sprintf("%s: %s.", field, text)
	f.Evidence = []Evidence{
		fieldEvidence(winner.Ref(), field, text),
		fieldEvidence(winner.Ref(), "metadata.creationTimestamp", timeText(winner.Created)),
		fieldEvidence(loser.Ref(), "metadata.creationTimestamp", timeText(loser.Created)),
	}
	f.Fix = advise("Put both into one object. What it says applies to all calls to the host from then on.").get(winner.Ref()).get(loser.Ref())
	return f
}
