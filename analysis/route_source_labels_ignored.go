package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var routeSourceLabelsIgnored = Check{
	Code: "ROUTE_SOURCE_LABELS_IGNORED", Severity: Warning, Class: Risk, Manifests: OnSomeManifests,
	Subject: "VirtualService",
	Title:   "A match on the caller's labels does not work at a waypoint",
	Explanation: "sourceLabels and sourceNamespace are decided when a sidecar is configured, by the sidecar's own labels. At a waypoint a match with sourceLabels is dropped whole, and sourceNamespace is compared with the waypoint's own namespace, never with the caller's. " +
		"Match on a header, or let an AuthorizationPolicy decide by identity.",
	Fires:  "A VirtualService in effect for a Service that is bound to a waypoint has a match with sourceLabels, or with a sourceNamespace.",
	Silent: "No waypoint is bound to its hosts; the VirtualService is for gateways alone.",
	Doubt:  "Callers with a sidecar go by the match as it is written.",
	Needs:  []string{mesh.ResourceVirtualServices, mesh.ResourceServices, mesh.ResourceGateways}, Uses: []string{mesh.ResourceNamespaces, mesh.ResourceServiceEntries},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, r := range sh.Routes {
			if r.Kind != "VirtualService" || !matchesOnSource(r) {
				continue
			}
			for _, service := range in.meshParents(r) {
				if b := in.bindingOf(service); b.Bound() && (r.Namespace == service.Namespace || r.Namespace == b.Waypoint.Namespace) {
					out = append(out, ignoredSource(r, service, b))
					break
				}
			}
		}
		return out
	},
}

func matchesOnSource(r *mesh.Route) bool {
	for i := range r.Rules {
		for _, m := range r.Rules[i].Matches {
			if len(m.SourceLabels) > 0 || m.SourceNamespace != "" {
				return true
			}
		}
	}
	return false
}

func ignoredSource(r *mesh.Route, service mesh.Ref, b mesh.Binding) Finding {
	f := Finding{Subject: r.Ref(), Affects: []mesh.Ref{service}}
	f.Summary = fmt.Sprintf("%s matches on who calls, which waypoint %s does not evaluate.", r.Ref(), b.Waypoint.NamespacedName())
	f.Detail = "A match with sourceLabels is dropped; one with sourceNamespace holds for every caller or for none."
	for i := range r.Rules {
		rule := &r.Rules[i]
		for _, m := range rule.Matches {
			if len(m.SourceLabels) > 0 {
				f.Evidence = append(f.Evidence, fieldEvidence(r.Ref(), ruleField(r, rule, i+1)+".match[].sourceLabels", selectorWords(&mesh.LabelSelector{MatchLabels: m.SourceLabels})))
			}
			if m.SourceNamespace != "" {
				f.Evidence = append(f.Evidence, fieldEvidence(r.Ref(), ruleField(r, rule, i+1)+".match[].sourceNamespace", fmt.Sprintf("%s, compared with the waypoint's namespace %s", m.SourceNamespace, b.Waypoint.Namespace)))
			}
		}
	}
	f.Fix = advise("Match on a header the callers set, or decide by identity in an AuthorizationPolicy. Requests are routed by the new match from then on.").get(r.Ref())
	return f
}
