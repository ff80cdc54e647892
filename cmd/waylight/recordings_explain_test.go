package main

import (
	"bytes"
	"fmt"
	"maps"
	"testing"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/collectors/evidence"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// recordedDumps are what the proxies of a recording had in memory.
type recordedDumps struct {
	ztunnels map[string]*mesh.ZtunnelDump
	envoys   map[mesh.Ref]*mesh.EnvoyDump
}

func (d recordedDumps) Ztunnel(node string) *mesh.ZtunnelDump { return d.ztunnels[node] }
func (d recordedDumps) Envoy(pod mesh.Ref) *mesh.EnvoyDump    { return d.envoys[pod] }

// dumpsOfRecording reads every proxy of a recording that was read when it was
// made.
func dumpsOfRecording(t *testing.T, name string, s *mesh.Snapshot) recordedDumps {
	t.Helper()
	b, err := bundle.OpenArchive(bytes.NewReader(meshtest.Recording(name)))
	if err != nil {
		t.Fatal(err)
	}
	files := evidence.Files{Bundle: b}
	out := recordedDumps{make(map[string]*mesh.ZtunnelDump), make(map[mesh.Ref]*mesh.EnvoyDump)}
	for _, n := range s.Nodes {
		if d, err := files.Ztunnel(t.Context(), n.Name, mesh.Ref{}); err == nil {
			out.ztunnels[n.Name] = d
		}
	}
	for _, w := range s.Waypoints() {
		for _, p := range w.Pods {
			if d, err := files.Envoy(t.Context(), p.Ref()); err == nil {
				out.envoys[p.Ref()] = d
			}
		}
	}
	if len(out.ztunnels) == 0 {
		t.Fatal("no dump of a ztunnel could be read")
	}
	return out
}

// got is what a client got: ok, an HTTP status, or a connection that was cut.
func (c recordedCall) got(i int) string {
	switch status := c.Observed[i].HTTP; {
	case status == 0:
		return "cut"
	case status < 300:
		return "ok"
	default:
		return fmt.Sprintf("http %d", status)
	}
}

// predicted says an explanation in the same words.
func predicted(e *path.Explanation) string {
	switch {
	case e.Verdict == path.Reachable:
		return "ok"
	case e.Verdict != path.Unreachable:
		return string(e.Verdict)
	case e.Outcome.Kind == path.OutcomeHTTP:
		return fmt.Sprintf("http %d", e.Outcome.Status)
	}
	return "cut"
}

func (c recordedCall) explain(t *testing.T, s *mesh.Snapshot, dumps path.Dumps) *path.Explanation {
	t.Helper()
	r := path.Request{From: c.From, To: c.To, Method: c.Method, Path: c.Path}
	for k, v := range c.Headers {
		r.Headers = append(r.Headers, path.Header{Name: k, Value: v})
	}
	e, err := path.Explain(s, dumps, r)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Every call of every recording gets what it really got, from objects alone and
// with what the proxies had in memory; and the two agree on the meshes whose
// proxies were connected.
func TestRecordedCallsGetWhatTheyGot(t *testing.T) {
	for _, name := range meshtest.Recordings() {
		t.Run(name, func(t *testing.T) {
			s := snapshotOf(t, name)
			dumps := dumpsOfRecording(t, name, s)
			for _, c := range callsOf(t, name) {
				for source, seen := range map[string]path.Dumps{"objects": nil, "dumps": dumps} {
					e := c.explain(t, s, seen)
					if got := predicted(e); got != c.got(0) {
						t.Errorf("by %s, %s %s from %s to %s: %s, really %s (%s)", source, c.Method, c.Path, c.From, c.To, got, c.got(0), e.Summary)
					}
					for _, h := range e.Hops {
						if h.Contradiction != "" {
							t.Errorf("%s to %s: %s", c.From, c.To, h.Contradiction)
						}
					}
				}
			}
		})
	}
}

// Proxies that istiod no longer reaches go on with what they had: whatever has
// been changed in the API since, calls get what they got before.
func TestProxiesThatAreCutOffGoOnAsBefore(t *testing.T) {
	changes := map[string]func(*mesh.Shard) (put []mesh.Object, gone []mesh.Ref){
		"every policy is deleted": func(sh *mesh.Shard) (_ []mesh.Object, gone []mesh.Ref) {
			return nil, append(refsOf(sh.Authorizations), refsOf(sh.PeerAuths)...)
		},
		"every route is deleted": func(sh *mesh.Shard) (_ []mesh.Object, gone []mesh.Ref) {
			return nil, append(refsOf(sh.Routes), refsOf(sh.DestinationRules)...)
		},
		"every Gateway is deleted": func(sh *mesh.Shard) (_ []mesh.Object, gone []mesh.Ref) { return nil, refsOf(sh.Gateways) },
		"the namespace asks for another waypoint": func(sh *mesh.Shard) (put []mesh.Object, _ []mesh.Ref) {
			if sh.Info == nil || sh.Info.Labels[mesh.LabelUseWaypoint] == "" {
				return nil, nil
			}
			changed := *sh.Info
			changed.Labels = maps.Clone(sh.Info.Labels)
			changed.Labels[mesh.LabelUseWaypoint] = "another"
			return []mesh.Object{&changed}, nil
		},
	}
	for _, name := range meshtest.Recordings() {
		s := snapshotOf(t, name)
		dumps := dumpsOfRecording(t, name, s)
		for change, of := range changes {
			t.Run(name+", and "+change, func(t *testing.T) {
				var put []mesh.Object
				var gone []mesh.Ref
				for _, sh := range s.Shards {
					p, g := of(sh)
					put, gone = append(put, p...), append(gone, g...)
				}
				changed := s.With(put, gone)
				for _, c := range callsOf(t, name) {
					if e := c.explain(t, changed, dumps); predicted(e) != c.got(0) {
						t.Errorf("%s %s from %s to %s: %s, really %s (%s)", c.Method, c.Path, c.From, c.To, predicted(e), c.got(0), e.Summary)
					}
				}
			})
		}
	}
}

func refsOf[T mesh.Object](list []T) []mesh.Ref {
	var out []mesh.Ref
	for _, o := range list {
		out = append(out, o.Ref())
	}
	return out
}
