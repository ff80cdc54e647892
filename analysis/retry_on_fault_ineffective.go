package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

var retryOnFaultIneffective = Check{
	Code: "RETRY_ON_FAULT_INEFFECTIVE", Severity: Info, Class: Risk, Manifests: OnSomeManifests,
	Subject: "VirtualService",
	Title:   "Retries and timeouts do not act on injected faults",
	Explanation: "Faults are injected before the request is routed, and retries and timeouts belong to routing. So a request that is aborted on purpose is not tried again, and a delay does not count towards the timeout of the rule. " +
		"To try retries out, inject the fault at the Service behind, by another rule.",
	Fires:  "A rule in effect has a fault and beside it retries or a timeout.",
	Silent: "The fault's percentage is zero; the rule is dead.",
	Doubt:  "None: the order of the filters is fixed.",
	Needs:  []string{mesh.ResourceVirtualServices, mesh.ResourceServices, mesh.ResourceGateways}, Uses: []string{mesh.ResourceNamespaces, mesh.ResourceServiceEntries},
	Mesh: func(in *Input) []Finding {
		table := in.shared.routing()
		var out []Finding
		for _, sh := range in.Snap.Shards {
			for _, r := range sh.Routes {
				f := Finding{Subject: r.Ref(), Affects: table.services(r)}
				for _, a := range table.rules(r) {
					if what := besideFault(a.spec); what != "" {
						f.Evidence = append(f.Evidence, fieldEvidence(r.Ref(), ruleField(r, a.spec, a.number), what+" beside fault"))
						f.Summary = fmt.Sprintf("The %s of %s will not act on the faults it injects.", what, r.Ref())
					}
				}
				if len(f.Evidence) == 0 {
					continue
				}
				f.Detail = "An aborted request is not tried again, and a delay does not count towards the timeout."
				f.Fix = advise("To try them out, inject the fault by a rule for the Service behind. That Service's callers see it then.").get(r.Ref())
				out = append(out, f)
			}
		}
		return out
	},
}

// besideFault names what a rule has beside a fault that does not act on it.
func besideFault(rule *mesh.RouteRule) string {
	if faultWords(rule.Fault) == "" {
		return ""
	}
	retries, timeout := rule.Retry != nil && rule.Retry.Attempts > 0, rule.Timeout != nil && *rule.Timeout > 0
	switch {
	case retries && timeout:
		return "retries and timeout"
	case retries:
		return "retries"
	case timeout:
		return "timeout"
	}
	return ""
}
