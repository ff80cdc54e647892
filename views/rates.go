package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// RatesTab is what was counted of a service over the last minutes.
type RatesTab struct {
	// History are the charts; nil where they are not asked for.
	History *HistoryPanel
	// Unknown says why nothing is known; then the rest is empty.
	Unknown string
	// Note says who counted, over how long, as of when.
	Note string
	// Gaps name what would have counted some of it and was not read, Warnings what
	// else is missing of the numbers or wrong with them. PartialSince is from when
	// on Prometheus has not had all of them; zero while it has.
	Gaps, Warnings []string
	PartialSince   time.Time

	Split    SplitPanel
	Versions []RateRow
	Callers  []RateRow
	Links    []LinkRow
	Edges    []LinkRow
	// Passage says in a sentence how many connections came by the waypoint; empty
	// where none is bound. PassageTone is bad where some came past it.
	Passage     string
	PassageTone ui.Tone
	// Queries are the PromQL behind the numbers, where a Prometheus is asked.
	Queries []RateQuery
}

// RateQuery is a query to copy, with the address it can be opened at, if that is
// known.
type RateQuery struct {
	Name, PromQL, URL string
}

// SplitPanel shows declared and observed shares side by side.
type SplitPanel struct {
	// Unknown says why there are no shares; empty where there are.
	Unknown string
	// Note is the sample and why it is not judged, if it is not.
	Note string
	Rows []SplitRow
}

// SplitRow is one version.
type SplitRow struct {
	Name, Declared, Observed, Interval, Count string
	// Drifts tells that chance does not explain the difference.
	Drifts bool
	// Bar draws the interval; nil without traffic.
	Bar *IntervalBar
}

// IntervalBar is an interval on a line from 0 to 100, in percent. Declared is
// negative where nothing is declared.
type IntervalBar struct{ Low, High, Observed, Declared float64 }

// RateRow are requests of one version or caller.
type RateRow struct {
	Name, Rate, Errors, Codes, P50, P90, P99 string
	ErrorTone                                ui.Tone
}

// LinkRow are connections that have something in common.
type LinkRow struct {
	Name, Opened, Failed, Flags, Received, Sent, MTLS string
	FailedTone, MTLSTone                              ui.Tone
}

// WithQueries adds the PromQL behind the numbers to the tab that shows them.
func (m ServiceModel) WithQueries(list []RateQuery) ServiceModel {
	if m.Tab == TabRates && m.Rates.Unknown == "" {
		m.Rates.Queries = list
	}
	return m
}

// WithHistory adds the charts to the tab that shows them.
func (m ServiceModel) WithHistory(r *analysis.Report, q Query, asked HistoryAsked) ServiceModel {
	o := r.Snap.Lookup(mesh.Ref{Kind: m.Kind, Namespace: m.Namespace, Name: m.Name})
	if m.Tab == TabRates && o != nil {
		m.Rates.History = newHistoryPanel(r, q, o, asked)
		if asked.Source.State == mesh.SourcePartial {
			m.Rates.PartialSince = sinceOf(asked.Source)
		}
	}
	return m
}

// noTraffic stands where a share would be of nothing.
const noTraffic = "no traffic"

func newRatesTab(r *analysis.Report, ref mesh.Ref) RatesTab {
	s, known := r.Counts().ServiceOf(ref)
	if !known {
		return RatesTab{Unknown: capital(s.Split.Why) + "."}
	}
	counted := r.Counts().Traffic()
	t := RatesTab{Note: countedNote(counted), Warnings: counted.Warnings, Split: newSplitPanel(&s.Split)}
	for _, g := range s.Gaps {
		t.Gaps = append(t.Gaps, g.Proxy.NamespacedName()+" was not counted: "+g.Reason)
	}
	t.Versions, t.Callers = rateRows(s.Versions, "no version"), rateRows(s.Callers, "unknown caller")
	t.Links = []LinkRow{linkRow("at the callers' ztunnels", &s.Opened), linkRow("at the ztunnels before the pods", &s.Arrived)}
	for i := range s.Edges {
		t.Edges = append(t.Edges, linkRow(orWord(s.Edges[i].Name, "unknown caller"), &s.Edges[i]))
	}
	t.Passage, t.PassageTone = passageText(s.Passage)
	return t
}

// countedNote says who counted, over how long and as of when.
func countedNote(t *mesh.Traffic) string {
	who := "by two readings of the proxies"
	if t.Source == mesh.TrafficFromPrometheus {
		who = "by Prometheus"
	}
	return fmt.Sprintf("%s, over %s, as of %s", who, t.Window, t.At.UTC().Format("15:04:05 UTC"))
}

func newSplitPanel(s *traffic.Split) SplitPanel {
	if !s.Known {
		return SplitPanel{Unknown: capital(s.Why) + "."}
	}
	p := SplitPanel{Note: plural(s.Sample, "request") + " with a version"}
	for _, o := range s.Elsewhere {
		p.Note += fmt.Sprintf("; %d to %s, which no route declares", o.Count, o.Name)
	}
	if s.Refused > 0 {
		p.Note += fmt.Sprintf("; %d answered by the waypoint itself", s.Refused)
	}
	if s.Lost > 0 {
		p.Note += fmt.Sprintf("; %d failed before a version had them", s.Lost)
	}
	if s.Unjudged != "" && s.Sample > 0 {
		p.Note += "; not judged: " + s.Unjudged
	}
	for i := range s.Versions {
		p.Rows = append(p.Rows, splitRow(&s.Versions[i], s.Sample))
	}
	return p
}

func splitRow(v *traffic.VersionShare, sample int) SplitRow {
	row := SplitRow{Name: v.Title, Declared: "by match only", Observed: noTraffic, Count: number(v.Count), Drifts: v.Drifts}
	if v.Share >= 0 {
		row.Declared = percentText(v.Share)
	}
	if sample > 0 {
		row.Observed, row.Interval = percentText(v.Observed), percentText(v.Low)+" to "+percentText(v.High)
		row.Bar = &IntervalBar{Low: v.Low, High: v.High, Observed: v.Observed, Declared: v.Share}
	}
	return row
}

// percentText is a percentage with one decimal where that says something.
func percentText(percent float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(percent, 'f', 1, 64), ".0") + " %"
}

func rateRows(list []traffic.Requests, nameless string) []RateRow {
	var out []RateRow
	for i := range list {
		r := &list[i]
		if r.Count == 0 {
			continue
		}
		row := RateRow{Name: orWord(r.Name, nameless), Rate: amount(r.PerSecond) + "/s", Errors: noTraffic, Codes: codesText(r.Codes)}
		if e, ok := r.ErrorShare(); ok {
			row.Errors = percentText(e)
			if e > 0 {
				row.ErrorTone = ui.ToneBad
			}
		}
		row.P50, row.P90, row.P99 = latencyText(r.P50), latencyText(r.P90), latencyText(r.P99)
		out = append(out, row)
	}
	return out
}

// codesShown bounds the kinds of answers that are listed.
const codesShown = 6

func codesText(codes []traffic.CodeCount) string {
	var out []string
	for _, c := range codes[:min(len(codes), codesShown)] {
		text := orWord(c.Code, "no status")
		if c.GRPCStatus != "" {
			text += " grpc " + c.GRPCStatus
		}
		if c.Flags != "" && c.Flags != traffic.NoFlag {
			text += " " + c.Flags
			if meaning := traffic.RequestFlagMeaning(c.Flags); meaning != "" {
				text += " (" + meaning + ")"
			}
		}
		out = append(out, text+": "+amount(c.Count))
	}
	if more := len(codes) - codesShown; more > 0 {
		out = append(out, moreLine(more))
	}
	return strings.Join(out, ", ")
}

// latencyText is a quantile; empty where it is not known.
func latencyText(l *traffic.Latency) string {
	if l == nil {
		return ""
	}
	text := amount(l.Milliseconds) + " ms"
	if l.Above {
		return "over " + text
	}
	return text
}

// amount is a number with as many digits as a reader needs.
func amount(n float64) string {
	switch {
	case n == 0:
		return "0"
	case n < 1:
		return strconv.FormatFloat(n, 'g', 2, 64)
	case n < 10:
		return strings.TrimSuffix(strconv.FormatFloat(n, 'f', 1, 64), ".0")
	}
	return strconv.FormatFloat(n, 'f', 0, 64)
}

func linkRow(name string, x *traffic.Connections) LinkRow {
	row := LinkRow{
		Name: name, Opened: amount(x.Opened), Failed: noTraffic, MTLS: noTraffic,
		Received: sizeText(x.BytesReceived), Sent: sizeText(x.BytesSent),
	}
	if f, ok := x.FailedShare(); ok {
		row.Failed = percentText(f)
		if f > 0 {
			row.FailedTone = ui.ToneBad
		}
	}
	if m, ok := x.MTLSShare(); ok {
		row.MTLS, row.MTLSTone = percentText(m), ui.ToneGood
		if m < 100 {
			row.MTLSTone = ui.ToneWarn
		}
	}
	row.Flags = flagsText(x.Ended)
	return row
}

// flagsText says how connections ended that ended with a flag.
func flagsText(list []traffic.FlagCount) string {
	var out []string
	for _, f := range list {
		out = append(out, fmt.Sprintf("%s %s: %s", amount(f.Count), f.Flag, orWord(f.Meaning, "not known to Waylight")))
	}
	return strings.Join(out, ", ")
}

func sizeText(n float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1 << 30, " GiB"}, {1 << 20, " MiB"}, {1 << 10, " KiB"}} {
		if n >= unit.size {
			return amount(n/unit.size) + unit.name
		}
	}
	return amount(n) + " B"
}

func passageText(p *traffic.Passage) (string, ui.Tone) {
	if p == nil {
		return "", ui.ToneNone
	}
	by, known := p.Share()
	if !known {
		return "No connection arrived at the pods in the window, so whether calls pass the waypoint was not seen.", ui.ToneUnknown
	}
	if len(p.Others) == 0 {
		return fmt.Sprintf("All %s connections that arrived at the pods came from the waypoint's own identity.", amount(p.All)), ui.ToneGood
	}
	var past []string
	for i := range p.Others {
		past = append(past, orWord(p.Others[i].Name, "unknown callers")+" ("+amount(p.Others[i].Opened)+")")
	}
	return fmt.Sprintf("%s of %s connections that arrived at the pods came from the waypoint's own identity; past it came %s.", percentText(by), amount(p.All), sentenceList(past)), ui.ToneWarn
}

// bypassText is the proof that calls go past the waypoint; empty for none.
func bypassText(p *traffic.Passage) string {
	if text, tone := passageText(p); tone == ui.ToneWarn {
		return text
	}
	return ""
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
