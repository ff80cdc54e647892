package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/mesh"
)

var accessLogOff = Check{
	Code: "ACCESS_LOG_OFF", Severity: Info, Class: Risk,
	Subject: "mesh, or the Gateway if only its logging is off",
	Title:   "A waypoint writes no access log",
	Explanation: "Istio writes no access log unless meshConfig.accessLogFile or a Telemetry asks for one. Without it nothing can be proven by a missing line, and a refusal at the waypoint leaves no trace but a counter. " +
		"A Telemetry in the root namespace switches it on for the whole mesh.",
	Fires:  "A waypoint with an address gets access logging neither from the mesh configuration nor from a Telemetry of the root namespace, its own or one that names it, or one of them disables it.",
	Silent: "Logging is on, also if a filter leaves lines out; Telemetries or the mesh configuration could not be read.",
	Doubt:  "Logging that an EnvoyFilter adds is not seen, nor what applies to one Service alone.",
	Needs:  []string{mesh.ResourceGateways, mesh.ResourceTelemetries, mesh.ResourceConfigMaps},
	Mesh: func(in *Input) []Finding {
		config := in.Snap.MeshConfig()
		if config.Name == "" || config.Malformed != "" {
			return nil // what nobody read may ask for a log
		}
		var silent []*mesh.Waypoint
		all := 0
		for _, w := range in.Snap.Waypoints() {
			if !w.HasAddress() {
				continue
			}
			if all++; !in.logs(w.Gateway) {
				silent = append(silent, w)
			}
		}
		if len(silent) > 0 && len(silent) == all {
			return []Finding{in.noAccessLog(mesh.MeshRef, silent)}
		}
		var out []Finding
		for _, w := range silent {
			out = append(out, in.noAccessLog(w.Ref(), []*mesh.Waypoint{w}))
		}
		return out
	},
}

// logs tells whether a waypoint gets access logging. The most particular
// Telemetry that speaks of logging decides: one that names the Gateway, one of
// its namespace, one of the root namespace, the mesh configuration (istio
// pilot/pkg/model/telemetry.go).
func (in *Input) logs(g *mesh.Gateway) bool {
	for _, level := range in.telemetriesFor(g) {
		on, said := false, false
		for _, t := range level {
			for i := range t.AccessLogging {
				said = true
				on = on || (!t.AccessLogging[i].Disabled && t.AccessLogging[i].Mode != "CLIENT")
			}
		}
		if said {
			return on
		}
	}
	config := in.Snap.MeshConfig()
	return config.AccessLogFile != "" || len(config.DefaultLogProviders) > 0
}

// telemetriesFor lists the Telemetries that reach a waypoint, the most
// particular ones first.
func (in *Input) telemetriesFor(g *mesh.Gateway) [][]*mesh.Telemetry {
	var named, own, root []*mesh.Telemetry
	for _, t := range in.Snap.Shard(g.Namespace).Telemetries {
		switch {
		case slices.ContainsFunc(t.TargetRefs, func(ref mesh.TargetRef) bool { return ref.Ref() == g.Ref() }):
			named = append(named, t)
		case len(t.TargetRefs) == 0 && t.Selector == nil:
			own = append(own, t)
		}
	}
	for _, t := range in.Snap.Shard(in.Snap.RootNamespace()).Telemetries {
		forClass := slices.ContainsFunc(t.TargetRefs, func(ref mesh.TargetRef) bool { return ref.Kind == "GatewayClass" && ref.Name == g.Class })
		if forClass || (len(t.TargetRefs) == 0 && t.Selector == nil) {
			root = append(root, t)
		}
	}
	return [][]*mesh.Telemetry{named, own, root}
}

func (in *Input) noAccessLog(subject mesh.Ref, silent []*mesh.Waypoint) Finding {
	config := in.Snap.MeshConfig()
	f := Finding{Subject: subject, Affects: refs(silent)}
	f.Summary = "No waypoint writes an access log."
	if subject != mesh.MeshRef {
		f.Summary = fmt.Sprintf("Waypoint %s writes no access log.", subject.NamespacedName())
	}
	f.Detail = "No line is written about requests, so a missing line proves nothing, and what the waypoint refused cannot be looked up."
	f.Evidence = []Evidence{fieldEvidence(config.Ref(), "data.mesh.accessLogFile", orWord(config.AccessLogFile, "not set"))}
	for _, level := range in.telemetriesFor(silent[0].Gateway) {
		for _, t := range level {
			if len(t.AccessLogging) > 0 && len(f.Evidence) < namedAtMost {
				f.Evidence = append(f.Evidence, fieldEvidence(t.Ref(), "spec.accessLogging", "disabled"))
			}
		}
	}
	root := in.Snap.RootNamespace()
	f.Fix = advise("A Telemetry with accessLogging: [{providers: [{name: envoy}]}] in the root namespace switches it on everywhere; in the waypoint's namespace, there. It costs some CPU and log volume and changes nothing else.").
		read("get", "telemetries.telemetry.istio.io", "-A", "-o", "yaml").
		read("-n", root, "get", "configmap/istio", "-o", "jsonpath={.data.mesh}")
	return f
}

func orWord(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
