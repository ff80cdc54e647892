package views

import (
	"cmp"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// HistoryAsked is what came of asking a Prometheus for the history of a service.
type HistoryAsked struct {
	// Wired tells that a Prometheus is asked, or looked for, at all; Source is
	// how it stands.
	Wired  bool
	Source mesh.SourceStatus
	// History is nil where it was not asked for.
	History *traffic.History
	// Host is the one it is of, MoreHosts how many others the service has.
	Host      string
	MoreHosts int
}

// Unreachable tells that Prometheus need not be asked now.
func (a HistoryAsked) Unreachable() bool {
	switch a.Source.State {
	case mesh.SourceDown, mesh.SourceForbidden, mesh.SourceAbsent, mesh.SourceStarting:
		return true
	}
	return false
}

// HistoryPanel is the panel of charts. What Prometheus says comes after the
// page, in a HistoryBody that is fetched by itself.
type HistoryPanel struct {
	Spans []SpanLink
	// Part is where the body is fetched from, Whole the page with the body in
	// it; both are empty where no Prometheus is asked.
	Part, Whole templ.SafeURL
	// Body is what can be said at once; nil where it is fetched.
	Body *HistoryBody
}

// SpanLink is a time to choose.
type SpanLink struct {
	Text    string
	URL     templ.SafeURL
	Current bool
}

// HistoryBody is what is known of a time.
type HistoryBody struct {
	// Note says of what and when the charts are.
	Note string
	// Why says in a sentence why there are none, with the state that Prometheus
	// is in and since when, if that is why.
	Why   string
	State mesh.SourceState
	Since time.Time
	// Numbers is where a script gets the numbers; empty without charts.
	Numbers templ.SafeURL
	Charts  []HistoryFigure
	// Instead are the numbers of the last minutes, where there are no charts.
	Instead *HistoryInstead
	Changes []ChangeRow
	// MoreChanges counts changes that are not listed.
	MoreChanges int
}

// newHistoryPanel shows the times there are, and the body at once where nobody
// has to be asked for it.
func newHistoryPanel(r *analysis.Report, q Query, o mesh.Object, a HistoryAsked) *HistoryPanel {
	p := &HistoryPanel{}
	for _, s := range spans {
		p.Spans = append(p.Spans, SpanLink{Text: s.words, URL: q.Links().history(o.Ref(), q, s.name), Current: s.name == cmp.Or(q.Span, defaultSpan)})
	}
	if a.Wired {
		p.Part, p.Whole = q.Links().historyPart(o.Ref(), q), q.Links().HistoryWhole(o.Ref(), q)
	}
	if !a.Wired || a.History != nil || a.Unreachable() {
		p.Body = NewHistory(r, q, o, a)
	}
	return p
}

// NewHistory makes the body of the panel from what Prometheus said of a Service
// or ServiceEntry.
func NewHistory(r *analysis.Report, q Query, o mesh.Object, a HistoryAsked) *HistoryBody {
	b := &HistoryBody{}
	since := r.At.Add(-q.Span.Length())
	if h := a.History; h != nil {
		since = h.From
		b.Note = historyNote(h, a)
		b.Charts = historyFigures(h)
	}
	b.explain(a)
	if b.Why != "" {
		b.Charts, b.Instead = nil, newHistoryInstead(r, o.Ref())
	} else {
		b.Numbers = q.Links().historyNumbers(o.Ref(), q)
	}
	changes, more := PathChanges(r, o, since)
	for _, c := range changes {
		b.Changes = append(b.Changes, ChangeRow{
			ID: "path-" + changeID(change{at: c.At, ref: c.Object, did: c.Did}), Time: c.At,
			Object: NewObjectLink(r.Snap, q, c.Object), Did: c.Did, By: c.By,
		})
	}
	b.MoreChanges = more
	return b
}

// explain says why there is no chart, if there is none.
func (b *HistoryBody) explain(a HistoryAsked) {
	if b.Why = a.Why(); b.Why == "" {
		return
	}
	switch {
	case !a.Wired:
		b.State = mesh.SourceAbsent
	case a.Unreachable():
		b.State, b.Since = a.Source.State, sinceOf(a.Source)
	case a.History == nil:
		b.State = mesh.SourceStarting
	default:
		b.State = mesh.SourcePartial
	}
}

// Why says in a sentence why there is no chart at all; empty where there is one.
func (a HistoryAsked) Why() string {
	switch {
	case !a.Wired:
		return "What was before the last minutes is kept by a Prometheus, and none is asked."
	case a.Unreachable():
		return a.Source.Detail
	case a.History == nil:
		return "Prometheus was not asked yet."
	}
	return commonReason(a.History.Charts)
}

// commonReason is why no chart could be asked for; empty where one could, or the
// reasons differ.
func commonReason(charts []traffic.HistoryChart) string {
	for _, c := range charts {
		if c.Why == "" || c.Why != charts[0].Why {
			return ""
		}
	}
	if len(charts) == 0 {
		return ""
	}
	return charts[0].Why
}

// historyNote says of what the charts are.
func historyNote(h *traffic.History, a HistoryAsked) string {
	note := a.Host + ", " + momentsText(h.From, h.To) + ", every " + ui.Duration(h.Step)
	if a.MoreHosts > 0 {
		note += "; " + plural(a.MoreHosts, "other host") + " of it not drawn"
	}
	return note
}

// momentsText is a time from one moment to another, with the days where they
// differ.
func momentsText(from, to time.Time) string {
	from, to = from.UTC(), to.UTC()
	layout := "15:04"
	if from.YearDay() != to.YearDay() || from.Year() != to.Year() {
		layout = "2 Jan 15:04"
	}
	return from.Format(layout) + " to " + to.Format(layout) + " UTC"
}

// momentText is one moment of a time that ends at to.
func momentText(at, to time.Time) string {
	if to.Sub(at) >= 24*time.Hour {
		return at.UTC().Format("2 Jan 15:04 UTC")
	}
	return at.UTC().Format("15:04 UTC")
}

// history is the tab of rates over a time.
func (l Links) history(r mesh.Ref, q Query, span Span) templ.SafeURL {
	v := historyParams(r, q)
	v.Set(paramRange, string(span))
	return l.to(v, string(PageServices), r.Namespace, r.Name, TabRates)
}

// HistoryWhole is the same tab, made only when Prometheus has answered.
func (l Links) HistoryWhole(r mesh.Ref, q Query) templ.SafeURL {
	v := historyParams(r, q)
	v.Set(paramHistory, historyNow)
	return l.to(v, string(PageServices), r.Namespace, r.Name, TabRates)
}

// historyPart is the body of the panel alone.
func (l Links) historyPart(r mesh.Ref, q Query) templ.SafeURL {
	return l.to(historyParams(r, q), string(PageServices), r.Namespace, r.Name, TabRates, "history")
}

// historyNumbers are the same for a script.
func (l Links) historyNumbers(r mesh.Ref, q Query) templ.SafeURL {
	return l.to(historyParams(r, q), "/api/v1"+string(PageServices), r.Namespace, r.Name, "chart")
}

func historyParams(r mesh.Ref, q Query) url.Values {
	v := url.Values{paramRange: {string(cmp.Or(q.Span, defaultSpan))}}
	if r.Kind == "ServiceEntry" {
		v.Set(paramKind, r.Kind)
	}
	if q.Port != 0 {
		v.Set(paramPort, number(int(q.Port)))
	}
	return v
}

// byWord says who wrote a change; empty where nobody is named.
func byWord(manager string) string {
	if manager == "" {
		return ""
	}
	return " by " + managerWord(manager)
}
