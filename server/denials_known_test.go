package server

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// phases puts the logs of all proxies into one phase.
func (d *denialTown) phases(phase mesh.LogPhase, detail string) []mesh.LogEvent {
	var out []mesh.LogEvent
	for _, target := range chooseProxies(d.snap).targets {
		out = append(out, mesh.LogEvent{State: &mesh.LogState{From: &target, Phase: phase, Detail: detail}})
	}
	return out
}

func TestZeroUnknownAndForbiddenAreThreeThings(t *testing.T) {
	tests := map[string]struct {
		events func(*denialTown) []mesh.LogEvent
		state  mesh.SourceState
		want   []string
		not    string
	}{
		"nothing failed": {
			func(*denialTown) []mesh.LogEvent { return nil }, mesh.SourceOK,
			[]string{"No failures in the last 10 min in the logs of 4 proxies."},
			"unknown",
		},
		"no right to one log": {
			func(d *denialTown) []mesh.LogEvent {
				return []mesh.LogEvent{d.phase("node-b", mesh.LogForbidden, "get pods/log in istio-system")}
			}, mesh.SourcePartial,
			[]string{"The logs of 1 of 4 proxies are not read", "get pods/log in istio-system", "deploy/rbac/logs.yaml", "in the logs of 3 proxies"},
			"",
		},
		"a log that does not answer": {
			func(d *denialTown) []mesh.LogEvent {
				return []mesh.LogEvent{d.phase("node-a", mesh.LogReconnecting, "connection refused")}
			}, mesh.SourcePartial,
			[]string{"no answer: connection refused", "in the logs of 3 proxies"},
			"deploy/rbac",
		},
		"no right to any log": {
			func(d *denialTown) []mesh.LogEvent {
				return d.phases(mesh.LogForbidden, "get pods/log in istio-system")
			}, mesh.SourceForbidden,
			[]string{"The logs of 4 of 4 proxies are not read"},
			"No failures",
		},
		"a log that a recording lacks": {
			func(d *denialTown) []mesh.LogEvent {
				return []mesh.LogEvent{d.phase("node-a", mesh.LogEnded, "The recording does not hold it.")}
			}, mesh.SourcePartial,
			[]string{"The logs of 1 of 4 proxies are not read", "not there: The recording does not hold it.", "in the logs of 3 proxies"},
			"deploy/rbac",
		},
		"no log in a recording": {
			func(d *denialTown) []mesh.LogEvent { return d.phases(mesh.LogEnded, "The recording does not hold it.") },
			mesh.SourceAbsent,
			[]string{"The logs of 4 of 4 proxies are not read"},
			"No failures",
		},
		"logs that were read to their ends": {
			func(d *denialTown) []mesh.LogEvent { return d.phases(mesh.LogEnded, "") },
			mesh.SourceOK,
			[]string{"No failures in the last 10 min in the logs of 4 proxies."},
			"not read",
		},
		"a log without a line": {
			func(d *denialTown) []mesh.LogEvent {
				return []mesh.LogEvent{d.phase("node-a", mesh.LogFollowing, "It has written nothing yet, or its node does not answer.")}
			}, mesh.SourceOK,
			[]string{"logs of 4 proxies, 1 without a line"},
			"not read",
		},
		"lines that were lost": {
			func(d *denialTown) []mesh.LogEvent {
				target := d.snap.LogTargets(mesh.ZtunnelLogs("node-a"))[0]
				return []mesh.LogEvent{{Gap: &mesh.LogGap{From: &target, Dropped: 12, Reason: mesh.GapLimit}}}
			}, mesh.SourcePartial,
			[]string{"12 lines could not be read in time"},
			"",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDenialTown()
				defer d.Close()
				d.look(false)
				d.stream(t).give(t, append(d.phases(mesh.LogFollowing, ""), test.events(d)...)...)
				later(time.Second)
				page := document(t, get(t, d.Server, "/")).Find("#denials").Text()
				page = strings.Join(strings.Fields(page), " ")
				for _, want := range test.want {
					if !strings.Contains(page, want) {
						t.Errorf("the page does not say %q: %s", want, page)
					}
				}
				if test.not != "" && strings.Contains(page, test.not) {
					t.Errorf("the page says %q: %s", test.not, page)
				}
				if said := d.look(false); said.SourceState() != test.state {
					t.Errorf("state %q, want %q", said.SourceState(), test.state)
				}
			})
		})
	}
}

func TestALogThatDidNotAnswerYetIsNoLogWithoutFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDenialTown()
		defer d.Close()
		d.look(false)
		d.stream(t).give(t, d.phase("node-a", mesh.LogFollowing, ""))
		later(time.Second)
		if got := d.look(false); got.Read() != 1 || got.SourceState() != mesh.SourcePartial || !strings.Contains(got.Quiet(), "of 1 proxy") {
			t.Errorf("%d logs are said to be read, %s, %q", got.Read(), got.SourceState(), got.Quiet())
		}
	})
}

func TestAMeshWithoutProxiesIsNotWithoutFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := newFakeLogs()
		s := New(Config{Logs: func(string) Logs { return logs }})
		defer s.Close()
		snap := meshtest.Mesh(meshtest.Namespace("shop"))
		s.Publish("", analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
		s.worlds[""].denials.look(t.Context(), false)
		later(2 * time.Second)
		got := s.worlds[""].denials.look(t.Context(), false)
		if got.SourceState() != mesh.SourceAbsent || got.Quiet() != "" || len(got.Limits()) != 1 {
			t.Errorf("%s, quiet %q, limits %q", got.SourceState(), got.Quiet(), got.Limits())
		}
	})
}

func TestAWaypointWithoutAnAccessLogIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := &mesh.MeshConfig{Meta: mesh.Meta{Kind: "ConfigMap", Namespace: "istio-system", Name: "istio"}}
		d := newDenialTown(meshtest.Objects(config))
		defer d.Close()
		d.look(false)
		d.stream(t).give(t, d.phases(mesh.LogFollowing, "")...)
		later(time.Second)
		got := d.look(false)
		if text := strings.Join(got.Limits(), " "); got.SourceState() != mesh.SourcePartial || !strings.Contains(text, "No access log is written by 1 waypoint (Gateway shop/waypoint)") {
			t.Errorf("%s: %q", got.SourceState(), text)
		}
	})
}

func TestWithoutLogsThePageSaysSo(t *testing.T) {
	s := withDumps(t, nil)
	if page := document(t, get(t, s, "/")).Find("#denials").Text(); !strings.Contains(page, "Logs are not read here") || strings.Contains(page, "No failures") {
		t.Errorf("the page says %q", page)
	}
	var answer struct {
		Source struct{ State string }
		Items  []any
	}
	if err := json.Unmarshal(get(t, s, "/api/v1/denials").Body.Bytes(), &answer); err != nil || answer.Source.State != "absent" || answer.Items == nil {
		t.Errorf("the API says %+v, %v", answer, err)
	}
}
