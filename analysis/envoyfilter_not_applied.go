package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

var envoyfilterNotApplied = Check{
	Code: "ENVOYFILTER_NOT_APPLIED", Severity: Warning, Class: Unprotected,
	Subject: "EnvoyFilter",
	Title:   "An EnvoyFilter is meant for a waypoint and does nothing there",
	Explanation: "A waypoint takes an EnvoyFilter only by targetRefs that name its Gateway, or from the root namespace its class, and only patches whose context is SIDECAR_INBOUND or ANY. Selectors do not count at waypoints. Istio does not promise that any of it keeps working: what does apply is news (info). " +
		"Where a protection was meant by it, it is off.",
	Fires:  "A workloadSelector that matches only waypoint pods; a targetRef of kind Service or ServiceEntry; a Gateway target that is a waypoint with patches in context GATEWAY or WAYPOINT alone; neither selector nor target in a namespace whose only proxies are waypoints.",
	Silent: "Other proxies (sidecars, gateways) are in its reach.",
	Doubt:  "Releases to come may take the context WAYPOINT.",
	Needs:  []string{mesh.ResourceEnvoyFilters, mesh.ResourceGateways, mesh.ResourcePods},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, e := range sh.EnvoyFilters {
			if f, ok := in.envoyFilter(sh, e); ok {
				out = append(out, f)
			}
		}
		return out
	},
}

func (in *Input) envoyFilter(sh *mesh.Shard, e *mesh.EnvoyFilter) (Finding, bool) {
	if len(e.TargetRefs) > 0 {
		return in.targetedFilter(e)
	}
	waypoints, others := in.proxiesIn(sh, e)
	if len(waypoints) == 0 || others {
		return Finding{}, false
	}
	why, field := "it has no targetRefs, and waypoints are the only proxies of the namespace", "spec.targetRefs"
	if e.Selector != nil && !e.Selector.Empty() {
		why, field = "its workloadSelector matches only waypoint pods, and a waypoint does not look at selectors", "spec.workloadSelector"
	}
	return notApplied(e, why, fieldEvidence(e.Ref(), field, orWord(selectorWords(e.Selector), "absent")), waypoints), true
}

// proxiesIn finds the waypoints an EnvoyFilter without targets was meant for,
// and tells whether other proxies take it. One in the root namespace reaches
// every namespace.
func (in *Input) proxiesIn(sh *mesh.Shard, e *mesh.EnvoyFilter) (waypoints []mesh.Ref, others bool) {
	shards := []*mesh.Shard{sh}
	if sh.Namespace == in.Snap.RootNamespace() {
		shards = in.Snap.Shards
	}
	for _, s := range shards {
		for _, w := range s.Workloads {
			if w.Finished() || (e.Selector != nil && !e.Selector.Matches(w.Labels)) {
				continue
			}
			switch {
			case w.IsWaypoint():
				if g := (mesh.Ref{Kind: "Gateway", Namespace: w.Namespace, Name: w.GatewayName()}); !slices.Contains(waypoints, g) {
					waypoints = append(waypoints, g)
				}
			case w.HasSidecar() || w.GatewayName() != "" || isIngressPod(w):
				others = true
			}
		}
	}
	return waypoints, others
}

// isIngressPod tells a classic gateway's proxy, made by a chart and not from a
// Gateway.
func isIngressPod(w *mesh.Workload) bool {
	return w.Labels["istio"] == "ingressgateway" || w.Labels["istio"] == "egressgateway" || w.Labels["istio"] == "eastwestgateway" ||
		slices.ContainsFunc(w.Containers, func(c mesh.Container) bool { return c.Name == "istio-proxy" }) && w.Labels["app"] != "ztunnel"
}

// targetedFilter judges an EnvoyFilter with targetRefs.
func (in *Input) targetedFilter(e *mesh.EnvoyFilter) (Finding, bool) {
	var waypoints []mesh.Ref
	for _, t := range e.TargetRefs {
		g := in.Snap.Gateway(t.Namespace, t.Name)
		switch {
		case t.Kind == "Service" || t.Kind == "ServiceEntry":
			return notApplied(e, "an EnvoyFilter cannot target a "+t.Kind, fieldEvidence(e.Ref(), "spec.targetRefs", t.Kind+" "+t.Name), []mesh.Ref{t.Ref()}), true
		case t.Kind == "Gateway" && g != nil && g.Role() == mesh.RoleWaypoint:
			waypoints = append(waypoints, g.Ref())
		case t.Kind == "GatewayClass" && t.Name == mesh.ClassWaypoint && e.Namespace == in.Snap.RootNamespace():
			for _, w := range in.Snap.Waypoints() {
				waypoints = append(waypoints, w.Ref())
			}
		}
	}
	if len(waypoints) == 0 || len(e.Contexts) == 0 {
		return Finding{}, false
	}
	if takes := func(c string) bool { return c == "SIDECAR_INBOUND" || c == "ANY" || c == "" }; slices.ContainsFunc(e.Contexts, takes) {
		return applied(e, waypoints), true
	}
	contexts := strings.Join(slices.Compact(slices.Sorted(slices.Values(e.Contexts))), ", ")
	return notApplied(e, "all its patches are in context "+contexts, fieldEvidence(e.Ref(), "spec.configPatches[].match.context", contexts), waypoints), true
}

func notApplied(e *mesh.EnvoyFilter, why string, evidence Evidence, affects []mesh.Ref) Finding {
	f := Finding{Subject: e.Ref(), Affects: affects, Evidence: []Evidence{evidence}}
	f.Summary = fmt.Sprintf("%s does nothing at the waypoint: %s.", e.Ref(), why)
	f.Detail = "What it was to add or change there is missing, without a condition that says so."
	f.Fix = advise("Name the waypoint's Gateway in targetRefs and use the context SIDECAR_INBOUND, or better a policy, route or WasmPlugin that waypoints support. Its patches act from then on.").get(e.Ref())
	return f
}

func applied(e *mesh.EnvoyFilter, waypoints []mesh.Ref) Finding {
	f := Finding{Subject: e.Ref(), Severity: Info, Class: Risk, Affects: waypoints}
	f.Summary = fmt.Sprintf("%s changes waypoint %s in a way Istio does not support.", e.Ref(), waypoints[0].NamespacedName())
	f.Detail = "It acts now. An upgrade of Istio may change what it patches without notice."
	f.Evidence = []Evidence{fieldEvidence(e.Ref(), "spec.configPatches[].match.context", strings.Join(e.Contexts, ", "))}
	f.Fix = advise("Look at it again with every upgrade.").get(e.Ref())
	return f
}

// selectorWords is a selector in one line; empty for none.
func selectorWords(s *mesh.LabelSelector) string {
	if s == nil {
		return ""
	}
	var out []string
	for k, v := range s.MatchLabels {
		out = append(out, k+"="+v)
	}
	for _, r := range s.MatchExpressions {
		out = append(out, r.Key+" "+r.Operator+" "+strings.Join(r.Values, ","))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
