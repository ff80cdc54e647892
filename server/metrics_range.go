package server

import (
	"context"
	"errors"
	"time"
)

// Metrics draws what a Prometheus has counted over time, for one mesh. It is
// called by many readers at once, and costs Prometheus what one costs. The
// traffic of the last minutes is in snapshots (mesh.Traffic), not here.
type Metrics interface {
	// Range draws a chart. The error is one of this file or a sentence for the
	// reader.
	Range(ctx context.Context, wish MetricRange) (*MetricLines, error)
	// Queries lists the PromQL behind the numbers of the service with a host, to
	// be copied and opened. It is the same whether or not a Prometheus answers,
	// and empty where none is asked.
	Queries(host string) []MetricQuery
	// WaypointQueries and ZtunnelQueries list in the same way what is behind the
	// load of waypoints and of ztunnels, by pod.
	WaypointQueries() []MetricQuery
	ZtunnelQueries() []MetricQuery
}

// MetricChart names a chart of a service.
type MetricChart string

// The charts of a service.
const (
	ChartRequests    MetricChart = "requests"    // a second, by version
	ChartErrors      MetricChart = "errors"      // a second
	ChartLatency     MetricChart = "latency"     // milliseconds, by quantile
	ChartConnections MetricChart = "connections" // opened a second
	ChartFailures    MetricChart = "failures"    // connections a second, by reporter and flag: "source CONNECT"
	ChartBytes       MetricChart = "bytes"       // a second, received
)

// MetricRange is what a chart shall show.
type MetricRange struct {
	Chart MetricChart
	// Host is the service's, as destination_service has it.
	Host string
	// From and To are five minutes to seven days apart.
	From, To time.Time
}

// MetricLines is a chart. From and To are what was asked for, moved to whole
// steps, so that viewers share answers.
type MetricLines struct {
	From, To time.Time
	Step     time.Duration
	Lines    []MetricLine
	Query    MetricQuery
	// Dropped counts lines that were too many; Warnings are what Prometheus
	// said beside the numbers.
	Dropped  int
	Warnings []string
}

// MetricLine is one line: a version, a quantile, a flag. Its name is empty where
// there is only one. A point that is missing is no zero: there was no traffic,
// or nobody counted.
type MetricLine struct {
	Name   string
	Points []MetricPoint
}

// MetricPoint is one number of a line.
type MetricPoint struct {
	At    time.Time
	Value float64
}

// MetricQuery is a query with a name, and where it can be opened; URL is empty
// where no address of Prometheus for people is known.
type MetricQuery struct{ Name, PromQL, URL string }

// Errors of charts.
var (
	// ErrNoMetrics says that no Prometheus answers, and its source why.
	ErrNoMetrics = errors.New("no Prometheus answers")
	// ErrTooManyCharts says that Prometheus is spared for a moment.
	ErrTooManyCharts = errors.New("too many charts were asked for within a minute")
	// ErrNoSuchChart refuses a chart or a time that there is not.
	ErrNoSuchChart = errors.New("there is no such chart, or it does not show so short or long a time")
)
