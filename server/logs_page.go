package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// recentDeadline is how long the page of logs waits for the newest lines. It
// streams the rest, so that a slow node does not hold it up.
const recentDeadline = 2 * time.Second

// pageLogs is the page of logs. It has the newest lines itself; a browser with
// scripts goes on with a stream, and its updates of the page ask for none.
func (s *Server) pageLogs(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	a := s.answerLogs(r, report)
	status := http.StatusOK
	if a.Problem != "" {
		status = s.problemStatus(w, report, a.Unread)
	}
	m := views.NewLogs(report, a, q)
	title := "Logs"
	if m.Title != "" {
		title = "Logs of " + m.Title
	}
	return s.show(w, r, status, views.NewFrame(report, q, views.PageLogs, title), views.LogsContent(m))
}

// answerLogs finds whose logs are asked for, and reads the newest of them.
func (s *Server) answerLogs(r *http.Request, report *analysis.Report) views.LogsAnswer {
	a := views.LogsAnswer{Ask: views.ParseLogsAsk(r.URL.Query())}
	if !a.Ask.Asked() {
		return a
	}
	query, err := logQuery(report.Snap, &a)
	if err != nil {
		a.Problem, a.Unread = sentence(err), unreadOf(err)
		return a
	}
	wish, unserved, err := query.Follow(report.Snap, s.now())
	if err != nil {
		a.Problem, a.Unread = sentence(err), unreadOf(err)
		return a
	}
	logs := s.logs(s.worldOf(r).name)
	if a.Unwired = logs == nil; a.Unwired || wantsFragment(r) {
		return a
	}
	ctx, cancel := context.WithTimeout(r.Context(), recentDeadline)
	defer cancel()
	for i := range unserved {
		a.Events = append(a.Events, views.LogsEvent{LogEvent: mesh.LogEvent{State: &unserved[i]}})
	}
	reader := LineReader{Filter: query.Filter, Call: query.Lines(report.Snap)}
	keepLogs(&a, logs.Recent(ctx, wish.Targets, wish.Since), &reader)
	return a
}

// unreadOf is why nobody knows whether a question makes sense; nil for one that
// makes none.
func unreadOf(err error) *mesh.Unread {
	if bad, ok := errors.AsType[*path.BadRequestError](err); ok {
		return bad.Unread
	}
	return nil
}

// logQuery is what is asked for as a query of the stream. An expression that
// cannot be read hides nothing: the page says so beside the lines.
func logQuery(snap *mesh.Snapshot, a *views.LogsAnswer) (LogQuery, error) {
	sources, err := askedSources(a.Ask)
	if err != nil {
		return LogQuery{}, err
	}
	a.Follow = a.Ask.Whose(sources)
	values := maps.Clone(a.Follow)
	values.Set(ParamLogSince, a.Ask.Since)
	query, err := ParseLogQuery(values)
	if err != nil {
		return query, err
	}
	query.Filter, err = NewLineFilter([]string{a.Ask.Include}, []string{a.Ask.Exclude}, a.Ask.Level, a.Ask.Denied)
	if err != nil {
		a.FilterProblem = sentence(err)
	}
	query.Filter.OnlyCall = a.Ask.OnlyCall()
	a.Sources, err = query.Whose(snap)
	return query, err
}

// keepLogs keeps the lines that pass the filter, and what is said of the others.
func keepLogs(a *views.LogsAnswer, events []mesh.LogEvent, reader *LineReader) {
	for i := range events {
		shown := views.LogsEvent{LogEvent: events[i]}
		if shown.Line != nil {
			a.All++
			l, wanted := reader.Read(&events[i])
			if !wanted {
				continue
			}
			shown.Explained, shown.Fields = l.Explained, l.Fields
		}
		a.Events = append(a.Events, shown)
	}
	a.Others = reader.Others
}

// askedSources are the sources of what is asked for beside a call and a service:
// a node's ztunnel and istio-cni, a waypoint, and those that are named.
func askedSources(ask views.LogsAsk) ([]string, error) {
	out := slices.Clone(ask.Sources)
	if ask.Node != "" {
		out = append(out, string(mesh.ZtunnelLogs(ask.Node)), mesh.LogSourceCNI+"/"+ask.Node)
	}
	if ask.Waypoint != "" {
		namespace, name, ok := strings.Cut(ask.Waypoint, "/")
		if !ok {
			return nil, fmt.Errorf("%.80q is no waypoint: write namespace/name", ask.Waypoint)
		}
		out = append(out, string(mesh.WaypointLogs(namespace, name)))
	}
	return out, nil
}
