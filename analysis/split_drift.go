package analysis

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
)

var splitDrift = Check{
	Code: "SPLIT_DRIFT", Severity: Warning, Class: Risk,
	Subject: "Service (or ServiceEntry)",
	Title:   "Traffic is not split as it is declared",
	Explanation: "The shares that the versions of a Service really get differ from the weights of its route by more than chance explains. " +
		"The waypoint may hold an older route than the API, or requests reach a version by a way the route does not know of.",
	Fires: "Over the window, of at least 200 requests, the observed share of a version differs from the declared one by 5 points or more, with an exact binomial p below 1e-6.",
	Silent: "Fewer requests; a route or DestinationRule of the host changed within the window; a rule with a match leads to the same backends; ports that are split in different ways; " +
		"a backend that is also called by its own name; a version that answers no calls; versions that metrics do not tell apart.",
	Doubt: "Versions are told apart by the revision or workload that metrics carry; a route that was deleted within the window is not seen.",
	// Every kind of route: one that is not seen could declare another split.
	Needs: []string{
		mesh.ResourceServices, mesh.ResourceGateways, mesh.ResourceEndpointSlices, mesh.ResourcePods,
		mesh.ResourceHTTPRoutes, mesh.ResourceGRPCRoutes, mesh.ResourceVirtualServices, mesh.ResourceDestinationRules, countedTraffic,
	},
	Uses: []string{mesh.ResourceServiceEntries},
	// A proxy that did not take the newest routes splits as the older ones say.
	ConsequenceOf: []string{"XDS_REJECTED", "XDS_NOT_SYNCED", "XDS_DISCONNECTED", "CONFIG_DRIFT"},
	Mesh: func(in *Input) []Finding {
		var out []Finding
		asked := make(map[mesh.Ref]bool)
		for _, p := range in.shared.routing().ports {
			if asked[p.service] {
				continue
			}
			asked[p.service] = true
			if s := in.counts().SplitOf(p.service); s.Drifts() {
				out = append(out, in.drifting(p.service, p.waypoint, s))
			}
		}
		return out
	},
}

func (in *Input) drifting(service, waypoint mesh.Ref, s traffic.Split) Finding {
	f := Finding{Subject: service}
	var declared, observed []string
	for _, v := range s.Versions {
		if v.Share < 0 {
			continue
		}
		declared = append(declared, v.Title+" "+percentText(v.Share))
		observed = append(observed, v.Title+" "+percentText(v.Observed))
		f.Evidence = append(f.Evidence, in.countedEvidence(service, `istio_requests_total{reporter="waypoint"}`,
			fmt.Sprintf("%s: %d of %d requests, %s (%s to %s with 95 %% confidence), declared %s", v.Title, v.Count, s.Sample, percentText(v.Observed), percentText(v.Low), percentText(v.High), percentText(v.Share))))
	}
	f.Summary = fmt.Sprintf("Requests to %s are split %s, and %s is declared.", service, strings.Join(observed, ", "), strings.Join(declared, ", "))
	f.Detail = fmt.Sprintf("That is of %d requests in %s, too many for chance. Callers get another version than the weights say.", s.Sample, in.windowText())
	f.Fix = advise("Compare the weights in the waypoint's own routes with those of the API; where they differ, look at its connection to istiod.").
		read("get", mesh.ResourceVirtualServices+","+mesh.ResourceHTTPRoutes, "-n", service.Namespace, "-o", "yaml").
		read("-n", waypoint.Namespace, "get", "pods", "-l", mesh.LabelGatewayName+"="+waypoint.Name)
	return f
}

// percentText is a share with one decimal where that says something.
func percentText(share float64) string {
	return strconv.FormatFloat(roundTenth(share), 'f', -1, 64) + " %"
}

func roundTenth(share float64) float64 { return float64(int(share*10+0.5)) / 10 }
