package analysis

import (
	"fmt"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
)

var circuitBreakerTight = Check{
	Code: "CIRCUIT_BREAKER_TIGHT", Severity: Info, Class: Risk,
	Subject: "DestinationRule",
	Title:   "A circuit breaker refuses calls",
	Explanation: "A DestinationRule limits connections and pending requests to a host. Calls above the limit are answered 503 with the flag UO at once, by design. " +
		"Where that happens in ordinary traffic the limit is too low for it.",
	Fires:  "A waypoint counted requests with the flag UO for a host within the window, and a DestinationRule in effect there limits it.",
	Silent: "No call was refused by the limit; no limit is in effect at the waypoint.",
	Doubt:  "A burst that the limit is there to stop looks the same.",
	Needs:  []string{mesh.ResourceDestinationRules, mesh.ResourceServices, mesh.ResourceGateways, countedTraffic},
	Uses:   []string{mesh.ResourceServiceEntries, mesh.ResourceNamespaces},
	Mesh: func(in *Input) []Finding {
		var out []Finding
		for service, count := range in.counts().Overflows() {
			b := in.bindingOf(service)
			if !b.Bound() {
				continue
			}
			for _, d := range path.DestinationRulesAt(in.Snap, b.Waypoint.Namespace, service) {
				if field := limitOf(d); field != "" {
					out = append(out, in.tight(d, field, service, count))
				}
			}
		}
		return out
	},
}

// limitOf is the first place in a DestinationRule that limits how much goes to
// its host at once; empty where none does.
func limitOf(d *mesh.DestinationRule) string {
	if limits(d.Policy) {
		return "spec.trafficPolicy.connectionPool"
	}
	for i := range d.Subsets {
		if limits(d.Subsets[i].Policy) {
			return "spec.subsets[" + d.Subsets[i].Name + "].trafficPolicy.connectionPool"
		}
	}
	return ""
}

func limits(p *mesh.TrafficPolicy) bool {
	if p == nil {
		return false
	}
	for _, port := range p.PortLevel {
		if limits(port) {
			return true
		}
	}
	return p.MaxConnections > 0 || p.MaxRequests > 0 || p.MaxPending > 0
}

func (in *Input) tight(d *mesh.DestinationRule, field string, service mesh.Ref, count float64) Finding {
	f := Finding{Subject: d.Ref(), Affects: []mesh.Ref{service}}
	f.Summary = fmt.Sprintf("The limits of %s refuse calls to %s.", d.Ref(), service)
	f.Detail = "Calls above the limit are answered 503 at once, by design; callers see errors of a service that is well."
	f.Evidence = []Evidence{
		in.countedEvidence(service, fmt.Sprintf(`istio_requests_total{reporter="waypoint",response_flags=%q}`, traffic.FlagOverflow), fmt.Sprintf("%.0f requests refused", count)),
		fieldEvidence(d.Ref(), field, "limits what goes to "+d.Host+" at once"),
	}
	f.Fix = advise("Where this is ordinary traffic, raise connectionPool of the DestinationRule: each waypoint replica counts for itself. More calls then reach the pods at the same time.").get(d.Ref())
	return f
}
