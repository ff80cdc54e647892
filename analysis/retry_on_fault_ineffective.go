package analysis

import (
	"fmt"
	"strings"

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
		return in.perRoute("", func(_ *mesh.Route, rule *mesh.RouteRule) string {
			if what := besideFault(rule); what != "" {
				return what + withFault
			}
			return ""
		}, ineffective)
	},
}

// withFault ends the evidence of a rule.
const withFault = " beside fault"

func ineffective(f Finding, r *mesh.Route) Finding {
	what := strings.TrimSuffix(f.Evidence[len(f.Evidence)-1].Text, withFault)
	f.Summary = fmt.Sprintf("The %s of %s will not act on the faults it injects.", what, r.Ref())
	f.Detail = "An aborted request is not tried again, and a delay does not count towards the timeout."
	f.Fix = advise("To try them out, inject the fault by a rule for the Service behind. That Service's callers see it then.").get(r.Ref())
	return f
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
