package analysis

import (
	"fmt"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

var faultActive = Check{
	Code: "FAULT_ACTIVE", Severity: Warning, Class: Risk, Manifests: OnSomeManifests,
	Subject: "the route",
	Title:   "Faults are injected on purpose",
	Explanation: "A rule in effect delays or aborts a part of the requests it takes. That is how resilience is tried out, and it is easily forgotten: to callers it looks like a failure of the application. " +
		"In access logs such requests carry the flags DI and FI.",
	Fires:  "A rule with a fault whose percentage is above zero is in effect at a waypoint or a gateway.",
	Silent: "The rule is dead, or bound to nothing; the percentage is zero.",
	Doubt:  "It may be a test that is meant to run now.",
	Needs:  []string{mesh.ResourceVirtualServices, mesh.ResourceServices, mesh.ResourceGateways}, Uses: []string{mesh.ResourceNamespaces, mesh.ResourceServiceEntries},
	Mesh: func(in *Input) []Finding {
		return in.perRoute(".fault", func(_ *mesh.Route, rule *mesh.RouteRule) string { return faultWords(rule.Fault) }, activeFault)
	},
}

func activeFault(f Finding, r *mesh.Route) Finding {
	f.Summary = fmt.Sprintf("%s injects faults: %s.", r.Ref(), f.Evidence[0].Text)
	f.Detail = "Callers see that as slow or failed requests, which the application knows nothing of."
	f.Fix = advise("If the test is over, take the fault out of the rule: requests pass undisturbed from then on.").get(r.Ref())
	return f
}

// faultWords says what a fault does to how many requests; empty for nothing.
func faultWords(f *mesh.Fault) string {
	if f == nil {
		return ""
	}
	var out []string
	if f.AbortPercent > 0 {
		with := fmt.Sprintf("HTTP %d", f.AbortStatus)
		if f.AbortGRPC != "" {
			with = "gRPC status " + f.AbortGRPC
		}
		out = append(out, fmt.Sprintf("%g %% of the requests are aborted with %s", f.AbortPercent, with))
	}
	if f.Delay != nil && *f.Delay > 0 && f.DelayPercent > 0 {
		out = append(out, fmt.Sprintf("%g %% of the requests are delayed by %s", f.DelayPercent, f.Delay.Round(time.Millisecond)))
	}
	return strings.Join(out, ", ")
}
