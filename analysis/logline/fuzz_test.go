package logline_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/collectors/envoy"
	"github.com/waylight/waylight/collectors/istiolog"
	"github.com/waylight/waylight/collectors/ztunnel"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func FuzzExplain(f *testing.F) {
	for _, raw := range []string{
		"2026-11-23T08:36:29.951982Z\twarn\taccess\tconnection failed\tsrc.addr=1.2.3.4:5 dst.addr=10.0.0.2:80 direction=\"outbound\" error=\"unknown waypoint: waypoint { hostname: \\\"a\\\" } not found\"",
		"2026-11-23T08:36:29.951982Z\terror\taccess\tconnection complete\tsrc.addr=: dst.addr=] dst.hbone_addr=[::]: direction=\"inbound\" duration=\"9ms\" error=\"http status: \"",
		`[2026-11-23T08:36:26.381Z] "- - -" 0 UF,URX - - "tunnel_response:401" 0 0 7 - "-" "-" "-" "-" "10.244.1.22:15008" connect_originate - 10.244.1.22:8080 envoy://internal_client_address/ - -`,
		"2026-11-23T08:14:37.000000Z\twarn\tserverca\timpersonation failed for identity a, error: caller (Pod{Namespace: b, ServiceAccount: c}) is not allowed to impersonate",
		`{"response_code":0,"response_flags":",,UF,"}`,
	} {
		f.Add(raw)
	}
	for _, recording := range meshtest.Recordings() {
		for i, l := range recordedLines(f, recording) {
			if i%10 == 0 {
				f.Add(l.Raw)
			}
		}
	}
	decoders := []func(*mesh.LogLine){ztunnel.DecodeLine, istiolog.DecodeLine, func(l *mesh.LogLine) { envoy.DecodeLine(l) }}
	f.Fuzz(func(t *testing.T, raw string) {
		c := logline.NewCorrelator()
		for i, decode := range append(decoders, decoders...) {
			l := &mesh.LogLine{ID: strconv.Itoa(i), Raw: raw, Time: time.Unix(1787220000, 0), From: &mesh.LogTarget{}}
			decode(l)
			logline.Fields(l)
			if x := logline.Explain(l); x.Code != "" && x.Text == "" {
				t.Errorf("code %s has no text", x.Code)
			}
			if p := c.Add(l); p.Group != "" {
				if len(c.Lines(p.Group)) == 0 {
					t.Errorf("group %q has no lines", p.Group)
				}
			}
		}
	})
}
