package views

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/waylight/waylight/analysis/traffic"
)

// HistoryFigure is one chart, as a picture for those who see it, a table, and a
// sentence.
type HistoryFigure struct {
	Name, Title string
	// Summary is what a screen reader says of the picture.
	Summary string
	Rows    []HistoryRow
	// Why says why there are no rows. Notes are what has to be known beside them.
	Why   string
	Notes []string
	Query RateQuery
}

// HistoryRow is one line of a chart. What is empty is not known.
type HistoryRow struct {
	Name, Meaning   string
	Last, Low, High string
	// LastNote says more of the last value, such as when it was.
	LastNote string
	// Line is its number in the chart, from 1, by which it is coloured; Key its
	// name in the API.
	Line int
	Key  string
	// Spark is a small picture of it, for pages without scripts.
	Spark []string
}

// linesDrawn is how many lines of one chart can be told apart.
const linesDrawn = 6

// historyKind is how a chart is called and its numbers are written.
type historyKind struct {
	title string
	unit  func(float64) string
	// nothing is said where there is no line, note beside those there are.
	nothing, note string
}

const nobodyCounted = "No number in this time: there was no traffic, or nobody counted it."

var historyKinds = map[string]historyKind{
	traffic.ChartRequests:    {"Requests a second, by version", perSecond, nobodyCounted, ""},
	traffic.ChartErrors:      {"Failed requests a second", perSecond, nobodyCounted, "An answer of 5xx, none, or a gRPC status that says the same."},
	traffic.ChartLatency:     {"Time to answer", milliseconds, nobodyCounted, ""},
	traffic.ChartConnections: {"Connections opened a second, at the pods", perSecond, nobodyCounted, ""},
	traffic.ChartFailures:    {"Connections that failed, a second", perSecond, "No ztunnel has ever counted a failure: there were none, or nobody counted.", ""},
	traffic.ChartBytes:       {"Bytes received a second, at the pods", func(v float64) string { return sizeText(v) + "/s" }, nobodyCounted, ""},
}

func perSecond(v float64) string    { return amount(v) + "/s" }
func milliseconds(v float64) string { return amount(v) + " ms" }

func historyFigures(h *traffic.History) []HistoryFigure {
	out := make([]HistoryFigure, 0, len(h.Charts))
	for i := range h.Charts {
		out = append(out, newHistoryFigure(h, &h.Charts[i]))
	}
	addErrorShare(h, out)
	return out
}

func newHistoryFigure(h *traffic.History, c *traffic.HistoryChart) HistoryFigure {
	kind := historyKinds[c.Name]
	f := HistoryFigure{Name: c.Name, Title: kind.title, Why: c.Why, Query: RateQuery{Name: c.Name, PromQL: c.PromQL, URL: c.URL}}
	if f.Why == "" && len(c.Lines) == 0 {
		f.Why = kind.nothing
	}
	if kind.note != "" && len(c.Lines) > 0 {
		f.Notes = append(f.Notes, kind.note)
	}
	lines, left := mostOf(c.Lines)
	if left += c.Dropped; left > 0 {
		f.Notes = append(f.Notes, plural(left, "line")+" with less are not drawn.")
	}
	f.Notes = append(f.Notes, c.Warnings...)
	top := topOf(lines)
	for i := range lines {
		f.Rows = append(f.Rows, newHistoryRow(h, c.Name, &lines[i], i+1, top))
	}
	f.Summary = summaryOf(h, &f)
	return f
}

// mostOf are the lines that can be told apart, with the largest sums, in the
// order they have; left counts the others.
func mostOf(lines []traffic.HistoryLine) (most []traffic.HistoryLine, left int) {
	if len(lines) <= linesDrawn {
		return lines, 0
	}
	place := make([]int, len(lines))
	for i := range place {
		place[i] = i
	}
	slices.SortStableFunc(place, func(a, b int) int { return cmp.Compare(sumOf(lines[b]), sumOf(lines[a])) })
	place = place[:linesDrawn]
	slices.Sort(place)
	for _, i := range place {
		most = append(most, lines[i])
	}
	return most, len(lines) - linesDrawn
}

func sumOf(l traffic.HistoryLine) float64 {
	total := 0.0
	for _, v := range l.Values {
		if !math.IsNaN(v) {
			total += v
		}
	}
	return total
}

func topOf(lines []traffic.HistoryLine) float64 {
	top := 0.0
	for _, l := range lines {
		if _, high, ok := l.Bounds(); ok {
			top = max(top, high)
		}
	}
	return top
}

func newHistoryRow(h *traffic.History, chart string, l *traffic.HistoryLine, line int, top float64) HistoryRow {
	row := HistoryRow{Line: line, Key: l.Name, Spark: sparkOf(l.Values, top)}
	row.Name, row.Meaning = lineName(chart, l.Name)
	unit := historyKinds[chart].unit
	if v, place, ok := l.Last(); ok {
		row.Last = unit(v)
		// The newest moment may be younger than the newest scrape.
		if at := h.At(place); h.To.Sub(at) > 2*h.Step {
			row.LastNote = "at " + momentText(at, h.To) + ", none since"
		}
	}
	if low, high, ok := l.Bounds(); ok {
		row.Low, row.High = unit(low), unit(high)
	}
	return row
}

// lineName is a line as people call it, and what its flag means.
func lineName(chart, name string) (text, meaning string) {
	switch chart {
	case traffic.ChartRequests:
		return orWord(name, "no version"), ""
	case traffic.ChartErrors:
		return "failed", ""
	case traffic.ChartLatency:
		return quantileName(name), ""
	case traffic.ChartFailures:
		reporter, flag, _ := strings.Cut(name, " ")
		where := map[string]string{traffic.ReporterSource: "at the callers", traffic.ReporterDestination: "at the pods", traffic.ReporterWaypoint: "at the waypoint"}[reporter]
		meaning = traffic.ConnectionFlagMeaning(flag)
		if reporter == traffic.ReporterWaypoint {
			meaning = traffic.RequestFlagMeaning(flag)
		}
		return flag + " " + orWord(where, "counted by "+reporter), orWord(meaning, "not known to Waylight")
	}
	return orWord(name, "all"), ""
}

// quantileName is a quantile as people call it: p99 for 0.99.
func quantileName(quantile string) string {
	q, err := strconv.ParseFloat(quantile, 64)
	if err != nil {
		return orWord(quantile, "all")
	}
	return "p" + strconv.FormatFloat(math.Round(1000*q)/10, 'f', -1, 64)
}

// addErrorShare says which part of the requests failed at last.
func addErrorShare(h *traffic.History, figures []HistoryFigure) {
	at := func(name string) int {
		return slices.IndexFunc(h.Charts, func(c traffic.HistoryChart) bool { return c.Name == name })
	}
	requests, failed := at(traffic.ChartRequests), at(traffic.ChartErrors)
	if requests < 0 || failed < 0 || len(h.Charts[failed].Lines) != 1 || h.Charts[requests].Dropped > 0 {
		return
	}
	errors, place, ok := h.Charts[failed].Lines[0].Last()
	all := 0.0
	for _, l := range h.Charts[requests].Lines {
		if ok && !math.IsNaN(l.Values[place]) {
			all += l.Values[place]
		}
	}
	row := &figures[failed].Rows[0]
	switch {
	case !ok:
	case all > 0:
		row.LastNote = joinNotes(percentText(100*min(1, errors/all))+" of requests", row.LastNote)
	default:
		row.LastNote = joinNotes("of no requests", row.LastNote)
	}
}

func joinNotes(a, b string) string {
	if b == "" {
		return a
	}
	return a + ", " + b
}

// summaryOf says in words what the picture shows.
func summaryOf(h *traffic.History, f *HistoryFigure) string {
	text := f.Title + ", " + momentsText(h.From, h.To) + ". "
	if len(f.Rows) == 0 {
		return text + f.Why
	}
	for i := range f.Rows {
		r := &f.Rows[i]
		text += r.Name + ": "
		if r.Last == "" {
			text += "no number. "
			continue
		}
		text += "last " + r.Last + ", lowest " + r.Low + ", highest " + r.High + ". "
	}
	return strings.TrimSpace(text)
}
