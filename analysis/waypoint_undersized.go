package analysis

import (
	"fmt"

	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
)

var waypointUndersized = Check{
	Code: "WAYPOINT_UNDERSIZED", Severity: Warning, Class: Risk,
	Subject: "Gateway",
	Title:   "A waypoint is too small for its load",
	Explanation: "A waypoint near its limit of CPU answers slowly, and one near its limit of memory is killed. Connections that all go to one replica have the same effect as a single replica. " +
		"Raise the limits, or add replicas.",
	Fires:  "A replica uses more than 90 % of its limit of CPU or memory, or one has more than four times the connections of another, by more than chance explains.",
	Silent: "No limit is set; what containers use is not known; few connections; a replica that became ready within the window, or whose counters began anew.",
	Doubt:  "A moment's use is not a trend.",
	Needs:  []string{mesh.ResourceGateways, mesh.ResourcePods, countedTraffic},
	Mesh: func(in *Input) []Finding {
		var out []Finding
		for _, w := range in.Snap.Waypoints() {
			if evidence := in.overload(w); len(evidence) > 0 {
				out = append(out, undersized(w, evidence))
			}
		}
		return out
	},
}

func (in *Input) overload(w *mesh.Waypoint) []Evidence {
	if in.counts() == nil {
		return nil
	}
	sizing := in.counts().SizingOf(w)
	var out []Evidence
	for i := range sizing.Replicas {
		r := &sizing.Replicas[i]
		if share, known := r.CPUShare(); known && share > traffic.NearLimit {
			out = append(out, in.countedEvidence(r.Pod.Ref(), "container_cpu_usage_seconds_total", fmt.Sprintf("%.2f cores, %.0f %% of the limit of %.2f,", r.CPU, share, r.CPULimit)))
		}
		if share, known := r.MemoryShare(); known && share > traffic.NearLimit {
			out = append(out, in.countedEvidence(r.Pod.Ref(), "container_memory_working_set_bytes", fmt.Sprintf("%s, %.0f %% of the limit of %s,", memoryText(int64(r.Memory)), share, memoryText(int64(r.MemoryLimit)))))
		}
	}
	return append(out, in.unevenness(sizing)...)
}

// unevenness speaks of replicas that were all there before the window: a new
// one gets connections as old ones close.
func (in *Input) unevenness(sizing traffic.Sizing) []Evidence {
	var old traffic.Sizing
	for _, r := range sizing.Replicas {
		if c := r.Pod.Conditions.Find("Ready"); r.Pod.Started.Before(in.counts().Began()) && (c == nil || c.Since.Before(in.counts().Began())) {
			old.Replicas = append(old.Replicas, r)
		}
	}
	most, least, found := old.Uneven()
	if !found {
		return nil
	}
	return []Evidence{
		in.countedEvidence(most.Pod.Ref(), "envoy_server_total_connections", fmt.Sprintf("%.0f connections at the last reading", most.Connections)),
		in.countedEvidence(least.Pod.Ref(), "envoy_server_total_connections", fmt.Sprintf("%.0f connections at the last reading", least.Connections)),
	}
}

func undersized(w *mesh.Waypoint, evidence []Evidence) Finding {
	f := Finding{Subject: w.Ref(), Affects: w.Dependents, Evidence: shorten(evidence)}
	f.Summary = fmt.Sprintf("Waypoint %s is too small for its load, or its load lies on one replica.", w.Ref().NamespacedName())
	f.Detail = fmt.Sprintf("It takes calls to %s, which become slow first, and fail when the replica is throttled or killed.", servedNames(w))
	f.Fix = advise("Raise the waypoint's limits (by a ConfigMap named in spec.infrastructure.parametersRef of its Gateway) or add replicas. Connections stay where they are: only new ones go to a new replica.").
		read("-n", w.Namespace, "top", "pods", "-l", mesh.LabelGatewayName+"="+w.Name, "--containers").
		read("-n", w.Namespace, "get", "deployments,horizontalpodautoscalers", "-o", "wide")
	return f
}
