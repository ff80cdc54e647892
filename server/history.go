package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// historyDeadline is how long a reader waits for Prometheus. What was asked goes
// on, for whoever asks next.
const historyDeadline = 5 * time.Second

// historyPace is how often the newest moment of a chart moves on. Who looks in
// between gets the same answer: fifty readers must not use up what Prometheus is
// asked in a minute.
const historyPace = 15 * time.Second

// prometheusSource is what Prometheus is called among the sources (design 3).
const prometheusSource = "prometheus"

// history is what Prometheus has counted of a service over a time. It is asked
// only where asking makes sense, and where ask is set.
func (s *Server) history(r *http.Request, report *analysis.Report, o mesh.Object, span views.Span, ask bool) views.HistoryAsked {
	var out views.HistoryAsked
	charts := s.charts(s.worldOf(r).name)
	hosts, names := traffic.HistoryOf(report.Snap, o)
	if charts == nil || len(hosts) == 0 {
		return out
	}
	out.Wired, out.Host, out.MoreHosts = true, hosts[0], len(hosts)-1
	out.Source, _ = s.sources(report).Find(prometheusSource)
	if ask && !out.Unreachable() {
		ctx, cancel := context.WithTimeout(r.Context(), historyDeadline)
		defer cancel()
		to := s.now().Truncate(historyPace)
		out.History = draw(ctx, charts, names, MetricRange{Host: out.Host, From: to.Add(-span.Length()), To: to})
	}
	return out
}

// draw asks for charts of one time, all at once.
func draw(ctx context.Context, charts Metrics, names []string, wish MetricRange) *traffic.History {
	lines := make([]*MetricLines, len(names))
	why := make([]string, len(names))
	var asked sync.WaitGroup
	for i, name := range names {
		asked.Go(func() {
			wish := wish
			wish.Chart = MetricChart(name)
			var err error
			if lines[i], err = charts.Range(ctx, wish); err != nil {
				why[i] = historyProblem(err)
			}
		})
	}
	asked.Wait()
	h := &traffic.History{From: wish.From, To: wish.To}
	if i := slices.IndexFunc(lines, func(l *MetricLines) bool { return l != nil }); i >= 0 {
		h.From, h.To, h.Step = lines[i].From, lines[i].To, lines[i].Step
	}
	for i, name := range names {
		h.Charts = append(h.Charts, historyChart(h, name, lines[i], why[i]))
	}
	return h
}

// historyChart puts the numbers of a chart at the moments of all.
func historyChart(h *traffic.History, name string, lines *MetricLines, why string) traffic.HistoryChart {
	c := traffic.HistoryChart{Name: name, Why: why}
	if lines == nil {
		return c
	}
	c.PromQL, c.URL, c.Dropped, c.Warnings = lines.Query.PromQL, lines.Query.URL, lines.Dropped, lines.Warnings
	for _, l := range lines.Lines {
		line := h.NewLine(l.Name)
		for _, p := range l.Points {
			h.Put(&line, p.At, p.Value)
		}
		c.Lines = append(c.Lines, line)
	}
	return c
}

// historyProblem says in a sentence why a chart was not drawn.
func historyProblem(err error) string {
	text := err.Error()
	if errors.Is(err, context.DeadlineExceeded) {
		text = "it did not answer within " + historyDeadline.String()
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}

// partHistory is the panel of charts alone, which a page asks for when it is
// there itself. Who comes by a link gets the page.
func (s *Server) partHistory(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	o, err := serviceAsked(r, report)
	if err != nil {
		return err
	}
	if !wantsFragment(r) {
		//nolint:gosec // G710: a path of our own with names from the snapshot, escaped
		http.Redirect(w, r, string(q.Links().HistoryWhole(o.Ref(), q)), http.StatusSeeOther)
		return nil
	}
	body := views.NewHistory(report, q, o, s.history(r, report, o, q.Span, true))
	return s.show(w, r, http.StatusOK, views.NewFrame(report, q, views.PageServices, o.Ref().NamespacedName()), views.HistoryContent(body))
}

// serviceAsked is the Service or ServiceEntry that a path names.
func serviceAsked(r *http.Request, report *analysis.Report) (mesh.Object, error) {
	sh, name := report.Snap.Shard(param(r, "ns")), param(r, "name")
	if svc := sh.ServiceNamed(name); svc != nil && r.URL.Query().Get("kind") != "ServiceEntry" {
		return svc, nil
	}
	for _, se := range sh.ServiceEntries {
		if se.Name == name {
			return se, nil
		}
	}
	return nil, aService.absent(report, param(r, "ns"), name)
}
