package server

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// prometheusMetrics count what Prometheus is asked for.
type prometheusMetrics struct {
	queries  *prometheus.CounterVec
	duration prometheus.Histogram
}

func newPrometheusMetrics(registry *prometheus.Registry) *prometheusMetrics {
	m := &prometheusMetrics{
		queries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waylight_prometheus_queries_total",
			Help: "Queries that were sent to a Prometheus, by name and result (answered, failed).",
		}, []string{"query", "result"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "waylight_prometheus_query_duration_seconds",
			Help:    "Time that Prometheus took to answer a query.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15},
		}),
	}
	registry.MustRegister(m.queries, m.duration)
	return m
}

// ObservePrometheus notes a query to a Prometheus. Its name is one of a few.
func (s *Server) ObservePrometheus(query string, took time.Duration, err error) {
	result := "answered"
	if err != nil {
		result = "failed"
	}
	s.metrics.prometheus.queries.WithLabelValues(query, result).Inc()
	s.metrics.prometheus.duration.Observe(took.Seconds())
}
