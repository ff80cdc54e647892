package traffic

import "strings"

// NoFlag is the response_flags of what ended well.
const NoFlag = "-"

// flagConnect is ztunnel's flag of a tunnel that did not come about.
const flagConnect = "CONNECT"

// FlagDenied is ztunnel's flag of a connection that a policy refused.
const FlagDenied = "DENY"

// FlagOverflow is Envoy's flag of a request above a limit of the connection
// pool.
const FlagOverflow = "UO"

// ztunnelFlags are what ztunnel counts the end of a connection under (istio.md
// A.10). They are not Envoy's flags.
var ztunnelFlags = map[string]string{
	FlagDenied:             "a policy refused it",
	"CONNECT":              "the other end could not be reached or did not take it",
	"TLS_FAILURE":          "the TLS handshake failed",
	"H2_HANDSHAKE_FAILURE": "the HTTP/2 handshake of the tunnel failed",
	"NETWORK_POLICY":       "it timed out, as behind a NetworkPolicy that leaves port 15008 closed",
	"IDENTITY_ERROR":       "there was no certificate for the caller, or the peer was another than expected",
	"CERT_REVOKED":         "the peer's certificate is revoked",
}

// envoyFlags are the response flags of Envoy that say who ended a request and
// how (istio.md E).
var envoyFlags = map[string]string{
	"UH": "no healthy upstream", "UF": "the upstream connection failed", "UO": "above a limit of the connection pool",
	"NR": "no route", "NC": "no cluster", "URX": "retries or connection attempts used up",
	"UT": "the route's timeout ended it", "UC": "the upstream closed the connection", "UR": "the upstream reset it",
	"DC": "the caller went away", "DPE": "the caller broke the protocol", "UPE": "the upstream broke the protocol",
	"LR": "reset by the proxy", "DI": "delayed by an injected fault", "FI": "aborted by an injected fault", "RL": "rate limited",
	"RLSE": "the rate limit service failed", "UAEX": "external authorization refused or failed",
	"SI": "the stream was idle for too long", "DT": "it lasted too long", "OM": "the proxy was overloaded",
	"DF": "its name did not resolve", "NFCF": "no filter configuration", "LH": "the health check of the proxy failed",
}

// ConnectionFlagMeaning says what a response_flags of ztunnel means; empty for
// one that is not known.
func ConnectionFlagMeaning(flag string) string { return ztunnelFlags[flag] }

// RequestFlagMeaning says what response_flags of Envoy mean, of which there can
// be several with commas between them; empty where none is known.
func RequestFlagMeaning(flags string) string {
	var out []string
	for f := range strings.SplitSeq(flags, ",") {
		if m := envoyFlags[f]; m != "" {
			out = append(out, m)
		}
	}
	return strings.Join(out, "; ")
}

// HasFlag tells whether a flag is among response_flags.
func HasFlag(flags, flag string) bool {
	for f := range strings.SplitSeq(flags, ",") {
		if f == flag {
			return true
		}
	}
	return false
}
