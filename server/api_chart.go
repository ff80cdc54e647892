package server

import (
	"math"
	"net/http"

	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/views"
)

// apiChart is how the traffic of a service went over a time: From, and every
// Step seconds until To. All series have one value for each of these moments,
// null where there is none, which is not 0.
type apiChart struct {
	apiRef
	Host  string     `json:"host"`
	Range views.Span `json:"range"`
	From  string     `json:"from"`
	To    string     `json:"to"`
	Step  float64    `json:"step"`
	// Why says why there is nothing, in a sentence; empty where there is.
	Why    string           `json:"why"`
	Source apiSource        `json:"source"`
	Charts []apiChartSeries `json:"charts"`
	// Changes are those of what calls to it meet, the newest first, and
	// MoreChanges how many others there are.
	Changes     []apiPathChange `json:"changes"`
	MoreChanges int             `json:"moreChanges"`
}

// apiChartSeries is one chart. Unit is what a value counts: requests,
// connections and bytes a second, or milliseconds.
type apiChartSeries struct {
	Name     string      `json:"name"`
	Unit     string      `json:"unit"`
	Series   []apiSeries `json:"series"`
	PromQL   string      `json:"promql"`
	URL      string      `json:"url"`
	Dropped  int         `json:"dropped"`
	Warnings []string    `json:"warnings"`
	Why      string      `json:"why"`
}

// apiSeries is a version, a quantile, a flag; its name is empty where there is
// only one.
type apiSeries struct {
	Name   string     `json:"name"`
	Values []*float64 `json:"values"`
}

type apiPathChange struct {
	At     string `json:"at"`
	Object apiRef `json:"object"`
	Did    string `json:"did"`
	By     string `json:"by"`
}

// chartUnits are the units of charts by name.
var chartUnits = map[string]string{
	traffic.ChartRequests: "requests/s", traffic.ChartErrors: "requests/s", traffic.ChartLatency: "ms",
	traffic.ChartConnections: "connections/s", traffic.ChartFailures: "connections/s", traffic.ChartBytes: "bytes/s",
}

func (s *Server) apiServiceChart(w http.ResponseWriter, r *http.Request) error {
	span, ok := views.ParseSpan(r.URL.Query().Get("range"))
	if !ok {
		return badRequest("range is none of %s.", views.SpanNames())
	}
	report := s.report(r)
	o, err := serviceAsked(r, report)
	if err != nil {
		return err
	}
	asked := s.history(r, report, o, span, true)
	out := apiChart{
		apiRef: refOf(o.Ref()), Host: asked.Host, Range: span, Charts: []apiChartSeries{}, Changes: []apiPathChange{},
		Source: apiSource{Name: prometheusSource, State: asked.Source.State, Detail: asked.Source.Detail}, Why: asked.Why(),
	}
	since := report.At.Add(-span.Length())
	if h := asked.History; h != nil {
		since = h.From
		out.From, out.To, out.Step = rfc3339(h.From), rfc3339(h.To), h.Step.Seconds()
		for i := range h.Charts {
			out.Charts = append(out.Charts, chartItem(&h.Charts[i]))
		}
	}
	changes, more := views.PathChanges(report, o, since)
	out.MoreChanges = more
	for _, c := range changes {
		out.Changes = append(out.Changes, apiPathChange{At: rfc3339(c.At), Object: refOf(c.Object), Did: c.Did, By: c.By})
	}
	return writeJSON(w, http.StatusOK, out)
}

func chartItem(c *traffic.HistoryChart) apiChartSeries {
	out := apiChartSeries{
		Name: c.Name, Unit: chartUnits[c.Name], Series: make([]apiSeries, 0, len(c.Lines)),
		PromQL: c.PromQL, URL: c.URL, Dropped: c.Dropped, Warnings: orEmpty(c.Warnings), Why: c.Why,
	}
	for _, l := range c.Lines {
		series := apiSeries{Name: l.Name, Values: make([]*float64, len(l.Values))}
		for i := range l.Values {
			series.Values[i] = known(l.Values[i], !math.IsNaN(l.Values[i]))
		}
		out.Series = append(out.Series, series)
	}
	return out
}
