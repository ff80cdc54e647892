package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

var routeKindsMixed = Check{
	Code: "ROUTE_KINDS_MIXED", Severity: Warning, Class: Risk, Manifests: OnSomeManifests,
	Subject: "Service",
	Title:   "A VirtualService and a Gateway API route are for the same Service",
	Explanation: "A waypoint puts the rules of both into one list: private VirtualServices, exported ones, Gateway API routes beside the waypoint, everything else by age. Few expect that order, and a rule that is added without a match makes all behind it dead. " +
		"Keep the rules for one host in objects of one kind.",
	Fires:  "At the waypoint of a Service, for the same port, rules of a VirtualService and of an HTTPRoute or its like are in effect. Before Istio 1.30 also an HTTPRoute beside a GRPCRoute.",
	Silent: "Some of these rules are dead, which ROUTE_SHADOWED reports; only one kind is in effect.",
	Doubt:  "Where their matches never overlap the order makes no difference.",
	Needs:  []string{mesh.ResourceServices, mesh.ResourceGateways, mesh.ResourceVirtualServices, mesh.ResourceHTTPRoutes},
	Uses:   []string{mesh.ResourceNamespaces, mesh.ResourceGRPCRoutes, mesh.ResourceTCPRoutes, mesh.ResourceTLSRoutes, mesh.ResourceServiceEntries},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range in.shared.routing().ports {
			if p.service.Namespace == sh.Namespace {
				if f, ok := in.mixedKinds(p); ok {
					out = append(out, f)
				}
			}
		}
		return out
	},
}

// mergedRoutes is the first minor release that merges HTTPRoutes and
// GRPCRoutes for one host.
const mergedRoutes = 30

func (in *Input) mixedKinds(p portRouting) (Finding, bool) {
	var objects []*mesh.Route
	var kinds []string
	for _, r := range p.Rules {
		if r.Dead && r.By != r.Route {
			return Finding{}, false
		}
		if !slices.Contains(objects, r.Route) {
			objects = append(objects, r.Route)
		}
		if kind := in.mixedAs(r.Route); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	if len(kinds) < 2 || slices.ContainsFunc(p.Ignored, func(i path.IgnoredRoute) bool { return i.By != nil }) {
		return Finding{}, false
	}
	f := Finding{Subject: p.service, Affects: refs(objects)}
	f.Summary = fmt.Sprintf("Routes of different kinds (%s) are for %s, and their rules are tried one after the other.", strings.Join(kinds, ", "), p.service)
	f.Detail = fmt.Sprintf("On port %d the first rule that matches decides; those of %s come first.", p.port.Port, objects[0].Ref())
	for i, r := range objects {
		f.Evidence = append(f.Evidence, fieldEvidence(r.Ref(), "metadata.creationTimestamp", fmt.Sprintf("%s, number %d in order", timeText(r.Created), i+1)))
	}
	f.Fix = advise("Move all rules for the host into objects of one kind. Check the order of rules when you do: the first that matches decides.")
	for _, r := range objects {
		f.Fix = f.Fix.get(r.Ref())
	}
	return f, true
}

// mixedAs is the kind that counts as one in the order of rules.
func (in *Input) mixedAs(r *mesh.Route) string {
	if r.Kind == "GRPCRoute" {
		if v, ok := parseRelease(in.Snap.Cluster.IstioVersion); !ok || v.minor >= mergedRoutes {
			return "HTTPRoute"
		}
	}
	return r.Kind
}
