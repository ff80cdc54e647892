package server

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

// pathLogs have a past for each container, by the node it runs on.
type pathLogs struct {
	Logs
	of    map[string]mesh.LogEvent
	asked []string
	since time.Time
}

func (l *pathLogs) Recent(_ context.Context, targets []mesh.LogTarget, since time.Time) []mesh.LogEvent {
	var out []mesh.LogEvent
	for i := range targets {
		target := &targets[i]
		l.asked, l.since = append(l.asked, target.Name()), since
		e, ok := l.of[target.Node]
		switch {
		case !ok:
			continue
		case e.State != nil:
			e.State.From = target
		case e.Gap != nil:
			e.Gap.From = target
		case e.Line != nil:
			e.Line.From = target
		}
		out = append(out, e)
	}
	return out
}

func TestTheLogsOfAPathAreReadWithItsProxies(t *testing.T) {
	snap := meshtest.Mesh(shop("waypoint"), meshtest.Node("node-a"), meshtest.Node("node-b"))
	involved := path.Proxies{Nodes: []string{"node-a", "node-b"}}
	since := snap.At.Add(-time.Minute)
	line := func() mesh.LogEvent { return mesh.LogEvent{Line: &mesh.LogLine{ID: "one", Time: snap.At}} }
	state := func(phase mesh.LogPhase, detail string) mesh.LogEvent {
		return mesh.LogEvent{State: &mesh.LogState{Phase: phase, Detail: detail}}
	}
	tests := map[string]struct {
		b     mesh.LogEvent
		words string // empty where all was read
		role  string
	}{
		"all are read":          {line(), "", ""},
		"one is quiet":          {state(mesh.LogEnded, ""), "", ""},
		"a right is missing":    {state(mesh.LogForbidden, "get pods/log in istio-system"), "missing right: get pods/log in istio-system", roleOfLogs},
		"one is not recorded":   {state(mesh.LogEnded, "The recording does not hold it."), "not there: The recording does not hold it.", ""},
		"one does not answer":   {state(mesh.LogReconnecting, "connection refused"), "no answer: connection refused", ""},
		"one is read in part":   {mesh.LogEvent{Gap: &mesh.LogGap{Dropped: 12, Reason: mesh.GapLimit}}, "in part: 12 lines are left out", ""},
		"nobody knows how much": {mesh.LogEvent{Gap: &mesh.LogGap{Dropped: -1, Reason: mesh.GapRemoved}}, "in part: some lines are left out", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			logs := &pathLogs{of: map[string]mesh.LogEvent{"node-a": line(), "node-b": test.b}}
			seen := ReadPath(t.Context(), snap, PathReaders{Logs: logs}, since, involved, false)
			if diff := cmp.Diff([]string{"istio-system/ztunnel-node-a/istio-proxy", "istio-system/ztunnel-node-b/istio-proxy"}, logs.asked); diff != "" || !logs.since.Equal(since) {
				t.Errorf("asked since %s (-want +got):\n%s", logs.since, diff)
			}
			if len(seen.Lines(mesh.ZtunnelLogs("node-a"))) != 1 {
				t.Error("the line of node-a is not there")
			}
			if test.words == "" {
				if len(seen.LogsUnread) > 0 {
					t.Errorf("not read: %+v", seen.LogsUnread)
				}
				return
			}
			if len(seen.LogsUnread) != 1 || seen.LogsUnread[0].Source != mesh.ZtunnelLogs("node-b") || seen.LogsUnread[0].Why() != test.words || seen.LogsUnread[0].Role() != test.role {
				t.Fatalf("not read: %+v", seen.LogsUnread)
			}
			var said []string
			for words := range seen.UnreadWords() {
				said = append(said, words)
			}
			if text := strings.Join(said, "; "); !strings.Contains(text, "logs/istio-system/ztunnel-node-b/istio-proxy ("+test.words+")") {
				t.Errorf("said %q", text)
			}
		})
	}
}

// roleOfLogs is the file that grants the reading of logs.
const roleOfLogs = "deploy/rbac/logs.yaml"

func TestWithoutLogsAPathSaysNothingOfThem(t *testing.T) {
	snap := meshtest.Mesh(shop("waypoint"), meshtest.Node("node-a"))
	seen := ReadPath(t.Context(), snap, PathReaders{}, snap.At, path.Proxies{Nodes: []string{"node-a"}}, false)
	if seen.Logs != nil || len(seen.LogsUnread) > 0 || seen.Proxies[0].Failure != views.ReadUnwired {
		t.Errorf("got %+v", seen)
	}
}
