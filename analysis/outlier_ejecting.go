package analysis

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

var outlierEjecting = Check{
	Code: "OUTLIER_EJECTING", Severity: Warning, Class: Risk,
	Subject: "Service (or ServiceEntry)",
	Title:   "A waypoint has taken endpoints out for their errors",
	Explanation: "Outlier detection of a DestinationRule takes endpoints out of balancing for a while after errors in a row. The others carry their share. It is meant to; it also hides pods that fail, " +
		"and when most of them are out the rest can be overrun.",
	Fires:  "A waypoint's Envoy marks hosts of the Service as failed_outlier_check.",
	Silent: "The waypoint's Envoy was not read.",
	Doubt:  "Endpoints come back after the ejection time; each waypoint pod judges for itself.",
	Needs:  []string{mesh.ResourcePods, mesh.ResourceServices, readWaypoints}, Uses: []string{mesh.ResourceServiceEntries},
	Mesh: judgeOutliers,
}

func judgeOutliers(in *Input) []Finding {
	found := make(map[mesh.Ref]*Finding)
	for _, w := range in.shared.proxies().waypoints {
		for _, host := range slices.Sorted(maps.Keys(w.Ejected)) {
			service := in.serviceOf(host)
			if w.Ejected[host] == 0 || service.IsZero() {
				continue
			}
			f := found[service]
			if f == nil {
				f = &Finding{Subject: service}
				found[service] = f
			}
			f.Evidence = append(f.Evidence, saidEvidence(w.source(), w.Workload.Ref(), "clusters["+host+"].health_status.failed_outlier_check", strconv.Itoa(w.Ejected[host])+" endpoints", w.At))
		}
	}
	var out []Finding
	for service, f := range found {
		out = append(out, ejecting(in, service, f))
	}
	return out
}

// serviceOf finds whose host name it is: a Service's, or a ServiceEntry's.
func (in *Input) serviceOf(host string) mesh.Ref {
	if parts := strings.SplitN(host, ".", 4); len(parts) > 2 && parts[2] == "svc" {
		if svc := in.Snap.Service(parts[1], parts[0]); svc != nil {
			return svc.Ref()
		}
	}
	for _, sh := range in.Snap.Shards {
		for _, se := range sh.ServiceEntries {
			if slices.Contains(se.Hosts, host) {
				return se.Ref()
			}
		}
	}
	return mesh.Ref{}
}

func ejecting(in *Input, service mesh.Ref, f *Finding) Finding {
	f.Evidence = shorten(f.Evidence)
	f.Summary = fmt.Sprintf("Outlier detection keeps endpoints of %s out of balancing.", service)
	f.Detail = "Calls go to the endpoints that are left; those that are out failed several times in a row."
	if _, all := in.Snap.Shard(service.Namespace).CountEndpoints(service.Name); service.Kind == "Service" && all > 0 {
		f.Detail = fmt.Sprintf("Calls go to what is left of %d endpoints; those that are out failed several times in a row.", all)
	}
	f.Fix = advise("Look at why these pods answer with errors. Do not switch outlier detection off for it: calls would go to the failing pods again.").
		get(service).
		read("-n", service.Namespace, "get", "pods", "-o", "wide").
		read("get", mesh.ResourceDestinationRules, "-A")
	return *f
}
