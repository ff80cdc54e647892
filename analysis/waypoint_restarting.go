package analysis

import (
	"fmt"
	"time"

	"github.com/waylight/waylight/mesh"
)

var waypointRestarting = Check{
	Code: "WAYPOINT_RESTARTING", Severity: Warning, Class: Risk,
	Subject: "Gateway",
	Title:   "A waypoint restarts again and again",
	Explanation: "Containers of the waypoint's pods ended and were started again at least three times within the hour. With each restart the connections through that replica are cut, and while none is ready every call to its dependents fails. " +
		"The log of the container's last run says why it ended.",
	Fires:  "A container of the waypoint's pods has three or more restarts, and all of them can only have been within the last hour: the pod is no older, or the container waits in CrashLoopBackOff after an end within the hour.",
	Silent: "The restarts were spread over a longer time; the reason is want of memory, which WAYPOINT_OOM_KILLED reports.",
	Doubt:  "Kubernetes counts restarts and keeps the time of the last one only.",
	Needs:  []string{mesh.ResourceGateways, mesh.ResourcePods},
	Mesh: func(in *Input) []Finding {
		var out []Finding
		for _, w := range in.Snap.Waypoints() {
			if evidence := in.restarts(w); len(evidence) > 0 && len(in.memoryKills(w)) == 0 {
				out = append(out, restarting(w, evidence))
			}
		}
		return out
	},
}

const (
	restartWindow = time.Hour
	manyRestarts  = 3
	crashLoop     = "CrashLoopBackOff"
)

func (in *Input) restarts(w *mesh.Waypoint) []Evidence {
	var out []Evidence
	for _, p := range w.Pods {
		young := in.Now.Sub(p.Created) <= restartWindow
		for i := range p.Containers {
			c := &p.Containers[i]
			last := c.LastExit
			if c.RestartCount < manyRestarts || last == nil || in.Now.Sub(last.At) > restartWindow || (!young && c.Waiting != crashLoop) {
				continue
			}
			e := fieldEvidence(p.Ref(), "status.containerStatuses["+c.Name+"]", fmt.Sprintf("%d restarts, last end: %s, exit code %d", c.RestartCount, last.Reason, last.ExitCode))
			e.Time = timeText(last.At)
			out = append(out, e)
		}
	}
	return out
}

func restarting(w *mesh.Waypoint, evidence []Evidence) Finding {
	f := Finding{Subject: w.Ref(), Affects: w.Dependents, Evidence: evidence}
	f.Summary = fmt.Sprintf("Waypoint %s restarts again and again.", w.Ref().NamespacedName())
	f.Detail = fmt.Sprintf("Each restart cuts the connections through that replica. It takes calls to %s.", servedNames(w))
	f.Fix = advise("Read why the last run ended.").
		read("-n", w.Namespace, "logs", kubectlName(evidence[0].Object), "--previous", "--tail=50").
		read("-n", w.Namespace, "describe", kubectlName(evidence[0].Object))
	return f
}
