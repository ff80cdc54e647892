package analysis

import (
	"fmt"
	"time"

	"github.com/waylight/waylight/mesh"
)

var retriesExceedTimeout = Check{
	Code: "RETRIES_EXCEED_TIMEOUT", Severity: Warning, Class: Risk, Manifests: OnSomeManifests,
	Subject: "the route",
	Title:   "The timeout ends a call before its retries are over",
	Explanation: "The timeout of a rule is for the whole call with all its tries. Where all tries together may take longer, the last ones never happen, or are cut: the caller sees 504 although a retry might have answered. " +
		"Make the time of one try shorter, the tries fewer, or the timeout longer.",
	Fires:  "A rule in effect has a timeout, retries and a time for each try, and (retries + 1) times that is longer than the timeout. For an HTTPRoute backendRequest is the time of a try, and only beside a retry stanza.",
	Silent: "Equal is fine; without a time for each try the whole timeout holds; timeout 0 means none; the rule is dead.",
	Doubt:  "Tries that fail fast leave time for the others.",
	Needs:  []string{mesh.ResourceServices, mesh.ResourceGateways}, Uses: []string{mesh.ResourceVirtualServices, mesh.ResourceHTTPRoutes, mesh.ResourceNamespaces},
	Mesh: func(in *Input) []Finding { return in.perRoute("", overlong, cutRetries) },
}

// overlong puts the arithmetic of a rule into words where its tries exceed its
// timeout; empty where they do not.
func overlong(r *mesh.Route, rule *mesh.RouteRule) string {
	if rule.Timeout == nil || *rule.Timeout <= 0 || rule.Retry == nil || rule.Retry.Attempts <= 0 {
		return ""
	}
	try := rule.Retry.PerTryTimeout
	if r.Kind != "VirtualService" {
		try = rule.BackendTimeout
	}
	if try == nil || *try <= 0 {
		return ""
	}
	tries := rule.Retry.Attempts + 1
	if whole := time.Duration(tries) * *try; whole > *rule.Timeout {
		return fmt.Sprintf("%d tries of %s take %s, and the timeout is %s", tries, try, whole, rule.Timeout)
	}
	return ""
}

func cutRetries(f Finding, r *mesh.Route) Finding {
	f.Summary = fmt.Sprintf("%s ends calls before their retries are over: %s.", r.Ref(), f.Evidence[0].Text)
	f.Detail = "The last tries are cut or never made; the caller sees 504."
	f.Fix = advise("Shorten the time of one try, or lengthen the timeout. Callers may then wait longer for an answer.").get(r.Ref())
	return f
}
