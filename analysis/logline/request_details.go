package logline

import (
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// byDetails explains what RESPONSE_CODE_DETAILS or CONNECTION_TERMINATION_DETAILS
// say (istio.md E; Envoy's stream_info.h). What stands in braces or brackets
// behind the name is its detail. False where they say nothing that is known.
func (x exchange) byDetails(details string) (mesh.LogExplanation, bool) {
	name, rest := details, ""
	if i := strings.IndexAny(details, "{["); i >= 0 {
		name, rest = details[:i], strings.TrimRight(details[i+1:], "}")
	}
	if explain := requestDetails[name]; explain != nil {
		return explain(x, rest), true
	}
	if strings.HasPrefix(name, "http1.") || strings.HasPrefix(name, "http2.") {
		return x.failed(mesh.CodeAppError, "what the client or the application sends on that port: it is not the protocol the Service declares",
			"%s broke the rules of HTTP: %s.", x.what(), name), true
	}
	return mesh.LogExplanation{}, false
}

// requestDetails explain by the name of the details.
var requestDetails = explainDetails()

func explainDetails() map[string]func(x exchange, rest string) mesh.LogExplanation {
	out := map[string]func(x exchange, rest string) mesh.LogExplanation{
		"rbac_access_denied_matched_policy": byPolicy,
		"jwt_authn_access_denied":           byToken,
		"ext_authz_denied":                  byProvider,
		"ext_authz_error":                   byProvider,
		"via_upstream":                      byApplication,
		"direct_response":                   byRoute,

		"upstream_reset_before_response_started": byReset,
		"upstream_reset_after_response_started":  byReset,
	}
	for name, flag := range map[string]string{
		"route_not_found": "NR", "filter_chain_not_found": "NR", "cluster_not_found": "NC", "no_healthy_upstream": "UH", "fault_filter_abort": "FI",
		"upstream_response_timeout": "UT", "response_timeout": "UT", "upstream_per_try_timeout": "UT", "request_overall_timeout": "UT",
		"upstream_max_stream_duration_reached": "UMSDR", "max_duration_timeout": "DT", "stream_idle_timeout": "SI",
		"request_header_timeout": "SI", "request_rate_limited": "RL", "local_rate_limited": "RL", "rate_limiter_error": "RLSE",
		"overload": "OM", "overload_error": "OM", "maintenance_mode": "DO", "downstream_remote_disconnect": "DC",
		"downstream_local_disconnect": "LR", "upstream_reset": "UR",
	} {
		out[name] = func(x exchange, _ string) mesh.LogExplanation { return requestFlags[flag](x) }
	}
	return out
}

// byPolicy explains a refusal of an AuthorizationPolicy at a waypoint: a DENY
// rule that matched, or "none" of the ALLOW policies.
func byPolicy(x exchange, rest string) mesh.LogExplanation {
	matched := strings.TrimSuffix(rest, "]")
	if matched == "none" || matched == "" {
		e := x.failed(mesh.CodeNoneAllowed, "the AuthorizationPolicies with targetRefs to the service or its waypoint: principals, methods and paths",
			"ALLOW policies apply to %s at the waypoint and none allows %s from %s.", x.service(), x.what(), x.caller())
		e.Denied = true
		return e
	}
	policy, rule := policyName(matched)
	e := x.failed(mesh.CodePolicyDenied, "AuthorizationPolicy "+policy, "The DENY policy %s matched %s from %s.", policy+rule, x.what(), x.caller())
	e.Denied = true
	return e
}

// policyName reads "ns[NS]-policy[NAME]-rule[I]"; I counts from 0 and people
// count from 1. CUSTOM policies have their provider in front.
func policyName(matched string) (policy, rule string) {
	namespace, name := between(matched+"]", "ns[", "]"), between(matched+"]", "-policy[", "]")
	if name == "" {
		return matched, ""
	}
	if i, err := strconv.Atoi(between(matched+"]", "-rule[", "]")); err == nil && i >= 0 {
		rule = " (rule " + strconv.Itoa(i+1) + ")"
	}
	return namespace + "/" + name, rule
}

// byToken tells a token that is missing from one that is refused.
func byToken(x exchange, rest string) mesh.LogExplanation {
	why := strings.ReplaceAll(rest, "_", " ")
	code := mesh.CodeJWTInvalid
	if strings.Contains(why, "missing") {
		code = mesh.CodeJWTMissing
	}
	e := x.failed(code, "the RequestAuthentication of the service: issuer, audiences, and whether istiod could fetch the keys (jwksUri)",
		"The token of %s from %s was refused: %s.", x.what(), x.caller(), detail(why))
	e.Denied = true
	return e
}

func byProvider(x exchange, _ string) mesh.LogExplanation {
	if x.Details == "ext_authz_error" {
		return x.failed(mesh.CodeExtAuthzDenied, "the provider's pods and log, and its entry in meshConfig.extensionProviders",
			"The external authorizer of a CUSTOM policy failed to answer for %s from %s, and so it was refused.", x.what(), x.caller())
	}
	e := x.failed(mesh.CodeExtAuthzDenied, "the log of the provider that the CUSTOM policy names", "The external authorizer of a CUSTOM policy refused %s from %s.", x.what(), x.caller())
	e.Denied = true
	return e
}

// byApplication explains an answer that came from the application. Its own
// refusals are no failure of the mesh, its errors are its own.
func byApplication(x exchange, _ string) mesh.LogExplanation {
	switch {
	case x.has("DI"), x.has("FI"):
		return requestFlags["DI"](x)
	case x.Status == 401, x.Status == 403:
		return mesh.LogExplanation{Text: x.failed("", "", "%s itself answered %d to %s: no policy of the mesh refused it.", x.pod(), x.Status, x.what()).Text}
	}
	return x.byStatus()
}

func byRoute(x exchange, _ string) mesh.LogExplanation {
	if x.Status >= 500 {
		return x.failed(mesh.CodeFaultInjected, "the directResponse or redirect of the route", "The route itself answered %d to %s: no pod was asked.", x.Status, x.what())
	}
	return mesh.LogExplanation{Text: x.failed("", "", "The route itself answered %d to %s: no pod was asked.", x.Status, x.what()).Text}
}

// byReset explains a connection to the pod that broke; the detail says how.
// Through a tunnel that is what a refusal by the destination's ztunnel looks
// like, too (SHARP EDGES 3).
func byReset(x exchange, rest string) mesh.LogExplanation {
	switch {
	case strings.Contains(rest, "connection_failure"):
		_, reason, _ := strings.Cut(rest, ",")
		return x.unreachable(reason)
	case strings.Contains(rest, "overflow"):
		return requestFlags["UO"](x)
	case strings.Contains(rest, "protocol_error"):
		return requestFlags["UPE"](x)
	case strings.Contains(rest, "connection_termination"):
		return requestFlags["UC"](x)
	}
	return requestFlags["UR"](x)
}
