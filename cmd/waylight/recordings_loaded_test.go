package main

import (
	"bytes"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/collectors/evidence"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// loadedMesh is a recording as its proxies have it in memory, and nothing else
// of it: no object of the API.
type loadedMesh struct {
	ztunnels map[string]*mesh.ZtunnelDump // by node
	envoys   map[string]*mesh.EnvoyDump   // by pod
}

func loadedMeshOf(t *testing.T, name string) *loadedMesh {
	t.Helper()
	b, err := bundle.OpenArchive(bytes.NewReader(meshtest.Recording(name)))
	if err != nil {
		t.Fatal(err)
	}
	files := evidence.Files{Bundle: b}
	m := &loadedMesh{make(map[string]*mesh.ZtunnelDump), make(map[string]*mesh.EnvoyDump)}
	for _, node := range []string{"node-a", "node-b"} {
		d, err := files.Ztunnel(t.Context(), node, mesh.Ref{})
		if err != nil {
			t.Fatal(err)
		}
		m.ztunnels[node] = d
	}
	for _, pod := range []string{"waypoint-6d9f8c7b5d-aax7k", "waypoint-6d9f8c7b5d-bbx7k"} {
		if d, err := files.Envoy(t.Context(), mesh.Ref{Kind: "Pod", Namespace: "shop", Name: pod}); err == nil {
			m.envoys["shop/"+pod] = d
		}
	}
	return m
}

// workload finds one by namespace/name or by address; every ztunnel has all.
func (m *loadedMesh) workload(is func(*mesh.ZtunnelWorkload) bool) *mesh.ZtunnelWorkload {
	for _, w := range m.ztunnels["node-a"].Workloads {
		if is(w) {
			return w
		}
	}
	return nil
}

func withName(name string) func(*mesh.ZtunnelWorkload) bool {
	return func(w *mesh.ZtunnelWorkload) bool { return w.Namespace+"/"+w.Name == name }
}

func withAddress(ip string) func(*mesh.ZtunnelWorkload) bool {
	return func(w *mesh.ZtunnelWorkload) bool { return slices.Contains(w.IPs, ip) }
}

func (m *loadedMesh) service(is func(*mesh.ZtunnelService) bool) *mesh.ZtunnelService {
	for _, s := range m.ztunnels["node-a"].Services {
		if is(s) {
			return s
		}
	}
	return nil
}

func principalOf(w *mesh.ZtunnelWorkload) string {
	return mesh.Principal(w.TrustDomain, w.Namespace, w.ServiceAccount)
}

// certified tells that the ztunnel of a workload's node can speak for it.
func (m *loadedMesh) certified(w *mesh.ZtunnelWorkload) bool {
	return slices.ContainsFunc(m.ztunnels[w.Node].Certificates, func(c mesh.ZtunnelCertificate) bool {
		return c.Identity == "spiffe://"+principalOf(w) && c.State == "Available"
	})
}

// brokenOff is a connection that is broken, as the recordings write it.
const brokenOff = 0

// statuses are all that a call to a service can get; ok is false for a caller
// or an address that proxies decide nothing about.
func (m *loadedMesh) statuses(c recordedCall) (out []int, ok bool) {
	to, number, _ := strings.Cut(c.To, ":")
	port, err := strconv.ParseUint(number, 10, 16)
	from := m.workload(withName(c.From))
	svc := m.service(func(s *mesh.ZtunnelService) bool { return s.Namespace+"/"+s.Name == to })
	if err != nil || from == nil || from.Protocol != "HBONE" || svc == nil {
		return nil, false
	}
	if !m.certified(from) {
		return []int{brokenOff}, true
	}
	identity := authz.Known(principalOf(from))
	if svc.Waypoint != nil {
		return m.throughWaypoint(c, svc, from, uint16(port)), true
	}
	for _, e := range svc.Endpoints {
		w := m.workload(func(w *mesh.ZtunnelWorkload) bool { return w.UID == e.WorkloadUID })
		if m.admits(w, identity, from.IPs[0], e.Ports[uint16(port)]) {
			out = append(out, 200)
		} else {
			out = append(out, brokenOff)
		}
	}
	return out, true
}

// throughWaypoint is a call to each of the waypoint's pods.
func (m *loadedMesh) throughWaypoint(c recordedCall, svc *mesh.ZtunnelService, from *mesh.ZtunnelWorkload, port uint16) []int {
	waypoint := m.service(func(s *mesh.ZtunnelService) bool { return s.Hostname == svc.Waypoint.Hostname })
	if len(waypoint.Endpoints) == 0 {
		return []int{brokenOff}
	}
	var out []int
	for _, e := range waypoint.Endpoints {
		w := m.workload(func(w *mesh.ZtunnelWorkload) bool { return w.UID == e.WorkloadUID })
		request := authz.Request{Host: svc.Name, Method: c.Method, Path: c.Path, Headers: c.Headers, Token: authz.Token{State: authz.TokenNone}}
		got := path.AtLoadedWaypoint(m.envoys[w.Namespace+"/"+w.Name], svc.Hostname, port, authz.Call{
			From: authz.Known(principalOf(from)), Source: netip.MustParseAddr(from.IPs[0]), Port: port, Request: &request,
		})
		if got.Decision.Verdict == authz.Deny {
			out = append(out, got.Decision.Status)
		}
		for _, way := range got.Ways {
			out = append(out, m.afterWaypoint(w, way)...)
		}
	}
	return out
}

// afterWaypoint follows a way to its endpoints; a ztunnel that refuses the
// waypoint is a 503 to the client.
func (m *loadedMesh) afterWaypoint(waypoint *mesh.ZtunnelWorkload, way path.LoadedWay) []int {
	if way.Status != 0 {
		return []int{way.Status}
	}
	if way.Unknown != "" {
		return []int{-1}
	}
	var out []int
	for _, e := range way.Endpoints {
		ip, number, _ := net.SplitHostPort(e.Address)
		port, _ := strconv.ParseUint(number, 10, 16)
		as := authz.Known(principalOf(waypoint))
		if e.Tunnel == "" {
			as = authz.NoIdentity
		}
		if m.admits(m.workload(withAddress(ip)), as, waypoint.IPs[0], uint16(port)) {
			out = append(out, 200)
		} else {
			out = append(out, 503)
		}
	}
	return out
}

// admits asks the ztunnel before a workload by what it has in memory; nobody
// stands before one that is not captured.
func (m *loadedMesh) admits(w *mesh.ZtunnelWorkload, from authz.Identity, source string, port uint16) bool {
	if w.Protocol != "HBONE" {
		return true
	}
	return authz.FromZtunnel(m.ztunnels[w.Node], w, authz.PeerMode{}).Decide(authz.Call{
		From: from, Source: netip.MustParseAddr(source), Destination: netip.MustParseAddr(w.IPs[0]), Port: port,
	}).Verdict == authz.Allow
}

// What proxies have in memory decides, and here nothing else is known.
func TestRecordedCallsAgreeWithWhatProxiesHaveInMemory(t *testing.T) {
	compared, behind := 0, 0
	for _, name := range meshtest.Recordings() {
		m := loadedMeshOf(t, name)
		for _, c := range callsOf(t, name) {
			want, ok := m.statuses(c)
			if !ok {
				continue
			}
			compared++
			if slices.ContainsFunc(want, func(status int) bool { return status > 200 }) {
				behind++
			}
			for _, o := range c.Observed {
				if !slices.Contains(want, o.HTTP) {
					t.Errorf("%s: %s %s from %s to %s %v got %d, and by their memory proxies give %v", name, c.Method, c.Path, c.From, c.To, c.Headers, o.HTTP, want)
				}
			}
		}
	}
	if compared < 50 || behind < 10 {
		t.Errorf("only %d calls were compared, %d of them refused behind or at a waypoint", compared, behind)
	}
}
