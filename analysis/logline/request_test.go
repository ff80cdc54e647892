package logline_test

import (
	"testing"

	"github.com/waylight/waylight/collectors/envoy"
	"github.com/waylight/waylight/mesh"
)

// asked is a request at a waypoint as Istio's text format has it: status, flags
// and details, and why the transport failed.
func asked(result, transport string) *mesh.LogLine {
	return accessLine(`[2026-08-20T10:00:00.123Z] "GET /a HTTP/1.1" ` + result + ` - "` + transport + `" 0 19 5 - "-" "curl" "7b0e" "reviews:9080" ` +
		`"envoy://connect_originate/10.0.2.2:8080" inbound-vip|9080|http|reviews.books.svc.cluster.local envoy://internal_client_address/ 10.96.0.7:9080 10.0.1.1:40000 - default`)
}

// unsent is a request that reached no pod.
func unsent(result string) *mesh.LogLine {
	return accessLine(`[2026-08-20T10:00:00.123Z] "GET /a HTTP/1.1" ` + result + ` - "-" 0 19 0 - "-" "curl" "7b0e" "reviews:9080" "-" ` +
		`inbound-vip|9080|http|reviews.books.svc.cluster.local - 10.96.0.7:9080 10.0.1.1:40000 - default`)
}

// direct goes to a pod, or to anything else, without a tunnel.
func direct(result, transport string) *mesh.LogLine {
	return accessLine(`[2026-08-20T10:00:00.123Z] "GET /a HTTP/1.1" ` + result + ` - "` + transport + `" 0 19 5 - "-" "curl" "7b0e" "api.example.com" ` +
		`"93.184.216.34:443" outbound|443||api.example.com 10.0.3.3:5000 10.96.0.9:443 10.0.1.1:40000 - default`)
}

func tunnel(flags, transport string) *mesh.LogLine {
	return accessLine(`[2026-08-20T10:00:00.123Z] "- - -" 0 ` + flags + ` - - "` + transport + `" 0 0 0 - "-" "-" "-" "-" "10.0.2.2:15008" connect_originate - 10.0.2.2:8080 envoy://internal_client_address/ - -`)
}

func tcp(flags, details, termination string) *mesh.LogLine {
	return accessLine(`[2026-08-20T10:00:00.123Z] "- - -" 0 ` + flags + ` ` + details + ` ` + termination + ` "-" 0 0 0 - "-" "-" "-" "-" "-" ` +
		`inbound-vip|6379|tcp|redis.books.svc.cluster.local - 10.96.0.8:6379 10.0.1.1:40000 - -`)
}

func accessLine(raw string) *mesh.LogLine {
	l := &mesh.LogLine{Raw: raw, From: &mesh.LogTarget{}}
	envoy.DecodeLine(l)
	return l
}

func TestPoliciesThatRefuseARequest(t *testing.T) {
	for name, m := range map[string]meaning{
		"a DENY rule, counted from one": {
			line: unsent("403 - rbac_access_denied_matched_policy[ns[books]-policy[deny-web]-rule[1]]"), code: "POLICY_DENIED", denied: true,
			says: []string{"books/deny-web (rule 2)", "GET /a", "10.0.1.1"}, looks: []string{"books/deny-web"},
		},
		"a policy of a name nobody knows": {
			line: unsent("403 - rbac_access_denied_matched_policy[something]"), code: "POLICY_DENIED", denied: true, says: []string{"something"},
		},
		"ALLOW policies that leave the call out": {
			line: unsent("403 - rbac_access_denied_matched_policy[none]"), code: "POLICY_NONE_ALLOWED", denied: true,
			says: []string{"reviews.books.svc.cluster.local", "at the waypoint", "GET /a"}, looks: []string{"targetRefs"},
		},
		"ALLOW policies on a TCP port": {
			line: tcp("-", "-", "rbac_access_denied_matched_policy[none]"), code: "POLICY_NONE_ALLOWED", denied: true, says: []string{"redis.books.svc.cluster.local"},
		},
		"a token that is missing": {line: unsent("401 - jwt_authn_access_denied{Jwt_is_missing}"), code: "JWT_MISSING", denied: true, says: []string{"Jwt is missing"}},
		"a token that is expired": {
			line: unsent("401 - jwt_authn_access_denied{Jwt_is_expired}"), code: "JWT_INVALID", denied: true, says: []string{"Jwt is expired"}, looks: []string{"RequestAuthentication"},
		},
		"a provider that refuses": {line: unsent("403 UAEX ext_authz_denied"), code: "EXT_AUTHZ_DENIED", denied: true},
		"a provider that fails":   {line: unsent("403 UAEX ext_authz_error"), code: "EXT_AUTHZ_DENIED", says: []string{"failed to answer"}, looks: []string{"extensionProviders"}},
		"the application's own refusal is none of the mesh": {
			line: asked("403 - via_upstream", "-"), says: []string{"itself answered 403", "no policy of the mesh"},
		},
	} {
		t.Run(name, m.check)
	}
}

func TestRequestsThatReachNoPod(t *testing.T) {
	for name, m := range map[string]meaning{
		"no route":                       {line: unsent("404 NR route_not_found"), code: "ROUTE_NOT_FOUND", looks: []string{"catch-all"}},
		"no filter chain":                {line: tcp("NR", "filter_chain_not_found", "-"), code: "ROUTE_NOT_FOUND"},
		"no cluster":                     {line: unsent("503 NC cluster_not_found"), code: "CLUSTER_NOT_FOUND", looks: []string{"subset"}},
		"no endpoint":                    {line: unsent("503 UH no_healthy_upstream"), code: "NO_HEALTHY_ENDPOINT"},
		"an injected fault":              {line: unsent("503 FI fault_filter_abort"), code: "FAULT_INJECTED", looks: []string{"fault"}},
		"a redirect":                     {line: unsent("301 - direct_response"), says: []string{"The route itself answered 301"}},
		"a direct response that fails":   {line: unsent("503 - direct_response"), code: "FAULT_INJECTED", says: []string{"The route itself answered 503"}},
		"a rate limit":                   {line: unsent("429 RL request_rate_limited"), code: "RATE_LIMITED"},
		"a local rate limit":             {line: unsent("429 RL local_rate_limited"), code: "RATE_LIMITED"},
		"a circuit breaker":              {line: unsent("503 UO upstream_reset_before_response_started{overflow}"), code: "CIRCUIT_OPEN", looks: []string{"connectionPool"}},
		"the waypoint is overloaded":     {line: unsent("503 OM overload"), code: "CIRCUIT_OPEN", looks: []string{"memory"}},
		"the client spoke no HTTP":       {line: unsent("400 DPE http1.codec_error"), code: "APP_ERROR", says: []string{"http1.codec_error"}},
		"the client went away":           {line: unsent("0 DC downstream_remote_disconnect"), code: "APP_RESET", says: []string{"client went away"}},
		"a client's tunnel has no route": {line: accessLine(`[2026-08-20T10:00:00.123Z] "CONNECT - HTTP/2" 404 NR route_not_found - "-" 0 0 0 - "-" "-" "-" "10.96.0.7:81" "-" - - 10.0.3.3:15008 10.0.1.1:40000 - -`), code: "ROUTE_NOT_FOUND", says: []string{"tunnel to 10.96.0.7:81"}},
	} {
		t.Run(name, m.check)
	}
}

func TestPodsThatFail(t *testing.T) {
	for name, m := range map[string]meaning{
		"the end of the tunnel refused: its log tells why": {
			line: tunnel("UF,URX", "tunnel_response:401"), code: "POLICY_DENIED", denied: true, elsewhere: true, says: []string{"10.0.2.2:8080"}, looks: []string{"ztunnel on the destination's node"},
		},
		"the end of the tunnel found no application": {line: tunnel("UF,URX", "tunnel_response:503"), code: "APP_REFUSED", elsewhere: true},
		"the end of the tunnel has another address":  {line: tunnel("UF,URX", "tunnel_response:400"), code: "NO_SERVICE", elsewhere: true},
		"15008 is closed": {
			line: tunnel("UF,URX", "delayed_connect_error:_Connection_refused"), code: "HBONE_BLOCKED", says: []string{"15008", "closed"}, looks: []string{"redirection"},
		},
		"15008 does not answer": {line: tunnel("UF,URX", "connection_timeout"), code: "HBONE_BLOCKED", looks: []string{"NetworkPolicies", "15008"}},
		"no certificate":        {line: tunnel("UF,URX", "TLS_error:_Secret_is_not_supplied_by_SDS"), code: "CERT_UNAVAILABLE"},
		"a root nobody trusts":  {line: tunnel("UF,URX", "TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end"), code: "TLS_FAILED"},
		"another identity":      {line: tunnel("UF,URX", "TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify_cert_failed:_verify_SAN_list:TLS_error_end"), code: "PEER_IDENTITY_MISMATCH"},
		"a request whose connection ended, which a refusal at the pod looks like": {
			line: asked("503 UC upstream_reset_before_response_started{connection_termination}", "-"), code: "APP_RESET", elsewhere: true, looks: []string{"ztunnel on the destination's node"},
		},
		"a request without a connection, and no word of why": {
			line: asked("503 UF upstream_reset_before_response_started{connection_failure}", "-"), code: "HBONE_BLOCKED", elsewhere: true,
		},
		"a request whose connection was refused": {
			line: asked("503 UF upstream_reset_before_response_started{remote_connection_failure,delayed_connect_error:_Connection_refused}", "-"), code: "HBONE_BLOCKED",
		},
		"an application outside of the mesh cut the connection": {line: direct("503 UC upstream_reset_before_response_started{connection_termination}", "-"), code: "APP_RESET"},
		"a port outside of the mesh is closed":                  {line: direct("503 UF upstream_reset_before_response_started{connection_failure}", "delayed_connect_error:_Connection_refused"), code: "APP_REFUSED"},
		"the application reset the stream":                      {line: asked("503 UR upstream_reset_before_response_started{remote_reset}", "-"), code: "APP_RESET"},
		"the application broke HTTP":                            {line: asked("502 UPE upstream_reset_before_response_started{protocol_error}", "-"), code: "APP_ERROR"},
		"the route's timeout":                                   {line: asked("504 UT upstream_response_timeout", "-"), code: "TIMEOUT"},
		"the route's timeout as older ones say":                 {line: asked("504 UT response_timeout", "-"), code: "TIMEOUT"},
		"the application's own error":                           {line: asked("500 - via_upstream", "-"), code: "APP_ERROR", says: []string{"Pod 10.0.2.2:8080", "500"}},
		"a delay that was injected":                             {line: asked("200 DI via_upstream", "-"), code: "FAULT_INJECTED", says: []string{"delayed"}},
		"an answer":                                             {line: asked("200 - via_upstream", "-"), says: []string{"Pod 10.0.2.2:8080 of reviews.books.svc.cluster.local answered 200 to GET /a"}},
		"the application knows no such path":                    {line: asked("404 - via_upstream", "-"), says: []string{"answered 404"}},
		"a TCP connection":                                      {line: tcp("-", "-", "-"), says: []string{"10.0.1.1", "redis.books.svc.cluster.local"}},
	} {
		t.Run(name, m.check)
	}
}

func TestFlagsAlone(t *testing.T) {
	for flag, code := range map[string]string{
		"DC": "APP_RESET", "DF": "NO_HEALTHY_ENDPOINT", "DI": "FAULT_INJECTED", "DO": "CIRCUIT_OPEN", "DPE": "APP_ERROR", "DR": "APP_RESET", "DT": "TIMEOUT",
		"FI": "FAULT_INJECTED", "IH": "APP_ERROR", "LH": "NO_HEALTHY_ENDPOINT", "LR": "APP_RESET", "NC": "CLUSTER_NOT_FOUND", "NFCF": "XDS_NOT_SYNCED", "NR": "ROUTE_NOT_FOUND",
		"OM": "CIRCUIT_OPEN", "RFCF": "XDS_NOT_SYNCED", "RL": "RATE_LIMITED", "RLSE": "RATE_LIMITED", "SI": "TIMEOUT", "UAEX": "EXT_AUTHZ_DENIED", "UDO": "CIRCUIT_OPEN",
		"UH": "NO_HEALTHY_ENDPOINT", "UMSDR": "TIMEOUT", "UO": "CIRCUIT_OPEN", "UPE": "APP_ERROR", "UR": "APP_RESET", "URX": "CONNECTIONS_FAILING", "UT": "TIMEOUT",
		"URX,UT": "TIMEOUT", "UT,URX": "TIMEOUT", "NEW,UO": "CIRCUIT_OPEN",
	} {
		t.Run(flag, meaning{line: unsent("503 " + flag + " -"), code: code}.check)
	}
}
