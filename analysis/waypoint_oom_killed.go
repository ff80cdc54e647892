package analysis

import (
	"fmt"
	"time"

	"github.com/waylight/waylight/mesh"
)

var waypointOOMKilled = Check{
	Code: "WAYPOINT_OOM_KILLED", Severity: Error, Class: Risk,
	Subject: "Gateway",
	Title:   "A waypoint ran out of memory",
	Explanation: "The kernel killed a waypoint's proxy because it needed more memory than its limit. All connections through that replica were cut, and the rest had to take its load. Envoy's memory grows with the number of services and routes it is sent and with open connections: " +
		"raise the limit, add replicas, or split what the waypoint serves.",
	Fires:  "A container of the waypoint's pods was last terminated with the reason OOMKilled within 24 hours.",
	Silent: "The kill is longer ago; another container ended with another reason.",
	Doubt:  "Only the last end of each container is known to Kubernetes: one before it, or of a pod that is gone, is not seen.",
	Needs:  []string{mesh.ResourceGateways, mesh.ResourcePods},
	Mesh: func(in *Input) []Finding {
		var out []Finding
		for _, w := range in.Snap.Waypoints() {
			if evidence := in.memoryKills(w); len(evidence) > 0 {
				out = append(out, outOfMemory(w, evidence))
			}
		}
		return out
	},
}

// oomWindow is how long a kill stays worth a word.
const oomWindow = 24 * time.Hour

func (in *Input) memoryKills(w *mesh.Waypoint) []Evidence {
	var out []Evidence
	for _, p := range w.Pods {
		for i := range p.Containers {
			c := &p.Containers[i]
			if c.LastExit == nil || c.LastExit.Reason != "OOMKilled" || in.Now.Sub(c.LastExit.At) > oomWindow {
				continue
			}
			e := fieldEvidence(p.Ref(), "status.containerStatuses["+c.Name+"].lastState.terminated", fmt.Sprintf("OOMKilled, %d restarts, limit %s", c.RestartCount, memoryText(c.Limits.MemoryBytes)))
			e.Time = timeText(c.LastExit.At)
			out = append(out, e)
		}
	}
	return out
}

// memoryText is an amount as Kubernetes writes it.
func memoryText(bytes int64) string {
	const mebi = 1 << 20
	if bytes == 0 {
		return "none"
	}
	return fmt.Sprintf("%d Mi", bytes/mebi)
}

func outOfMemory(w *mesh.Waypoint, evidence []Evidence) Finding {
	f := Finding{Subject: w.Ref(), Affects: w.Dependents, Evidence: evidence}
	f.Summary = fmt.Sprintf("A proxy of waypoint %s was killed for want of memory.", w.Ref().NamespacedName())
	f.Detail = fmt.Sprintf("Its connections were cut. It takes calls to %s, and will be killed again under the same load.", servedNames(w))
	f.Fix = advise("Raise the memory limit of the waypoint (by a ConfigMap named in spec.infrastructure.parametersRef of its Gateway), or add replicas. Changing it restarts its pods one by one.").
		read("-n", w.Namespace, "top", "pods", "-l", mesh.LabelGatewayName+"="+w.Name, "--containers").
		read("-n", w.Namespace, "describe", "pods", "-l", mesh.LabelGatewayName+"="+w.Name)
	return f
}

// servedNames says in a sentence what calls a waypoint takes.
func servedNames(w *mesh.Waypoint) string {
	if len(w.Dependents) == 0 {
		return "nothing now"
	}
	return names(w.Dependents)
}
