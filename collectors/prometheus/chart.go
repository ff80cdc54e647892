package prometheus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
)

// Queries for charts of one service. $host is destination_service, $rate the
// time that each point looks back.
const (
	// ChartRequests is requests a second by version.
	ChartRequests = `sum by (destination_version) (rate(istio_requests_total{reporter="waypoint",destination_service="$host"}[$rate]))`
	// ChartErrors is requests a second that failed on the server's side: an
	// answer from 500 on, none, or a gRPC status that says the same (see
	// traffic.Failed). It is 0 only where requests were counted at all.
	ChartErrors = `sum(rate(istio_requests_total{reporter="waypoint",destination_service="$host",response_code=~"5..|0"}[$rate])` +
		` or rate(istio_requests_total{reporter="waypoint",destination_service="$host",grpc_response_status=~"2|4|12|13|14|15"}[$rate]))` +
		` or 0 * sum(rate(istio_requests_total{reporter="waypoint",destination_service="$host"}[$rate]))`
	// ChartLatency is the 50th, 90th and 99th percentile, in milliseconds.
	ChartLatency = `label_replace(histogram_quantile(0.5, sum by (le) (rate(istio_request_duration_milliseconds_bucket{reporter="waypoint",destination_service="$host"}[$rate]))), "quantile", "0.5", "", "") or ` +
		`label_replace(histogram_quantile(0.9, sum by (le) (rate(istio_request_duration_milliseconds_bucket{reporter="waypoint",destination_service="$host"}[$rate]))), "quantile", "0.9", "", "") or ` +
		`label_replace(histogram_quantile(0.99, sum by (le) (rate(istio_request_duration_milliseconds_bucket{reporter="waypoint",destination_service="$host"}[$rate]))), "quantile", "0.99", "", "")`
	// ChartConnections is TCP connections a second as the ztunnels of the
	// service's pods count them.
	ChartConnections = `sum(rate(istio_tcp_connections_opened_total{reporter="destination",destination_service="$host"}[$rate]))`
	// ChartFailures is connections a second that were closed with flags, by flag
	// and by which ztunnel says so: one that never arrived is counted by its
	// caller's only. The two are named in one label, "source CONNECT".
	ChartFailures = `label_join(sum by (reporter, response_flags) (rate(istio_tcp_connections_closed_total{destination_service="$host",response_flags!~"-|"}[$rate])), "end", " ", "reporter", "response_flags")`
	// ChartBytes is bytes a second that the service's pods received.
	ChartBytes = `sum(rate(istio_tcp_received_bytes_total{reporter="destination",destination_service="$host"}[$rate]))`
)

// charts are the queries by the names that pages use, each with the label that
// tells its lines apart.
var charts = map[string]struct{ promQL, label string }{
	"requests":    {ChartRequests, "destination_version"},
	"errors":      {ChartErrors, ""},
	"latency":     {ChartLatency, "quantile"},
	"connections": {ChartConnections, ""},
	"failures":    {ChartFailures, "end"},
	"bytes":       {ChartBytes, ""},
}

// ChartNames lists the charts there are.
func ChartNames() []string {
	return []string{"requests", "errors", "latency", "connections", "failures", "bytes"}
}

// Bounds of a chart.
const (
	maxPoints = 300
	maxLines  = 50
	// MinRange and MaxRange are the shortest and longest time shown.
	MinRange = 5 * time.Minute
	MaxRange = 7 * 24 * time.Hour
	// shortestRate is the least that a point looks back: at the usual pace of
	// scrapes, of up to a minute, there are two in it.
	shortestRate = 2 * time.Minute
)

// steps are the times between points to choose from.
var steps = []time.Duration{
	5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
	10 * time.Minute, 15 * time.Minute, 20 * time.Minute, 30 * time.Minute, time.Hour,
}

// stepOf is the shortest step that makes no more points than are shown.
func stepOf(length time.Duration) time.Duration {
	for _, s := range steps {
		if length/s < maxPoints {
			return s
		}
	}
	return steps[len(steps)-1]
}

// Chart is an answer for a chart.
type Chart struct {
	PromQL   string
	Link     string // on the page of Prometheus itself; empty if unknown
	From, To time.Time
	Step     time.Duration
	Lines    []Line
	// Dropped counts lines that were too many. Warnings are what Prometheus
	// said beside them.
	Dropped  int
	Warnings []string
}

// Line is one line of a chart. A point that is missing had no traffic, or
// nobody counted.
type Line struct {
	Name   string
	Points []Point
}

// Point is one number.
type Point struct {
	At    time.Time
	Value float64
}

// Errors of charts.
var (
	ErrNoChart   = errors.New("there is no such chart")
	ErrNotAsked  = errors.New("there is no Prometheus that answers")
	ErrTooMany   = errors.New("too many charts were asked for within a minute; it is asked again soon")
	ErrBadPeriod = fmt.Errorf("a chart shows from %s to %s", duration(MinRange), duration(MaxRange))
)

// Chart asks for a chart of the service whose destination_service is host. What
// many look at is asked for once.
func (s *Source) Chart(ctx context.Context, name, host string, from, to time.Time) (*Chart, error) {
	what, ok := charts[name]
	if !ok {
		return nil, ErrNoChart
	}
	length := to.Sub(from)
	if length < MinRange || length > MaxRange {
		return nil, ErrBadPeriod
	}
	step := stepOf(length)
	c := Chart{From: from.Truncate(step).UTC(), To: to.Truncate(step).UTC(), Step: step}
	c.PromQL = ChartPromQL(name, host, step)
	c.Link = s.link(c.PromQL)
	return s.charts.join(ctx, chartKey{c.PromQL, c.From, c.To}, func(ctx context.Context) (*Chart, error) {
		return s.ask(ctx, "chart of "+name, c, what.label)
	})
}

// ChartPromQL is the query of a chart, empty if there is no such chart.
func ChartPromQL(name, host string, step time.Duration) string {
	return strings.NewReplacer("$host", escaped(host), "$rate", duration(max(step, shortestRate))).Replace(charts[name].promQL)
}

// escaped writes a text so that it can stand within the quotes of PromQL.
func escaped(text string) string {
	quoted := strconv.Quote(text)
	return quoted[1 : len(quoted)-1]
}

// ask fills a chart.
func (s *Source) ask(ctx context.Context, name string, c Chart, label string) (*Chart, error) {
	s.mu.Lock()
	of := s.client
	s.mu.Unlock()
	if of == nil {
		return nil, ErrNotAsked
	}
	ctx, cancel := context.WithTimeout(ctx, of.timeout)
	defer cancel()
	began := time.Now()
	value, warnings, err := of.rangeOf(ctx, c)
	s.opts.Observe(name, time.Since(began), err)
	if err != nil {
		return nil, err
	}
	for _, w := range warnings[:min(len(warnings), maxWarnings)] {
		c.Warnings = append(c.Warnings, plain(w))
	}
	c.add(value, label)
	return &c, nil
}

// rangeOf asks for what a chart shows.
func (c *client) rangeOf(ctx context.Context, chart Chart) (model.Matrix, v1.Warnings, error) {
	value, warnings, _, err := v1.NewAPI(c.api).QueryRange(ctx, chart.PromQL, v1.Range{Start: chart.From, End: chart.To, Step: chart.Step})
	if said, ok := errors.AsType[*v1.Error](err); ok {
		return nil, nil, &Failure{Detail: "It says: " + plain(said.Msg) + "."}
	}
	if err != nil {
		return nil, nil, c.unreachable(err)
	}
	matrix, ok := value.(model.Matrix)
	if !ok {
		return nil, nil, &Failure{Detail: "It answered something else than a chart."}
	}
	return matrix, warnings, nil
}

// add takes the lines with the highest last values first, as many as fit.
func (c *Chart) add(matrix model.Matrix, label string) {
	for _, stream := range matrix {
		line := Line{Name: plain(string(stream.Metric[model.LabelName(label)]))}
		for _, p := range stream.Values[:min(len(stream.Values), maxPoints+1)] {
			if v := float64(p.Value); !math.IsNaN(v) && !math.IsInf(v, 0) {
				line.Points = append(line.Points, Point{At: p.Timestamp.Time().UTC(), Value: v})
			}
		}
		if len(line.Points) > 0 {
			c.Lines = append(c.Lines, line)
		}
	}
	slices.SortFunc(c.Lines, func(a, b Line) int { return cmp.Or(cmp.Compare(b.sum(), a.sum()), strings.Compare(a.Name, b.Name)) })
	c.Dropped = max(0, len(c.Lines)-maxLines)
	c.Lines = c.Lines[:min(len(c.Lines), maxLines)]
	slices.SortFunc(c.Lines, func(a, b Line) int { return strings.Compare(a.Name, b.Name) })
}

func (l Line) sum() float64 {
	total := 0.0
	for _, p := range l.Points {
		total += p.Value
	}
	return total
}

// NamedQuery is a query that can be copied, and opened in Prometheus.
type NamedQuery struct{ Name, PromQL, Link string }

// Queries lists the queries behind the numbers of a service over a window.
func (s *Source) Queries(host string) []NamedQuery {
	return s.filledIn(serviceQueries, host)
}

// WaypointQueries lists the queries behind the load of waypoints, by pod.
func (s *Source) WaypointQueries() []NamedQuery { return s.filledIn(waypointQueries, "") }

// ZtunnelQueries lists the queries behind the load of ztunnels, by pod.
func (s *Source) ZtunnelQueries() []NamedQuery { return s.filledIn(ztunnelQueries, "") }

// filledIn puts the window and the host into queries.
func (s *Source) filledIn(list []NamedQuery, host string) []NamedQuery {
	out := make([]NamedQuery, 0, len(list))
	for _, q := range list {
		promQL := strings.ReplaceAll(over(q.PromQL, s.opts.Window), "$host", escaped(host))
		out = append(out, NamedQuery{Name: q.Name, PromQL: promQL, Link: s.link(promQL)})
	}
	return out
}

// openAt is the page of a Prometheus with a query; empty without an address.
func openAt(external, promQL string) string {
	if external == "" {
		return ""
	}
	return strings.TrimRight(external, "/") + "/graph?" + url.Values{"g0.expr": {promQL}, "g0.tab": {"1"}}.Encode()
}
