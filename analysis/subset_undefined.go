package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

var subsetUndefined = Check{
	Code: "SUBSET_UNDEFINED", Severity: Critical, Class: Breaks, Manifests: OnAllManifests,
	Subject:     "the route",
	Title:       "A route sends to a subset that nothing defines",
	Explanation: "A subset is a name that a DestinationRule gives to some of a Service's pods. The waypoint takes the DestinationRule of its own namespace, else of the Service's, else of the root namespace; where that does not define the subset there is no such cluster, and requests are answered 503 (NC, cluster_not_found).",
	Fires:       "A rule in effect at the waypoint of a Service sends to a subset that no DestinationRule in effect for the destination defines. A warning where the destination gets no share.",
	Silent:      "Some DestinationRule in effect defines it; the rule is dead; no waypoint is bound; DestinationRules are not readable.",
	Doubt:       "Where an object was created a moment ago the waypoint may not know it yet.",
	Needs:       []string{mesh.ResourceServices, mesh.ResourceGateways, mesh.ResourceVirtualServices, mesh.ResourceDestinationRules},
	Uses:        []string{mesh.ResourceNamespaces, mesh.ResourceServiceEntries, mesh.ResourceConfigMaps},
	Mesh: func(in *Input) []Finding {
		var out []Finding
		for _, u := range in.subsetUses() {
			if u.defined == nil {
				out = append(out, undefinedSubset(u))
			}
		}
		return out
	},
}

// subsetUse is a rule that sends to a subset of a service.
type subsetUse struct {
	route       *mesh.Route
	rule        actingRule
	destination mesh.Ref
	subset      string
	share       bool // it gets a share of the calls
	// rules are the DestinationRules in effect for the destination, defined
	// the one that has the subset, nil if none does.
	rules   []*mesh.DestinationRule
	defined *mesh.DestinationRule
}

// subsetUses lists the subsets that rules at waypoints send to, each once for a
// route.
func (in *Input) subsetUses() []subsetUse {
	table := in.shared.routing()
	var out []subsetUse
	for _, sh := range in.Snap.Shards {
		for _, r := range sh.Routes {
			for _, a := range table.acting[r] {
				if !a.service.IsZero() {
					out = in.addSubsetUses(out, r, a)
				}
			}
		}
	}
	return out
}

func (in *Input) addSubsetUses(out []subsetUse, r *mesh.Route, a actingRule) []subsetUse {
	for _, b := range a.spec.Backends {
		ref, ok := path.Destination(in.Snap, r, b)
		if b.Subset == "" || !ok {
			continue
		}
		u := subsetUse{route: r, rule: a, destination: ref, subset: b.Subset, share: b.Weight > 0 || len(a.spec.Backends) == 1}
		if i := slices.IndexFunc(out, u.same); i >= 0 {
			out[i].share = out[i].share || u.share
			continue
		}
		u.rules = path.DestinationRulesAt(in.Snap, a.waypoint.Namespace, ref)
		for _, d := range u.rules {
			if u.defined == nil && d.Subset(b.Subset) != nil {
				u.defined = d
			}
		}
		out = append(out, u)
	}
	return out
}

func (u subsetUse) same(o subsetUse) bool {
	return o.route == u.route && o.destination == u.destination && o.subset == u.subset
}

func undefinedSubset(u subsetUse) Finding {
	r := u.route
	f := Finding{Subject: r.Ref(), Affects: []mesh.Ref{u.rule.service}}
	f.Summary = fmt.Sprintf("%s sends to subset %s of %s, which no DestinationRule in effect defines.", r.Ref(), u.subset, u.destination.Name)
	f.Detail = "Requests that go there are answered 503 by the waypoint (NC, cluster_not_found)."
	if !u.share {
		f.Severity, f.Class = Warning, Risk
		f.Detail = "It gets no share of the calls now. As soon as it does, they are answered 503."
	}
	f.Evidence = []Evidence{fieldEvidence(r.Ref(), ruleField(r, u.rule.spec, u.rule.number), "subset "+u.subset+" of "+u.destination.String())}
	for _, d := range u.rules {
		var have []string
		for _, s := range d.Subsets {
			have = append(have, s.Name)
		}
		f.Evidence = append(f.Evidence, fieldEvidence(d.Ref(), "spec.subsets[].name", orWord(listWords(have), "none")))
	}
	if len(u.rules) == 0 {
		f.Evidence = append(f.Evidence, fieldEvidence(u.destination, "DestinationRule", "none in effect at waypoint "+u.rule.waypoint.NamespacedName()))
	}
	f.Fix = advise("Define the subset in the DestinationRule that is in effect, or send to one it has. Requests reach the subset's pods from then on.").
		get(r.Ref()).
		read("-n", u.destination.Namespace, "get", "destinationrules.networking.istio.io", "-o", "yaml")
	return f
}
