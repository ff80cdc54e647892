package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/mesh"
)

var neverAtWaypoint = Check{
	Code: "NEVER_AT_WAYPOINT", Severity: Critical, Class: Unprotected,
	Subject: "RequestAuthentication, WasmPlugin or TrafficExtension",
	Title:   "A token rule or extension without targetRefs does nothing in ambient",
	Explanation: "Selectors do not count at waypoints, and ztunnel reads neither tokens nor requests. A RequestAuthentication, WasmPlugin or TrafficExtension without targetRefs acts neither before captured pods nor at a waypoint: no token is checked, no extension runs, and nothing says so. " +
		"Name the Service or the waypoint's Gateway in targetRefs.",
	Fires:  "It has no targetRefs, and a captured pod or the pod of a waypoint is in its reach. A warning where pods with a sidecar or gateways are in its reach too.",
	Silent: "It has targetRefs; only sidecars and gateways are in its reach; nothing captured and no waypoint is.",
	Doubt:  "It may be meant for the sidecars or gateways alone.",
	Needs:  []string{mesh.ResourcePods}, Uses: []string{mesh.ResourceRequestAuthentications, mesh.ResourceWasmPlugins, mesh.ResourceTrafficExtensions},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		add := func(r mesh.Ref, selector *mesh.LabelSelector, targets []mesh.TargetRef) {
			if len(targets) > 0 {
				return
			}
			if f, ok := in.reachesNobody(r, selector); ok {
				out = append(out, f)
			}
		}
		for _, r := range sh.RequestAuths {
			add(r.Ref(), r.Selector, r.TargetRefs)
		}
		for _, p := range sh.WasmPlugins {
			add(p.Ref(), p.Selector, p.TargetRefs)
		}
		for _, e := range sh.TrafficExtensions {
			add(e.Ref(), e.Selector, e.TargetRefs)
		}
		return out
	},
}

func (in *Input) reachesNobody(r mesh.Ref, selector *mesh.LabelSelector) (Finding, bool) {
	if selector != nil && selector.Empty() {
		selector = nil // for these kinds an empty selector is as good as none
	}
	pods := in.reachOf(r.Namespace, selector)
	untaken := slices.Concat(pods.captured, pods.waypoints)
	if len(untaken) == 0 {
		return Finding{}, false
	}
	f := Finding{Subject: r, Affects: in.ownersAndServices(untaken)}
	f.Summary = fmt.Sprintf("%s does nothing for %s in its reach: it has no targetRefs.", r, countPods(len(untaken)))
	f.Detail = "No waypoint takes it, and ztunnel reads no token: requests pass unchecked (fail-open)."
	if r.Kind != "RequestAuthentication" {
		f.Detail = "No waypoint takes it, and ztunnel runs no extension: requests pass without it."
	}
	f.Evidence = []Evidence{fieldEvidence(r, "spec.targetRefs", "absent"), fieldEvidence(r, "spec.selector", orWord(selectorWords(selector), "absent"))}
	if len(pods.others) > 0 {
		f.Severity, f.Class = Warning, Risk
		f.Detail += fmt.Sprintf(" It does act on %s with a proxy of their own.", countPods(len(pods.others)))
	}
	f.Fix = advise("Name the Service or the waypoint's Gateway in targetRefs, in the same namespace. " + takingEffect(r)).get(r)
	return f, true
}

// takingEffect says what a fix changes for callers.
func takingEffect(r mesh.Ref) string {
	if r.Kind == "RequestAuthentication" {
		return "Wrong tokens are refused with 401 from then on."
	}
	return "It runs on every request from then on."
}
