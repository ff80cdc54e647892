package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var metricsAbsent = Check{
	Code: "METRICS_ABSENT", Severity: Info, Class: Risk,
	Subject: "mesh",
	Title:   "Prometheus has no metrics of waypoints",
	Explanation: "Prometheus answers and knows nothing of requests at waypoints although waypoints run. Splits and error rates then come from two readings of the proxies themselves, and nothing older than those is known. " +
		"Mostly no scrape is configured for port 15020 of pods, or a relabelling drops the series.",
	Fires:  "Prometheus answers and has no series istio_requests_total with reporter waypoint, and a waypoint with an address has a ready pod.",
	Silent: "Prometheus is not configured or does not answer; no waypoint runs.",
	Doubt:  "A mesh without any HTTP request yet has no series either.",
	Needs:  []string{mesh.ResourceGateways, mesh.ResourcePods, countedTraffic},
	Mesh: func(in *Input) []Finding {
		t := in.Snap.Traffic()
		if t == nil || t.Source != mesh.TrafficFromPrometheus || !t.NoRequestsAtAll {
			return nil
		}
		var running []mesh.Ref
		for _, w := range in.Snap.Waypoints() {
			if w.HasAddress() && mesh.ReadyPod(w.Pods) != nil {
				running = append(running, w.Ref())
			}
		}
		if len(running) == 0 {
			return nil
		}
		return []Finding{in.unmeasured(running)}
	},
}

func (in *Input) unmeasured(waypoints []mesh.Ref) Finding {
	f := Finding{Subject: mesh.Ref{Kind: "Mesh"}, Affects: waypoints}
	f.Summary = fmt.Sprintf("Prometheus has no requests of waypoints, and %s running.", isAre(names(waypoints), len(waypoints)))
	f.Detail = "Rates, errors and splits of HTTP are missing where they come from Prometheus. Traffic itself is not touched."
	f.Evidence = []Evidence{in.countedEvidence(mesh.Ref{Kind: "Mesh"}, `istio_requests_total{reporter="waypoint"}`, "no series")}
	f.Fix = advise("Let Prometheus scrape port 15020, path /stats/prometheus, of the waypoints' pods, as Istio's annotations on them say.").
		read("get", "pods", "-A", "-l", mesh.LabelGatewayManaged+"="+mesh.ManagedWaypoint, "-o", "wide")
	return f
}
