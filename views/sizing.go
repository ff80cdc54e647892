package views

import (
	"fmt"
	"slices"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// SizingPanel is how busy a waypoint is, replica by replica.
type SizingPanel struct {
	// Unknown says why nothing is known; then the rest is empty.
	Unknown string
	// Note says who counted, Dependents how many objects it serves.
	Note, Dependents string
	Rows             []SizingRow
	// Says are the findings about its size, which stand on the page in full.
	Says []CodeLink
	// Queries are the PromQL behind the numbers, where a Prometheus is asked.
	Queries []RateQuery
}

// SizingRow is one replica.
type SizingRow struct {
	Pod ObjectLink
	// CPU and Memory are against the limits. Cells say why they are unknown.
	CPU, Memory, Connections, Requests CountCell
	// Note is that its counters began anew, or why they are not known.
	Note string
}

// sizingCodes are the checks that speak of a waypoint's size.
var sizingCodes = []string{"WAYPOINT_UNDERSIZED", "WAYPOINT_SINGLE_REPLICA", "WAYPOINT_RESTARTING", "METRICS_ABSENT"}

func newSizingPanel(r *analysis.Report, w *mesh.Waypoint, q Query) SizingPanel {
	c := r.Counts()
	if c == nil {
		return SizingPanel{Unknown: "Its proxies were not counted: there is no Prometheus, and no two readings of them."}
	}
	sizing := c.SizingOf(w)
	p := SizingPanel{Note: countedNote(c.Traffic()), Dependents: plural(sizing.Dependents, "object")}
	for i := range sizing.Replicas {
		p.Rows = append(p.Rows, sizingRow(&sizing.Replicas[i], q))
	}
	for _, f := range r.About(w.Ref()) {
		if slices.Contains(sizingCodes, f.Code) {
			p.Says = append(p.Says, CodeLink{Code: f.Code, URL: templ.SafeURL("#" + findingID(&f))})
		}
	}
	return p
}

func sizingRow(r *traffic.Replica, q Query) SizingRow {
	row := SizingRow{Pod: ObjectLink{Kind: "Pod", Name: r.Pod.Name, URL: q.Links().Workload(r.Pod.Namespace, r.Pod.Name)}, Note: r.Unread}
	if r.Restarted {
		row.Note = "its counters began anew within the window"
	}
	const fromKubelet = "Only a Prometheus that scrapes the kubelets knows it."
	cpu, known := r.CPUShare()
	row.CPU = useCell(r.CPU, amount(r.CPU)+" cores", r.CPULimit, amount(r.CPULimit)+" cores", cpu, known, orWord(r.Unread, fromKubelet))
	memory, known := r.MemoryShare()
	row.Memory = useCell(r.Memory, sizeText(r.Memory), r.MemoryLimit, sizeText(r.MemoryLimit), memory, known, orWord(r.Unread, fromKubelet))
	row.Connections = amountCell(r.Connections, amount(r.Connections), orWord(r.Unread, "It does not say."))
	row.Requests = amountCell(r.Requests, amount(r.PerSecond)+"/s, "+amount(r.Requests)+" in all", orWord(r.Unread, "It does not say."))
	return row
}

// useCell is what is used of a limit. Near the limit it warns.
func useCell(used float64, usedText string, limit float64, limitText string, share float64, known bool, why string) CountCell {
	switch {
	case used < 0:
		return unknownCell(why)
	case limit <= 0:
		return CountCell{Text: usedText + ", no limit", Counted: true}
	}
	cell := CountCell{Text: fmt.Sprintf("%s of %s", usedText, limitText), Counted: true}
	if known {
		cell.Text += " (" + percentText(share) + ")"
		if share > traffic.NearLimit {
			cell.Tone = ui.ToneWarn
		}
	}
	return cell
}

// amountCell is a number that is negative where it is not known.
func amountCell(n float64, text, why string) CountCell {
	if n < 0 {
		return unknownCell(why)
	}
	return CountCell{Text: text, Ready: int(n), Counted: true}
}

// WithQueries adds the PromQL behind the sizing.
func (m WaypointModel) WithQueries(list []RateQuery) WaypointModel {
	if m.Sizing.Unknown == "" {
		m.Sizing.Queries = list
	}
	return m
}
