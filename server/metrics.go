package server

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are Waylight's own, served at /metrics.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	build    prometheus.Histogram
	assess   prometheus.Histogram
	levels   *prometheus.CounterVec
	// logLines and logDropped count what went, and what did not go, over streams
	// of logs.
	logLines, logDropped prometheus.Counter
	prometheus           *prometheusMetrics
}

// buildBuckets reach from one changed pod to a whole large mesh.
var buildBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}

// newMetrics registers everything with a registry of its own: tests make many
// servers in one process.
func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "waylight_http_request_duration_seconds",
			Help:    "Time to answer, by route pattern and status. Event streams are left out.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, 1},
		}, []string{"route", "status"}),
		build: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "waylight_snapshot_build_seconds",
			Help:    "Time to rebuild what changed and put a snapshot together.",
			Buckets: buildBuckets,
		}),
		assess: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "waylight_assess_seconds",
			Help:    "Time to run all checks over a snapshot.",
			Buckets: buildBuckets,
		}),
		levels: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waylight_log_level_changes_total",
			Help: "Changes of the log level of a ztunnel that were tried, by action (set, reset, return) and result (done, failed).",
		}, []string{"action", "result"}),
		logLines:   prometheus.NewCounter(prometheus.CounterOpts{Name: "waylight_log_lines_sent_total", Help: "Lines sent over streams of logs."}),
		logDropped: prometheus.NewCounter(prometheus.CounterOpts{Name: "waylight_log_lines_dropped_total", Help: "Lines that streams of logs left out, as far as they could be counted. Each stream says so where they are missing."}),
	}
	findings := findingsCollector{server: s, desc: prometheus.NewDesc("waylight_findings", "Findings of the newest snapshot.", []string{"code", "severity"}, nil)}
	streams := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "waylight_event_streams", Help: "Open event streams."}, func() float64 { return float64(s.streams.Load()) })
	logs := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "waylight_log_streams", Help: "Open streams of logs."}, func() float64 { return float64(s.logStreams.count()) })
	m.registry.MustRegister(logs, m.logLines, m.logDropped)
	m.registry.MustRegister(m.requests, m.build, m.assess, m.levels, findings, streams, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.prometheus = newPrometheusMetrics(m.registry)
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// ObserveBuild notes how long a snapshot and its report took to make.
func (s *Server) ObserveBuild(snapshot, report time.Duration) {
	s.metrics.build.Observe(snapshot.Seconds())
	s.metrics.assess.Observe(report.Seconds())
}

// ObserveLogLevel counts a change of a ztunnel's log level that was tried.
func (s *Server) ObserveLogLevel(action string, err error) {
	result := "done"
	if err != nil {
		result = "failed"
	}
	s.metrics.levels.WithLabelValues(action, result).Inc()
}

// findingsCollector counts the findings of the first world when it is scraped.
type findingsCollector struct {
	server *Server
	desc   *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (c findingsCollector) Describe(ch chan<- *prometheus.Desc) { ch <- c.desc }

// Collect implements prometheus.Collector.
func (c findingsCollector) Collect(ch chan<- prometheus.Metric) {
	type key struct{ code, severity string }
	counts := make(map[key]int)
	for _, f := range c.server.worlds[c.server.worldNames[0]].report.Load().Findings {
		counts[key{f.Code, string(f.Severity)}]++
	}
	for k, n := range counts {
		ch <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, float64(n), k.code, k.severity)
	}
}
