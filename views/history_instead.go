package views

import (
	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
)

// HistoryInstead are the newest numbers of a service, shown where there is no
// chart.
type HistoryInstead struct {
	// Note says who counted, over how long and as of when.
	Note string
	Rows []InsteadRow
}

// InsteadRow is a number with its name.
type InsteadRow struct{ Name, Value string }

// newHistoryInstead is nil where nothing was counted at all.
func newHistoryInstead(r *analysis.Report, ref mesh.Ref) *HistoryInstead {
	s, known := r.Counts().ServiceOf(ref)
	if !known {
		return nil
	}
	t := r.Counts().Traffic()
	in := &HistoryInstead{Note: countedNote(t)}
	nothing := noTraffic
	if n := len(s.Gaps); n > 0 {
		nothing = "not known: " + plural(n, "proxy", "proxies") + " of it not counted"
	}
	if s.Passage != nil || s.Requests.Count > 0 {
		in.requests(&s.Requests, nothing)
	}
	in.connections(&s.Arrived, r.Counts().PerSecond, nothing)
	return in
}

func (in *HistoryInstead) add(name, value string) {
	in.Rows = append(in.Rows, InsteadRow{Name: name, Value: value})
}

func (in *HistoryInstead) requests(q *traffic.Requests, nothing string) {
	share, ok := q.ErrorShare()
	if !ok {
		in.add("Requests", nothing)
		return
	}
	in.add("Requests", perSecond(q.PerSecond))
	in.add("Failed", percentText(share))
	for _, l := range []struct {
		name string
		of   *traffic.Latency
	}{{"p50", q.P50}, {"p90", q.P90}, {"p99", q.P99}} {
		in.add(l.name, orWord(latencyText(l.of), "not known"))
	}
}

func (in *HistoryInstead) connections(x *traffic.Connections, rate func(float64) float64, nothing string) {
	share, ok := x.FailedShare()
	if !ok {
		in.add("Connections at the pods", nothing)
		return
	}
	in.add("Connections opened at the pods", perSecond(x.PerSecond))
	in.add("Connections that failed", percentText(share))
	in.add("Bytes received", sizeText(rate(x.BytesReceived))+"/s")
}
