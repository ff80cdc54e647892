package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// snapshotOf reads a recording through the collector.
func snapshotOf(t *testing.T, name string) *mesh.Snapshot {
	t.Helper()
	b, err := bundle.OpenArchive(bytes.NewReader(meshtest.Recording(name)))
	if err != nil {
		t.Fatal(err)
	}
	f := recorded(b, name, name, mesh.OriginRecorded)
	if err := f.source.(loader).Load(t.Context(), f.assembler); err != nil {
		t.Fatal(err)
	}
	return f.assembler.Snapshot()
}

// recordedCall is a call that was made on the mesh right after a recording,
// three times.
type recordedCall struct {
	From, To, Method, Path string
	Headers                map[string]string
	Observed               []struct{ HTTP int }
}

// answered tells whether the application answered every try.
func (c recordedCall) answered() bool {
	return !slices.ContainsFunc(c.Observed, func(o struct{ HTTP int }) bool { return o.HTTP == 0 || o.HTTP >= 300 })
}

func callsOf(t *testing.T, name string) []recordedCall {
	t.Helper()
	var truth struct{ Calls []recordedCall }
	if err := json.Unmarshal(meshtest.Expectation(name), &truth); err != nil {
		t.Fatal(err)
	}
	return truth.Calls
}

// service resolves what a call was addressed to; ok is false for a pod.
func (c recordedCall) service(s *mesh.Snapshot) (ref mesh.Ref, port uint16, ok bool) {
	to, number, _ := strings.Cut(c.To, ":")
	namespace, name, _ := strings.Cut(to, "/")
	n, err := strconv.ParseUint(number, 10, 16)
	ref = mesh.Ref{Kind: "Service", Namespace: namespace, Name: name}
	return ref, uint16(n), err == nil && s.Service(namespace, name) != nil
}

// caller is the row of the pod that made the call.
func (c recordedCall) caller(s *mesh.Snapshot, service mesh.Ref, port uint16) (path.Caller, bool) {
	namespace, pod, _ := strings.Cut(c.From, "/")
	rows := path.Callers(s, service, port)
	i := slices.IndexFunc(rows, func(r path.Caller) bool {
		return slices.ContainsFunc(r.Pods, func(w *mesh.Workload) bool { return w.Namespace == namespace && w.Name == pod })
	})
	if i < 0 {
		return path.Caller{}, false
	}
	return rows[i], true
}

// What objects cannot show (a certificate that is missing) is not asked here.
func TestRecordedCallsAgreeWithTheDrawing(t *testing.T) {
	compared := 0
	for _, name := range meshtest.Recordings() {
		if name == "ca-mismatch" {
			continue
		}
		s := snapshotOf(t, name)
		for _, c := range callsOf(t, name) {
			service, port, ok := c.service(s)
			if !ok {
				continue
			}
			compared++
			row, ok := c.caller(s, service, port)
			if !ok {
				t.Errorf("%s: %s is no caller of %s", name, c.From, c.To)
				continue
			}
			g := path.ForService(s, service, port, path.Options{})
			decision, _ := row.Deciding()
			passes := row.Admitted() && g.Verdict == path.Reachable
			switch {
			case c.answered() && !passes:
				t.Errorf("%s: %s %s from %s to %s was answered, and is said to fail: %s, %s", name, c.Method, c.Path, c.From, c.To, g.Summary, decision.Reason)
			case !c.answered() && passes && !decision.DependsOnRequest():
				t.Errorf("%s: %s %s from %s to %s failed, and is said to pass: %s, %s", name, c.Method, c.Path, c.From, c.To, g.Summary, decision.Reason)
			}
		}
	}
	if compared < 20 {
		t.Errorf("only %d calls were compared", compared)
	}
}

// Behind a waypoint that answers, 403 is its own and anything else has passed
// its policies.
func TestRecordedRequestsAgreeWithTheWaypoint(t *testing.T) {
	refused, passed := 0, 0
	for _, name := range meshtest.Recordings() {
		if name == "ca-mismatch" || name == "waypoint-no-endpoints" {
			continue
		}
		s := snapshotOf(t, name)
		for _, c := range callsOf(t, name) {
			service, port, ok := c.service(s)
			row, found := c.caller(s, service, port)
			if !ok || !found || !row.ViaWaypoint {
				continue
			}
			svc := s.Service(service.Namespace, service.Name)
			gateway := s.ServiceBinding(svc).Waypoint
			hop := authz.AtWaypoint(s, s.Gateway(gateway.Namespace, gateway.Name), authz.Target{Service: service, Port: *svc.Port(port)})
			got := hop.Decide(authz.Call{From: authz.Known(row.Principal), Port: port, Request: &authz.Request{
				Host: service.Name, Method: c.Method, Path: c.Path, Headers: c.Headers, Token: authz.Token{State: authz.TokenNone},
			}})
			want := authz.Allow
			if c.Observed[0].HTTP == 403 {
				want = authz.Deny
				refused++
			} else {
				passed++
			}
			if got.Verdict != want {
				t.Errorf("%s: %s %s from %s to %s got %d, and the waypoint is said to %s it: %s", name, c.Method, c.Path, c.From, c.To, c.Observed[0].HTTP, got.Verdict, got.Reason)
			}
		}
	}
	if refused < 6 || passed < 10 {
		t.Errorf("only %d refused and %d passed requests were compared", refused, passed)
	}
}

func TestRecordingsAreDrawn(t *testing.T) {
	shop := func(name string) mesh.Ref { return mesh.Ref{Kind: "Service", Namespace: "shop", Name: name} }
	for _, test := range []struct {
		recording string
		service   mesh.Ref
		verdict   path.Verdict
		code      string
		outcome   string
		states    map[string]path.State
	}{
		{"clean", shop("orders"), path.Reachable, "", "The application's own answer.", map[string]path.State{
			"caller/ztunnel/shop/web": path.StateOK, "source/node/node-a": path.StateOK, "waypoint/shop/waypoint": path.StateOK,
			"destination/node/node-a": path.StateOK, "destination/node/node-b": path.StateOK, "backend/Deployment/shop/orders-v2": path.StateOK,
		}},
		{"guide-as-written", shop("orders"), path.Unreachable, "AUTHZ_WAYPOINT_IDENTITY_DENIED", "HTTP 503 from the waypoint.", map[string]path.State{
			"waypoint/shop/waypoint": path.StateOK, "destination/node/node-a": path.StateBad, "destination/node/node-b": path.StateBad, "backend/Deployment/shop/orders-v1": path.StateNotReached,
		}},
		{"guide-as-written", shop("catalog"), path.Unreachable, "AUTHZ_WAYPOINT_IDENTITY_DENIED", "HTTP 503 from the waypoint.", nil},
		{"waypoint-label-typo", shop("orders"), path.Unreachable, "POLICY_NONE_ALLOWED", "The connection is reset: the destination's ztunnel refuses it.", map[string]path.State{
			"waypoint/shop/wayponit": path.StateBypassed, "destination/node/node-a": path.StateBad,
		}},
		{"waypoint-no-endpoints", shop("orders"), path.Unreachable, "WAYPOINT_NO_ENDPOINTS", "The connection is reset by the caller's ztunnel, which finds no waypoint to send it to.", map[string]path.State{
			"waypoint/shop/waypoint": path.StateBad, "destination/node/node-a": path.StateNotReached,
		}},
		{"pod-not-captured", shop("catalog"), path.Reachable, "", "The application's own answer.", map[string]path.State{"backend/Deployment/shop/catalog": path.StateWarn}},
		{"ca-mismatch", shop("orders"), path.Reachable, "", "The application's own answer.", nil},
	} {
		t.Run(test.recording+" "+test.service.Name, func(t *testing.T) {
			g := path.ForService(snapshotOf(t, test.recording), test.service, 80, path.Options{})
			if g.Verdict != test.verdict || g.Code != test.code || g.Outcome != test.outcome {
				t.Errorf("%s %s %q, want %s %s %q: %s", g.Verdict, g.Code, g.Outcome, test.verdict, test.code, test.outcome, g.Summary)
			}
			got := make(map[string]path.State)
			for _, n := range g.Nodes {
				got[n.ID] = n.State
			}
			for id, state := range test.states {
				if got[id] != state {
					t.Errorf("%s is %q, want %q", id, got[id], state)
				}
			}
		})
	}
}
