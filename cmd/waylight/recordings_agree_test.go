package main

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// recordedCallers are the identities of the recorded mesh, a stranger's, and
// none.
func recordedCallers() []authz.Identity {
	out := []authz.Identity{authz.NoIdentity, authz.UnknownIdentity, authz.Known("other.example/ns/shop/sa/web")}
	for _, name := range []string{"shop/web", "shop/orders", "shop/catalog", "shop/waypoint", "payments/ledger", "payments/fraud-score", "legacy/batch"} {
		namespace, account, _ := strings.Cut(name, "/")
		out = append(out, authz.Known(mesh.Principal("cluster.local", namespace, account)))
	}
	return out
}

// disagree compares two decisions about one call.
func disagree(t *testing.T, where string, c authz.Call, declared, had *authz.Hop) {
	t.Helper()
	a, b := declared.Decide(c), had.Decide(c)
	if a.Verdict != b.Verdict || a.Code != b.Code || a.Policy != b.Policy {
		t.Errorf("%s: %+v %+v: by the API %+v, by the proxy %+v", where, c, c.Request, a, b)
	}
}

// The proxies of the recordings had what istiod made of the API, so both must
// say the same of every call.
func TestZtunnelsOfRecordingsEnforceWhatIsDeclared(t *testing.T) {
	compared := 0
	for _, name := range meshtest.Recordings() {
		s, m := snapshotOf(t, name), loadedMeshOf(t, name)
		for node, d := range m.ztunnels {
			for i := range d.Workloads {
				found := d.Workloads[i]
				w := s.Workload(found.Namespace, found.Name)
				if w == nil || found.Node != node {
					continue
				}
				declared := authz.AtZtunnel(s, w)
				had := authz.FromZtunnel(d, found, declared.Mode)
				for _, from := range recordedCallers() {
					for _, port := range []uint16{80, 8080, 8443, 9090} {
						compared++
						disagree(t, name+" "+w.Name, authz.Call{From: from, Port: port, Source: netip.MustParseAddr("10.244.1.9")}, declared, had)
					}
				}
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d calls were compared", compared)
	}
}

func TestWaypointsOfRecordingsEnforceWhatIsDeclared(t *testing.T) {
	compared := 0
	for _, name := range meshtest.Recordings() {
		s, m := snapshotOf(t, name), loadedMeshOf(t, name)
		for pod, d := range m.envoys {
			for _, l := range d.Listeners {
				if l.Name != "main_internal" || l.State != mesh.EnvoyActive {
					continue
				}
				for i := range l.Chains {
					c := &l.Chains[i]
					service, _, isService := strings.Cut(c.Host, ".")
					svc := s.Service("shop", service)
					if !isService || svc == nil {
						continue
					}
					declared := authz.AtWaypoint(s, s.Gateway("shop", "waypoint"), authz.Target{Service: svc.Ref(), Port: mesh.ServicePort{Name: c.Protocol, Port: c.Port}})
					compared += compareAtWaypoint(t, name+" "+pod+" "+c.Name, declared, authz.FromEnvoy(d, c))
				}
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d calls were compared", compared)
	}
}

// compareAtWaypoint asks both about calls with and without tokens.
func compareAtWaypoint(t *testing.T, where string, declared, had *authz.Hop) int {
	t.Helper()
	tokens := []authz.Token{
		{},
		{State: authz.TokenNone},
		{State: authz.TokenInvalid},
		{State: authz.TokenValid, Issuer: "https://accounts.example.com", Subject: "anna"},
		{State: authz.TokenValid, Issuer: "https://other.example", Subject: "anna"},
	}
	n := 0
	for _, from := range recordedCallers() {
		for _, method := range []string{"GET", "POST", "DELETE", ""} {
			for _, path := range []string{"/api/items", "/api", "/admin", "/api/../admin", ""} {
				for _, token := range tokens {
					r := authz.Request{Host: "orders", Method: method, Path: path, Headers: map[string]string{"x-canary": "always"}, Token: token}
					a, b := declared.Decide(authz.Call{From: from, Port: 80, Request: &r}), had.Decide(authz.Call{From: from, Port: 80, Request: &r})
					if n++; a.Verdict != b.Verdict || a.Code != b.Code || a.Status != b.Status {
						t.Errorf("%s: %+v %+v: by the API %+v, by the proxy %+v", where, from, r, a, b)
					}
				}
			}
		}
	}
	return n
}
