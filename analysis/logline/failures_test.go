package logline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// failure is what a line of a recording says of a call that failed, in its own
// words; empty for any other line.
func failure(l *mesh.LogLine) string {
	switch {
	case l.Connection != nil && l.Connection.Error != "":
		return l.Connection.Direction + ": " + l.Connection.Error
	case l.Request != nil && (l.Request.Status >= 400 || l.Request.Flags != nil):
		return strings.TrimSpace(fmt.Sprint(l.Request.Status, l.Request.Flags, l.Request.Details, " ", l.Request.TransportFailure))
	}
	return ""
}

// seen is what a failure means and how many lines say it.
type seen struct {
	means string
	lines int
}

// failures are all there are in the recordings.
var failures = map[string]map[string]seen{
	"clean":            {},
	"pod-not-captured": {},
	"ca-mismatch": {
		"inbound: connection closed due to connection drain": {"DRAINED", 4},
		"outbound: identity error: signing gRPC error (The request does not have valid authentication credentials): request impersonation authentication failure": {"CERT_UNAVAILABLE", 6},
	},
	"guide-as-written": {
		"0 [UF URX] tunnel_response:401":                                                                                       {"POLICY_DENIED, elsewhere", 12},
		"503 [UC]upstream_reset_before_response_started{connection_termination}":                                               {"APP_RESET, elsewhere", 12},
		"403 []rbac_access_denied_matched_policy[none]":                                                                        {"POLICY_NONE_ALLOWED", 8},
		"inbound: connection closed due to policy change":                                                                      {"POLICY_CHANGED", 5},
		"inbound: connection closed due to policy rejection: allow policies exist, but none allowed":                           {"POLICY_NONE_ALLOWED", 12},
		"inbound: connection closed due to policy rejection: explicitly denied by: istio-system/istio_converted_static_strict": {"STRICT_PLAINTEXT", 2},
	},
	"waypoint-label-typo": {
		"inbound: connection closed due to policy rejection: allow policies exist, but none allowed": {"POLICY_NONE_ALLOWED", 14},
		"outbound: http status: 401 Unauthorized":                                                    {"POLICY_DENIED, elsewhere", 14},
	},
	"waypoint-no-endpoints": {
		`outbound: unknown waypoint: waypoint GatewayAddress { destination: Hostname(NamespacedHostname { namespace: "shop", hostname: "waypoint.shop.svc.cluster.local" }), hbone_mtls_port: 15008 } not found`: {"WAYPOINT_UNREACHABLE", 12},
	},
}

func TestEveryFailureOfTheRecordings(t *testing.T) {
	for _, recording := range meshtest.Recordings() {
		t.Run(recording, func(t *testing.T) {
			got := map[string]seen{}
			for _, l := range recordedLines(t, recording) {
				said := failure(l)
				if said == "" {
					continue
				}
				x := logline.Explain(l)
				if x.Elsewhere {
					x.Code += ", elsewhere"
				}
				got[said] = seen{x.Code, got[said].lines + 1}
			}
			if diff := cmp.Diff(failures[recording], got, cmp.AllowUnexported(seen{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A call through a waypoint that failed behind it looks well to the client's
// own ztunnel.
func TestTheDenialIsFoundFromTheClientsOwnLine(t *testing.T) {
	for recording, want := range map[string]int{"guide-as-written": 12, "waypoint-label-typo": 14} {
		t.Run(recording, func(t *testing.T) {
			found := 0
			for l, g := range correlated(recordedLines(t, recording)) {
				if l.Connection == nil || l.Connection.Direction != "outbound" || g.Failed == nil || g.Failed.Connection == nil {
					continue
				}
				if g.Failed.Connection.Direction == "inbound" && g.Means.Code == mesh.CodeNoneAllowed {
					found++
				}
			}
			if found != want {
				t.Errorf("it was found from %d lines of clients, want %d", found, want)
			}
		})
	}
}
